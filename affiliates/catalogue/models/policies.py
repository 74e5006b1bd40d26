"""What a data source lets us do with what it tells us."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class SourcePolicy(models.Model):
    """What a data source allows: keep history, alert, how old a price may be shown, keep images."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    may_keep_history = models.BooleanField(_("history may be kept"), default=True)
    may_alert = models.BooleanField(_("alerts may be sent"), default=True)
    max_price_age_hours = models.PositiveIntegerField(
        _("a price may be shown for hours"),
        default=48,
        validators=[MinValueValidator(1), MaxValueValidator(8760)],
    )
    may_cache_images = models.BooleanField(_("images may be kept"), default=True)

    class Meta:
        verbose_name = _("source policy")
        verbose_name_plural = _("source policies")

    def __str__(self) -> str:
        return self.name
