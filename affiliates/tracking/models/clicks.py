"""Clicks, written once, and the verdict beside each."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.tracking.domain.validity import CREDITABLE, Reason

REASONS = [
    (Reason.DISABLED.value, _("link switched off")),
    (Reason.PREFETCH.value, _("fetched ahead by a browser")),
    (Reason.HEAD.value, _("only asked for headers")),
    (Reason.BOT.value, _("known robot")),
    (Reason.PREVIEW.value, _("link preview")),
    (Reason.AGENT.value, _("no believable browser")),
    (Reason.FORCED.value, _("loaded inside another page")),
    (Reason.SELF.value, _("the creator's own click")),
    (Reason.DOUBLE_CLICK.value, _("clicked twice")),
    (Reason.REPEAT.value, _("same visitor within the hour")),
    (Reason.RATE.value, _("too many clicks in a minute")),
]


class ClickQuerySet(models.QuerySet["Click"]):
    """What one asks of clicks."""

    def valid(self) -> ClickQuerySet:
        """Clicks that count."""
        return self.filter(verdict__is_valid=True)

    def creditable(self) -> ClickQuerySet:
        """Clicks an order may be credited to: the valid ones, doubles, repeats and bursts."""
        return self.filter(verdict__reason__in=["", *CREDITABLE])

    def between(self, since: dt.datetime | None, until: dt.datetime | None) -> ClickQuerySet:
        """Clicks from `since` on and before `until`."""
        found = self
        if since is not None:
            found = found.filter(at__gte=since)
        if until is not None:
            found = found.filter(at__lt=until)
        return found


class Click(models.Model):
    """One follow of a link. Never changed, never deleted: triggers in the database refuse it."""

    click_id = models.CharField(_("click id"), max_length=32, unique=True)
    at = models.DateTimeField(_("at"))
    link = models.ForeignKey("tracking.Link", on_delete=models.PROTECT, related_name="clicks", db_index=False)
    creator = models.ForeignKey(
        "community.Creator", null=True, on_delete=models.PROTECT, related_name="clicks", db_index=False
    )
    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="clicks", db_index=False)
    offer = models.ForeignKey(
        "catalogue.Offer", null=True, on_delete=models.PROTECT, related_name="clicks", db_index=False
    )
    placement = models.ForeignKey(
        "tracking.Placement", null=True, on_delete=models.PROTECT, related_name="clicks", db_index=False
    )
    block = models.CharField(_("block"), max_length=40, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    device = models.CharField(_("device"), max_length=8, blank=True)
    agent = models.CharField(_("agent"), max_length=512, blank=True)
    referrer_host = models.CharField(_("came from"), max_length=255, blank=True)
    method = models.CharField(_("method"), max_length=8)
    flags = models.CharField(_("flags"), max_length=16, blank=True)
    visitor_key = models.CharField(_("visitor of the day"), max_length=32, blank=True)
    network_class = models.CharField(_("network"), max_length=8, blank=True)

    objects = ClickQuerySet.as_manager()

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        indexes = [
            models.Index(fields=("at",), name="click_by_time"),
            models.Index(fields=("creator", "at"), name="click_of_creator"),
            models.Index(fields=("merchant", "at"), name="click_at_merchant"),
            models.Index(fields=("visitor_key", "at"), name="click_of_visitor"),
        ]

    def __str__(self) -> str:
        return self.click_id


class ClickVerdict(models.Model):
    """Whether a click counts, and if not, why. Recomputed by `reclassify_clicks` when the rules change."""

    click = models.OneToOneField(Click, primary_key=True, on_delete=models.PROTECT, related_name="verdict")
    is_valid = models.BooleanField(_("counts"))
    reason = models.CharField(_("reason"), max_length=12, blank=True, choices=REASONS)
    #: The counted click that this one doubles or repeats. Kept so that judging the next needs one row, not an hour.
    counted_at = models.DateTimeField(_("counted click at"), null=True, blank=True)
    rules_version = models.CharField(_("rules"), max_length=24)
    judged_at = models.DateTimeField(_("judged"))

    class Meta:
        verbose_name = _("verdict on a click")
        verbose_name_plural = _("verdicts on clicks")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_valid=True, reason="") | models.Q(is_valid=False) & ~models.Q(reason=""),
                name="an_invalid_click_has_a_reason",
                violation_error_message=_("A click that does not count needs a reason, one that counts has none."),
            )
        ]

    def __str__(self) -> str:
        return self.reason or "valid"
