"""Who was credited with an order, and why."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Attribution(models.Model):
    """One decision about who is credited with an order. Append-only: the latest one stands.

    `touches` lists each touch considered as {click_id, coupon, exclusive, creator_id, placement, guide, at, join,
    considered, why, share}, the code first; `share` is in hundredths of a percent. Those of version 1 lack coupon,
    exclusive, join and share.
    """

    conversion = models.ForeignKey("earnings.Conversion", on_delete=models.PROTECT, related_name="attributions")
    model = models.CharField(_("model"), max_length=16)
    rule_version = models.PositiveSmallIntegerField(_("version of the attribution rules"))
    window_days = models.PositiveSmallIntegerField(_("window in days"), null=True)
    click = models.ForeignKey("tracking.Click", null=True, on_delete=models.PROTECT, related_name="+")
    creator = models.ForeignKey("community.Creator", null=True, on_delete=models.PROTECT, related_name="+")
    placement_ref = models.CharField(_("guide"), max_length=20, blank=True)
    placement_title = models.CharField(_("guide's title"), max_length=255, blank=True)
    touches = models.JSONField(_("touches"), default=list)
    reason = models.CharField(_("reason"), max_length=40)
    decided_at = models.DateTimeField(_("decided"))

    class Meta:
        verbose_name = _("attribution")
        verbose_name_plural = _("attributions")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.reason
