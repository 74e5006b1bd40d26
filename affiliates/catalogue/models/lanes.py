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


class Delivery(models.Model):
    """One offer's delivery to one country, as its source states it."""

    offer = models.ForeignKey("catalogue.Offer", on_delete=models.CASCADE, related_name="deliveries")
    country = models.CharField(max_length=2)
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    min_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    service = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["offer", "country", "service"], name="an_offer_states_a_delivery_once"),
            models.CheckConstraint(
                name="a_delivery_price_is_not_negative", condition=Q(price_minor__isnull=True) | Q(price_minor__gte=0)
            ),
        ]
        indexes = [models.Index(fields=["country", "offer"], name="delivery_country_offer")]

    def __str__(self) -> str:
        return f"{self.offer_id} → {self.country}"


class Lane(models.Model):
    """Merchant and destination country: does it ship, for how much, how long."""

    Ships = Ships

    merchant = models.ForeignKey("parties.Merchant", on_delete=models.CASCADE, related_name="lanes")
    country = models.CharField(_("country"), max_length=2)
    ships = models.CharField(_("ships"), max_length=8, choices=Ships.choices, default=Ships.UNKNOWN)
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3, blank=True)
    min_days = models.PositiveSmallIntegerField(null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    source = models.CharField(_("source"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("lane")
        verbose_name_plural = _("lanes")
        constraints = [models.UniqueConstraint(fields=["merchant", "country"], name="a_lane_stands_once")]

    def __str__(self) -> str:
        return f"{self.merchant_id} → {self.country}"
