"""Where things are sent, for how much and how long."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Ships(models.TextChoices):
    """Unknown is an answer of its own and never shown as yes."""

    YES = "yes", _("Yes")
    NO = "no", _("No")
    UNKNOWN = "unknown", _("Unknown")


class DeliveryProfile(models.Model):
    """Deliveries that are stated together. A shop's offers share a handful of them, so each is kept once."""

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.CASCADE, related_name="delivery_profiles")
    digest = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["merchant", "digest"], name="a_merchants_delivery_profile_is_kept_once")
        ]

    def __str__(self) -> str:
        return f"{self.merchant_id} · {self.digest[:8]}"


class Delivery(models.Model):
    """A profile's delivery to one country, as its source states it. Price in minor units of its own currency."""

    profile = models.ForeignKey(DeliveryProfile, on_delete=models.CASCADE, related_name="deliveries")
    country = models.CharField(max_length=2)
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    min_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    service = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["profile", "country", "service"], name="a_profile_states_a_delivery_once"),
            models.CheckConstraint(
                name="a_delivery_price_is_not_negative", condition=Q(price_minor__isnull=True) | Q(price_minor__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["country", "profile"], name="delivery_country_profile")]

    def __str__(self) -> str:
        return f"{self.profile_id} → {self.country}"


class Lane(models.Model):
    """Merchant and destination country: does it ship, for how much, how long, and who says so."""

    Ships = Ships

    class SourceKind(models.TextChoices):
        HAND = "hand", _("Entered by hand")
        SCHEMA = "schema", _("Read from the shop's pages")
        FEED = "feed", _("From the merchant's feed")

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.CASCADE, related_name="lanes")
    country = models.CharField(_("country"), max_length=2)
    ships = models.CharField(_("ships"), max_length=8, choices=Ships.choices, default=Ships.UNKNOWN)
    price_minor = models.BigIntegerField(_("delivery price in minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    min_days = models.PositiveSmallIntegerField(_("days at least"), null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(_("days at most"), null=True, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)
    source_kind = models.CharField(
        _("kind of source"), max_length=8, choices=SourceKind.choices, default=SourceKind.HAND
    )
    source_url = models.URLField(_("address of the source"), max_length=2000, blank=True)
    seen_at = models.DateTimeField(_("seen"), null=True, blank=True)

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "country"], name="a_lane_stands_once"),
            models.CheckConstraint(
                condition=Q(price_minor__isnull=True) | (Q(price_minor__gte=0) & ~Q(currency="")),
                name="a_lanes_price_has_a_currency",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.merchant} → {self.country}"

    @property
    def is_refusal(self) -> bool:
        """Whether a person entered that nothing is sent there, by hand or from readers' checked reports."""
        return self.ships == Ships.NO and self.source_kind == self.SourceKind.HAND
