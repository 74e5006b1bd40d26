"""Closed months and the seals over the books."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.earnings.domain.periods import Month


class Seal(models.Model):
    """A digest over the seal before and the transfers since. Never changed, never deleted."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    through_seq = models.BigIntegerField(_("through transfer"), unique=True)
    count = models.PositiveIntegerField(_("transfers"))
    previous = models.CharField(_("previous digest"), max_length=64)
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    #: Number and beginning of the hash of each transfer, to name the first that differs.
    leaves = models.BinaryField()
    sealed_at = models.DateTimeField(_("sealed"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        ordering = ("number",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(number__gte=1, count__gte=1), name="a_seal_covers_at_least_one_transfer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}: {self.digest}"


class Period(models.Model):
    """A month that was closed; there is no row for an open one. Never changed, never deleted."""

    month = models.CharField(_("month"), max_length=7, unique=True)
    starts_at = models.DateTimeField(_("starts"), unique=True)
    ends_at = models.DateTimeField(_("ends"), unique=True)
    #: The last transfer booked when it was closed: whatever came later is effective later too.
    through_seq = models.BigIntegerField(_("through transfer"))
    seal = models.ForeignKey(Seal, null=True, on_delete=models.PROTECT, related_name="periods", verbose_name=_("seal"))
    closed_at = models.DateTimeField(_("closed"))
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("closed by")
    )

    class Meta:
        verbose_name = _("closed month")
        verbose_name_plural = _("closed months")
        ordering = ("-ends_at",)
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closed_at__gte=models.F("ends_at")), name="a_month_is_closed_after_it_ended"
            )
        ]

    def __str__(self) -> str:
        return self.month

    def as_month(self) -> Month:
        """The month in arithmetic."""
        return Month.parse(self.month)


class StatementRun(models.Model):
    """All statements of a closed month are issued; until there is a row, the worker goes on issuing them."""

    period = models.OneToOneField(Period, on_delete=models.PROTECT, related_name="run", verbose_name=_("month"))
    finished_at = models.DateTimeField(_("finished"))

    class Meta:
        verbose_name = _("run of statements")
        verbose_name_plural = _("runs of statements")

    def __str__(self) -> str:
        return str(self.period)
