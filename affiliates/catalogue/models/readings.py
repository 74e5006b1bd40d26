"""What was seen of an offer over time, where its source lets us keep it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.models.offers import Availability


class Reading(models.Model):
    """One observation of an offer, kept when price or stock changed.

    Triggers refuse a reading whose source, or whose offer's source, forbids history, and any later change of one;
    where a source's policy begins to forbid history, they delete what was kept of it.
    """

    offer = models.ForeignKey("catalogue.Offer", on_delete=models.PROTECT, related_name="readings", db_index=False)
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    availability = models.CharField(max_length=12, choices=Availability.choices)
    observed_at = models.DateTimeField()
    # When the price before this one was last confirmed: what lies between was not seen.
    before_at = models.DateTimeField(null=True, blank=True)
    policy = models.ForeignKey("catalogue.SourcePolicy", on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        ordering = ("observed_at", "pk")
        indexes = [models.Index(fields=["offer", "observed_at"], name="reading_offer_time")]
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self) -> str:
        return f"{self.offer_id} {self.observed_at:%Y-%m-%d %H:%M}"


class ReadingDay(models.Model):
    """A day of readings of one source, rolled up: what remains of old ones, so that millions of them stay cheap.

    Triggers hold that a day is made of readings that are there, that it only grows, and that it goes with its source's
    right to history.
    """

    offer = models.ForeignKey("catalogue.Offer", on_delete=models.PROTECT, related_name="reading_days")
    on = models.DateField()
    currency = models.CharField(max_length=3)
    low_minor = models.BigIntegerField(null=True, blank=True)
    high_minor = models.BigIntegerField(null=True, blank=True)
    last_minor = models.BigIntegerField(null=True, blank=True)
    availability = models.CharField(max_length=12, choices=Availability.choices)
    readings = models.PositiveIntegerField()
    policy = models.ForeignKey("catalogue.SourcePolicy", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("on", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "on", "currency", "policy"], name="a_day_of_readings_is_rolled_up_once"
            )
        ]
        verbose_name = _("day of readings")
        verbose_name_plural = _("days of readings")

    def __str__(self) -> str:
        return f"{self.offer_id} {self.on}"
