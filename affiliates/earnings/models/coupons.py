"""Coupon codes that credit a creator without a click, and whose each was when."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


def coupon_ref() -> str:
    """A reference that says nothing about how many there are."""
    return secrets.token_hex(8)


def folded(code: str) -> str:
    """A code as it is compared: case and space around it do not matter."""
    return code.strip().casefold()


class Coupon(models.Model):
    """A code at one merchant. Whose it is, its holdings say."""

    ref = models.CharField(_("reference"), max_length=20, unique=True, default=coupon_ref, editable=False)
    merchant = models.ForeignKey(
        "parties.Merchant", on_delete=models.PROTECT, related_name="coupons", verbose_name=_("merchant")
    )
    code = models.CharField(_("code"), max_length=100)
    #: The code as it is compared.
    folded = models.CharField(max_length=200, editable=False)
    #: Given to one creator for their own readers: seen on another's order, it leaked.
    exclusive = models.BooleanField(_("exclusive"), default=False)
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("coupon code")
        verbose_name_plural = _("coupon codes")
        ordering = ("merchant__name", "folded")
        constraints = [
            models.UniqueConstraint(
                fields=("merchant", "folded"),
                name="a_merchant_has_a_code_once",
                violation_error_message=_("This merchant already has this code; hand it over instead."),
            ),
            models.CheckConstraint(condition=~models.Q(folded=""), name="a_code_is_not_empty"),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: object, **kwargs: object) -> None:
        self.code = self.code.strip()
        self.folded = folded(self.code)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class CouponHolding(models.Model):
    """From this moment until the next holding of the same code it is this creator's, or nobody's.

    A holding has no end of its own, so two of them cannot overlap.
    """

    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="holdings")
    creator = models.ForeignKey(
        "community.Creator",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="coupon_holdings",
        verbose_name=_("creator"),
    )
    starts_at = models.DateTimeField(_("from"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    given_at = models.DateTimeField(_("written down"))

    class Meta:
        verbose_name = _("holding of a code")
        verbose_name_plural = _("holdings of codes")
        ordering = ("coupon", "starts_at")
        constraints = [
            models.UniqueConstraint(fields=("coupon", "starts_at"), name="a_code_has_one_holder_at_a_time"),
        ]

    def __str__(self) -> str:
        return f"{self.coupon} · {self.creator or '–'}"


class Assist(models.Model):
    """A creator whose touch helped an order that another was credited with: as the standing decision has it."""

    conversion = models.ForeignKey("earnings.Conversion", on_delete=models.PROTECT, related_name="assists")
    creator = models.ForeignKey("community.Creator", on_delete=models.PROTECT, related_name="assists")
    click = models.ForeignKey("tracking.Click", null=True, on_delete=models.PROTECT, related_name="+")
    coupon = models.CharField(_("code"), max_length=100, blank=True)
    #: The order's time, so that a creator's assists of a period are one walk down an index.
    occurred_at = models.DateTimeField(_("ordered"))

    class Meta:
        verbose_name = _("assist")
        verbose_name_plural = _("assists")
        ordering = ("-occurred_at", "-pk")
        indexes = [models.Index(fields=("creator", "-occurred_at"), name="assist_of_creator")]
        constraints = [
            models.UniqueConstraint(fields=("conversion", "creator"), name="a_creator_assists_an_order_once"),
        ]

    def __str__(self) -> str:
        return f"{self.creator} · {self.conversion}"
