"""Clicks counted by day and by all that reports ask for."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.tracking.models.clicks import REASONS


class ClickTally(models.Model):
    """How many clicks share a day, link, placement, product, country and reason ("" = valid).

    The loader keeps it in the transaction that stores the clicks, so reports never scan clicks.
    """

    #: All of the fields that identify the row in one text: NULLs would defeat a unique constraint over them.
    key = models.CharField(max_length=120, unique=True, editable=False)
    day = models.DateField(_("day"))
    creator = models.ForeignKey(
        "community.Creator", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="+", db_index=False)
    placement = models.ForeignKey(
        "tracking.Placement", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    link = models.ForeignKey("tracking.Link", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey("catalogue.Product", null=True, on_delete=models.SET_NULL, related_name="+")
    country = models.CharField(_("country"), max_length=2, blank=True)
    reason = models.CharField(_("reason"), max_length=12, blank=True, choices=REASONS)
    count = models.BigIntegerField(_("clicks"), default=0)

    class Meta:
        verbose_name = _("click tally")
        verbose_name_plural = _("click tallies")
        indexes = [
            models.Index(fields=("day", "merchant"), name="tally_by_day"),
            models.Index(fields=("creator", "day"), name="tally_of_creator"),
            models.Index(fields=("merchant", "day"), name="tally_at_merchant"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(count__gte=0),
                name="a_click_tally_is_not_negative",
                violation_error_message=_("A number of clicks cannot be negative."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
