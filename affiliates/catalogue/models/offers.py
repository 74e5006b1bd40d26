"""A merchant's listing of a product: what it asks, whether it can be had, and where that was read."""

from __future__ import annotations

import datetime as dt

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.domain.offers import asked_price
from cms.core.domain.money import decimal_string


class Availability(models.TextChoices):
    """The six states an offer can be in, one to one with schema.org's, and that nobody knows."""

    IN_STOCK = "in_stock", _("In stock")
    LIMITED = "limited", _("Few left")
    OUT_OF_STOCK = "out_of_stock", _("Sold out")
    PREORDER = "preorder", _("Can be ordered before release")
    BACKORDER = "backorder", _("Can be ordered, ships later")
    DISCONTINUED = "discontinued", _("Discontinued")
    UNKNOWN = "unknown", _("Stock unknown")


class Condition(models.TextChoices):
    """Whether somebody had it before."""

    NEW = "new", _("New")
    REFURBISHED = "refurbished", _("Refurbished")
    USED = "used", _("Used")
    UNKNOWN = "unknown", _("Not stated")


class OfferQuerySet(models.QuerySet["Offer"]):
    """What one asks of offers."""

    def present(self) -> OfferQuerySet:
        """Offers their merchant still lists."""
        return self.filter(gone_at__isnull=True, merchant__is_active=True)

    def past_their_end(self, now: dt.datetime) -> OfferQuerySet:
        """Offers not marked gone though their merchant said that they would have ended by now."""
        return self.filter(expires_at__isnull=False, expires_at__lte=now, gone_at__isnull=True)


class Offer(models.Model):
    """One merchant's listing of one product."""

    Availability = Availability
    Condition = Condition
    #: In place of a row's fingerprint: the shop's page was read since, and asks what the row asks.
    AGREED = "agreed"

    class SourceKind(models.TextChoices):
        FEED = "feed", _("The merchant's feed")
        SCHEMA = "schema", _("The shop's page")
        HAND = "hand", _("Entered by hand")

    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="offers")
    # Keys to few rows have no index of their own: a bulk import would pay for each, and nobody looks offers up by them
    # but by merchant, which the constraint's index serves.
    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="offers", db_index=False)
    external_id = models.CharField(_("merchant's own number"), max_length=120)
    url = models.URLField(_("address at the merchant"), max_length=2000)
    title = models.CharField(_("title at the merchant"), max_length=300)
    image_url = models.URLField(_("picture at the merchant"), max_length=2000, blank=True)
    # The price outside sales; what is asked at a time is `asked_price`'s answer.
    price_minor = models.BigIntegerField(_("price in minor units"), null=True, blank=True)
    list_price_minor = models.BigIntegerField(_("list price in minor units"), null=True, blank=True)
    sale_price_minor = models.BigIntegerField(_("sale price in minor units"), null=True, blank=True)
    sale_starts_at = models.DateTimeField(_("sale begins"), null=True, blank=True)
    sale_ends_at = models.DateTimeField(_("sale ends"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    availability = models.CharField(
        _("stock"), max_length=12, choices=Availability.choices, default=Availability.UNKNOWN
    )
    condition = models.CharField(_("condition"), max_length=12, choices=Condition.choices, default=Condition.UNKNOWN)
    group_id = models.CharField(_("merchant's group of variants"), max_length=120, blank=True)
    variant = models.JSONField(_("variant"), default=dict, blank=True)
    delivery_profile = models.ForeignKey(
        "catalogue.DeliveryProfile",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offers",
        db_index=False,
    )
    policy = models.ForeignKey(
        "catalogue.SourcePolicy", on_delete=models.PROTECT, related_name="offers", db_index=False
    )
    # The feed that listed it last: what a complete feed lacks is gone, but not what another feed lists.
    feed = models.ForeignKey(
        "catalogue.Feed", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    source_kind = models.CharField(
        _("kind of source"), max_length=8, choices=SourceKind.choices, default=SourceKind.FEED
    )
    source_label = models.CharField(_("source"), max_length=120)
    source_url = models.URLField(_("address of the source"), max_length=2000, blank=True)
    row_hash = models.CharField(max_length=40, blank=True, editable=False)
    price_seen_at = models.DateTimeField(_("price seen"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    gone_at = models.DateTimeField(_("gone since"), null=True, blank=True)
    # When its merchant said that it would end. `gone_at` alone says that it did.
    expires_at = models.DateTimeField(_("listed until"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        # Few offers have an end, so that imports hardly pay for it.
        indexes = [
            models.Index(
                fields=["expires_at"],
                name="offer_that_will_end",
                condition=Q(expires_at__isnull=False, gone_at__isnull=True),
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="a_merchant_lists_a_number_once"),
            models.CheckConstraint(
                name="a_price_is_not_negative", condition=Q(price_minor__isnull=True) | Q(price_minor__gte=0)
            ),
            models.CheckConstraint(
                name="a_price_says_when_it_was_seen",
                condition=Q(price_minor__isnull=True) | Q(price_seen_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_sale_price_is_below_the_price",
                condition=Q(sale_price_minor__isnull=True)
                | (
                    Q(price_minor__isnull=False) & Q(sale_price_minor__gte=0) & Q(sale_price_minor__lt=F("price_minor"))
                ),
            ),
            models.CheckConstraint(
                name="a_sale_ends_after_it_begins",
                condition=Q(sale_starts_at__isnull=True)
                | Q(sale_ends_at__isnull=True)
                | Q(sale_ends_at__gte=F("sale_starts_at")),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def stated_price(self) -> str:
        """The price outside sales as a decimal number, for lists and exports; empty where none is stated."""
        return "" if self.price_minor is None else decimal_string(self.price_minor, self.currency)

    def asked_minor(self, now: dt.datetime) -> int | None:
        """What the shop asks at a time: its sale price while the sale lasts, else its price. In minor units."""
        return asked_price(self.price_minor, self.sale_price_minor, self.sale_starts_at, self.sale_ends_at, now)
