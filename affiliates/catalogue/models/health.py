"""Whether an offer's address still leads to the thing: what checks found, and how politely hosts are asked."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.models.reports import Ticket


class HealthState(models.TextChoices):
    """What a check found. Only what is sure is reported; what is merely odd is left as it was."""

    OK = "ok", _("Fine")
    UNCHECKED = "unchecked", _("Not checked yet")
    GONE = "gone", _("Gone")
    SOFT_GONE = "soft_gone", _("Says it is gone")
    SOLD_OUT = "sold_out", _("Sold out")
    TAG_STRIPPED = "tag_stripped", _("Loses our click id")
    PRICE_MISMATCH = "price_mismatch", _("Another price than stated")
    TITLE_MISMATCH = "title_mismatch", _("Another thing than stated")
    REDIRECTED_AWAY = "redirected", _("Leads to a list or the front page")
    CONSENT_WALL = "consent_wall", _("Behind a consent wall")
    BLOCKED = "blocked", _("Refuses our checks")
    SLOW = "slow", _("Very slow")
    DOWN = "down", _("Down for now")


class OfferHealthQuerySet(models.QuerySet["OfferHealth"]):
    """What one asks of the health of offers."""

    def due(self, now: object) -> OfferHealthQuerySet:
        """Offers to be checked, the longest overdue first."""
        return self.filter(next_check_at__lte=now).order_by("next_check_at", "pk")

    def reported(self) -> OfferHealthQuerySet:
        """Offers that a reader has reported and whose check is awaited."""
        return self.filter(offer__in=Ticket.objects.filter(state=Ticket.State.OPEN).values("offer"))


class OfferHealth(models.Model):
    """The present state of one offer. Apart from the offer, so that a check does not rewrite its row.

    `next_check_at` is the checker's queue. `hidden_at` is set while readers' reports wait for a check.
    """

    State = HealthState

    offer = models.OneToOneField("catalogue.Offer", on_delete=models.CASCADE, related_name="health")
    state = models.CharField(_("state"), max_length=16, choices=HealthState.choices, default=HealthState.UNCHECKED)
    since_at = models.DateTimeField(_("since"), default=timezone.now)
    checked_at = models.DateTimeField(_("checked"), null=True, blank=True)
    next_check_at = models.DateTimeField(_("next check"), default=timezone.now, db_index=True)
    failures = models.PositiveSmallIntegerField(_("failures in a row"), default=0)
    detail = models.CharField(_("what was seen"), max_length=300, blank=True)
    hidden_at = models.DateTimeField(_("hidden since"), null=True, blank=True)

    objects = OfferHealthQuerySet.as_manager()

    class Meta:
        verbose_name = _("offer's health")
        verbose_name_plural = _("health of offers")
        indexes = [models.Index(fields=["state", "since_at"], name="health_state_since")]

    def __str__(self) -> str:
        return f"{self.offer_id}: {self.state}"


class OfferCheck(models.Model):
    """One check of one offer, as it was seen. `is_sure` is False where the page gave nothing to go by."""

    offer = models.ForeignKey("catalogue.Offer", on_delete=models.CASCADE, related_name="checks")
    checked_at = models.DateTimeField(default=timezone.now)
    state = models.CharField(max_length=16, choices=HealthState.choices)
    http_status = models.PositiveSmallIntegerField(null=True, blank=True)
    took_ms = models.PositiveIntegerField(null=True, blank=True)
    is_sure = models.BooleanField(default=True)
    final_url = models.CharField(max_length=2000, blank=True)
    detail = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-checked_at", "-pk")
        indexes = [models.Index(fields=["offer", "-checked_at"], name="check_offer_time")]
        verbose_name = _("check")
        verbose_name_plural = _("checks")

    def __str__(self) -> str:
        return f"{self.offer_id} {self.checked_at:%Y-%m-%d %H:%M}: {self.state}"


class HostPace(models.Model):
    """How a host wants to be asked: when next, and what its robots.txt says."""

    host = models.CharField(max_length=253, unique=True)
    next_at = models.DateTimeField(default=timezone.now)
    delay_seconds = models.PositiveIntegerField(default=5)
    robots = models.TextField(blank=True)
    robots_at = models.DateTimeField(null=True, blank=True)
    failures = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.host
