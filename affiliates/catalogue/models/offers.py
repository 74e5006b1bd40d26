"""A merchant's listing of a product, what we saw of it, and what its source lets us do."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SourcePolicy(models.Model):
    """What a data source allows: keep history, alert, how old a price may be shown, keep images."""

    slug = models.SlugField(_("short name"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    may_keep_history = models.BooleanField(_("history may be kept"), default=True)
    may_alert = models.BooleanField(_("alerts may be sent"), default=True)
    max_price_age_hours = models.PositiveIntegerField(_("a price may be shown for hours"), default=48)
    may_cache_images = models.BooleanField(_("images may be kept"), default=True)

    class Meta:
        verbose_name = _("source policy")
        verbose_name_plural = _("source policies")

    def __str__(self) -> str:
        return self.name


class Availability(models.TextChoices):
    """The six states of an offer."""

    IN_STOCK = "in_stock", _("In stock")
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


class OfferQuerySet(models.QuerySet["Offer"]):
    """What one asks of offers."""

    def present(self) -> OfferQuerySet:
        """Offers their merchant still lists."""
        return self.filter(gone_at__isnull=True, merchant__is_active=True)


class Offer(models.Model):
    """One merchant's listing of one product."""

    Availability = Availability
    Condition = Condition

    product = models.ForeignKey("catalogue.Product", on_delete=models.PROTECT, related_name="offers")
    merchant = models.ForeignKey("parties.Merchant", on_delete=models.PROTECT, related_name="offers")
    external_id = models.CharField(_("merchant's own number"), max_length=120)
    url = models.URLField(_("address at the merchant"), max_length=2000)
    title = models.CharField(_("title at the merchant"), max_length=300)
    image_url = models.URLField(_("picture at the merchant"), max_length=2000, blank=True)
    price_minor = models.BigIntegerField(_("price in minor units"), null=True, blank=True)
    list_price_minor = models.BigIntegerField(_("list price in minor units"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    availability = models.CharField(
        _("stock"), max_length=12, choices=Availability.choices, default=Availability.UNKNOWN
    )
    condition = models.CharField(_("condition"), max_length=12, choices=Condition.choices, default=Condition.NEW)
    policy = models.ForeignKey(SourcePolicy, on_delete=models.PROTECT, related_name="offers")
    source_label = models.CharField(_("source"), max_length=120)
    row_hash = models.CharField(max_length=40, blank=True, editable=False)
    price_seen_at = models.DateTimeField(_("price seen"), null=True, blank=True)
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    gone_at = models.DateTimeField(_("gone since"), null=True, blank=True)

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name = _("offer")
        verbose_name_plural = _("offers")
        constraints = [
            models.UniqueConstraint(fields=["merchant", "external_id"], name="a_merchant_lists_a_number_once"),
            models.CheckConstraint(
                name="a_price_is_not_negative", condition=Q(price_minor__isnull=True) | Q(price_minor__gte=0)
            ),
            models.CheckConstraint(
                name="a_price_says_when_it_was_seen",
                condition=Q(price_minor__isnull=True) | Q(price_seen_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Reading(models.Model):
    """One observation of an offer, kept when price or stock changed.

    Triggers refuse a reading whose source, or whose offer's source, forbids history, and any later change of one;
    where a source's policy begins to forbid history, they delete what was kept of it.
    """

    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="readings")
    price_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=3)
    availability = models.CharField(max_length=12, choices=Availability.choices)
    observed_at = models.DateTimeField()
    policy = models.ForeignKey(SourcePolicy, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("observed_at", "pk")
        indexes = [models.Index(fields=["offer", "observed_at"], name="reading_offer_time")]
        verbose_name = _("reading")
        verbose_name_plural = _("readings")

    def __str__(self) -> str:
        return f"{self.offer_id} {self.observed_at:%Y-%m-%d %H:%M}"
