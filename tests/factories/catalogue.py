"""Products, offers and what is known of them, for tests."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from django.utils import timezone

from affiliates.catalogue.models import (
    Delivery,
    DeliveryProfile,
    ExchangeRate,
    Feed,
    Lane,
    Offer,
    Product,
    SourcePolicy,
)
from affiliates.parties.models import Merchant
from tests.factories.parties import make_merchant

_numbers = itertools.count(1)


def make_policy(slug: str = "free-feed", **fields: Any) -> SourcePolicy:
    """A source that allows everything and whose prices may be shown for two days; the same one for the same slug."""
    fields.setdefault("name", slug.replace("-", " ").title())
    return SourcePolicy.objects.get_or_create(slug=slug, defaults=fields)[0]


def make_product(name: str | None = None, **fields: Any) -> Product:
    """A product without offers and without a picture."""
    number = next(_numbers)
    fields.setdefault("slug", f"product-{number}")
    return Product.objects.create(name=name or f"Product {number}", **fields)


def make_offer(
    product: Product | None = None,
    merchant: Merchant | None = None,
    *,
    price_minor: int | None = 4990,
    seen_at: dt.datetime | None = None,
    policy: SourcePolicy | None = None,
    **fields: Any,
) -> Offer:
    """An offer in stock whose price was seen now, at the merchant's first host."""
    product, merchant = product or make_product(), merchant or make_merchant()
    number, seen_at = next(_numbers), seen_at or timezone.now()
    fields.setdefault("external_id", f"SKU-{number}")
    fields.setdefault("url", f"https://{merchant.slug}.example/p/{number}")
    fields.setdefault("title", product.name)
    fields.setdefault("currency", merchant.currency)
    fields.setdefault("availability", Offer.Availability.IN_STOCK)
    fields.setdefault("source_label", merchant.name)
    fields.setdefault("price_seen_at", seen_at)
    return Offer.objects.create(
        product=product,
        merchant=merchant,
        price_minor=price_minor,
        policy=policy or make_policy(),
        first_seen_at=seen_at,
        last_seen_at=seen_at,
        **fields,
    )


def make_delivery(offer: Offer, country: str = "DE", price_minor: int | None = 390, **fields: Any) -> Delivery:
    """The offer ships to the country, in the offer's currency."""
    fields.setdefault("currency", offer.currency)
    if offer.delivery_profile is None:
        offer.delivery_profile = DeliveryProfile.objects.create(merchant=offer.merchant, digest=f"offer {offer.pk}")
        offer.save(update_fields=["delivery_profile"])
    return Delivery.objects.create(profile=offer.delivery_profile, country=country, price_minor=price_minor, **fields)


def make_lane(merchant: Merchant, country: str, ships: str = "yes", **fields: Any) -> Lane:
    """What the merchant says of a country."""
    return Lane.objects.create(merchant=merchant, country=country, ships=ships, **fields)


def make_rates(on: dt.date | None = None, *, source: str = "ECB", **rates: str) -> dt.date:
    """What one euro was worth that day, today unless told otherwise; a few currencies where none are named."""
    on = on or timezone.now().date()
    rates = rates or {"USD": "1.10", "GBP": "0.86", "JPY": "165", "NOK": "11.70"}
    ExchangeRate.objects.bulk_create(
        ExchangeRate(on=on, source=source, currency=currency, rate_e8=int(Decimal(rate) * 10**8))
        for currency, rate in rates.items()
    )
    return on


def make_feed(merchant: Merchant | None = None, **fields: Any) -> Feed:
    """A feed of Google's format that is due."""
    merchant = merchant or make_merchant()
    fields.setdefault("name", f"Feed of {merchant.name}")
    fields.setdefault("format", "google")
    fields.setdefault("url", f"https://{merchant.slug}.example/feed.xml")
    return Feed.objects.create(merchant=merchant, **fields)
