"""Which products are to have their shop's picture, and what became of it."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ShopPictureQuerySet(models.QuerySet["ShopPicture"]):
    """What one asks of shops' pictures."""

    def due(self, now: dt.datetime) -> ShopPictureQuerySet:
        """Those to be fetched now, products that pages name first."""
        waiting = self.filter(state=ShopPicture.State.WAITING, next_at__lte=now)
        return waiting.order_by("priority", "next_at", "pk")

    def forbidden(self) -> ShopPictureQuerySet:
        """Copies that are kept though their source allows none any more."""
        return self.filter(state=ShopPicture.State.KEPT, policy__may_cache_images=False)


class ShopPicture(models.Model):
    """The search for a product's picture at its shops: the row that waits is the queue."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        KEPT = "kept", _("Kept")
        GIVEN_UP = "given_up", _("Given up")

    class Priority(models.IntegerChoices):
        MENTIONED = 0, _("Named by a page")
        OTHER = 1, _("Named by none")

    product = models.OneToOneField("catalogue.Product", on_delete=models.CASCADE, related_name="shop_picture")
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    priority = models.PositiveSmallIntegerField(choices=Priority.choices, default=Priority.OTHER)
    next_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    detail = models.CharField(max_length=120, blank=True)
    image = models.ForeignKey("core.SiteImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    # Whose permission the copy rests on.
    policy = models.ForeignKey(
        "catalogue.SourcePolicy", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ShopPictureQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["priority", "next_at"], name="shop_picture_waiting", condition=Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return f"{self.product_id}: {self.state}"
