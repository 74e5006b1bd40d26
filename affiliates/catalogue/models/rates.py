"""Dated reference rates of exchange: for comparing and for estimates, never for booking."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ExchangeRate(models.Model):
    """How many of `currency` one of `base` was worth on a day, as a source published it.

    `rate_e8` is the rate times 10^8: an integer, since SQLite keeps decimals as floats.
    """

    base = models.CharField(_("base"), max_length=3, default="EUR")
    currency = models.CharField(_("currency"), max_length=3)
    on = models.DateField(_("day"))
    rate_e8 = models.BigIntegerField(_("rate × 10⁸"))
    source = models.CharField(_("source"), max_length=40, default="ECB")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-on", "currency")
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(fields=["base", "currency", "on", "source"], name="a_rate_is_published_once_a_day"),
            models.CheckConstraint(condition=Q(rate_e8__gt=0), name="a_rate_is_positive"),
        ]
        indexes = [models.Index(fields=["currency", "-on"], name="rate_currency_day")]

    def __str__(self) -> str:
        return f"{self.base}/{self.currency} {self.on}"
