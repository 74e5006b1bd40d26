"""What machines read of offers and products: plain dicts."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings

from affiliates.catalogue.domain.offers import OfferView, is_too_old
from affiliates.catalogue.models import Offer
from affiliates.catalogue.selectors.cards import ProductCard
from cms.core.domain.money import decimal_string

AVAILABILITY = {
    "in_stock": "InStock",
    "limited": "LimitedAvailability",
    "out_of_stock": "OutOfStock",
    "preorder": "PreOrder",
    "backorder": "BackOrder",
    "discontinued": "Discontinued",
}
CONDITION = {"new": "NewCondition", "refurbished": "RefurbishedCondition", "used": "UsedCondition"}


def offer_json_ld(offer: OfferView) -> dict[str, Any] | None:
    """An Offer, or None where its price may not be shown: an Offer without a price is an error to its readers."""
    if offer.price_minor is None:
        return None
    data: dict[str, Any] = {
        "@type": "Offer",
        "price": decimal_string(offer.price_minor, offer.currency),
        "priceCurrency": offer.currency,
        "seller": {"@type": "Organization", "name": offer.merchant_name},
    }
    if offer.availability in AVAILABILITY:
        data["availability"] = f"https://schema.org/{AVAILABILITY[offer.availability]}"
    if offer.condition in CONDITION:
        data["itemCondition"] = f"https://schema.org/{CONDITION[offer.condition]}"
    return data


def product_json_ld(card: Any) -> dict[str, Any]:
    """A Product with its identity, our own address, and the offer shown first. `card` has product, image, offer."""
    product = card.product
    data: dict[str, Any] = {
        "@type": "Product",
        "name": str(product),
        "url": f"{settings.BASE_URL}{product.get_absolute_url()}",
    }
    if product.brand:
        data["brand"] = {"@type": "Brand", "name": product.brand}
    if product.gtin:
        data["gtin"] = product.gtin
    if card.image:
        data["image"] = f"{settings.BASE_URL}{card.image.file.url}"
    if card.offer and (offer := offer_json_ld(card.offer)):
        data["offers"] = offer
    return data


def product_hub(card: ProductCard) -> dict[str, Any]:
    """The product's own page: all priced offers of the first one's currency as an AggregateOffer."""
    data = {"@context": "https://schema.org"} | product_json_ld(card)
    data.pop("offers", None)
    if card.offer is None:
        return data
    same = [o for o in card.offers if o.price_minor is not None and o.currency == card.offer.currency]
    prices = [o.price_minor for o in same if o.price_minor is not None]
    if prices:
        data["offers"] = {
            "@type": "AggregateOffer",
            "priceCurrency": card.offer.currency,
            "lowPrice": decimal_string(min(prices), card.offer.currency),
            "highPrice": decimal_string(max(prices), card.offer.currency),
            "offerCount": len(prices),
            "offers": [offer_json_ld(offer) for offer in same],
        }
    return data


def listing_json_ld(offer: Offer, *, now: dt.datetime) -> dict[str, Any]:
    """A listing as its own shop would state it: for the demo's shops, whose pages are looked at as any shop's.

    A price that went stale is one its shop does not state to machines; otherwise every look at the page would renew it.
    """
    is_old = is_too_old(offer.price_seen_at, offer.policy.max_price_age_hours, now)
    asked = None if is_old else offer.asked_minor(now)
    stated: dict[str, Any] = {"@type": "Offer", "priceCurrency": offer.currency, "url": offer.url}
    if asked is not None:
        stated["price"] = decimal_string(asked, offer.currency)
    if offer.availability in AVAILABILITY:
        stated["availability"] = f"https://schema.org/{AVAILABILITY[offer.availability]}"
    if offer.condition in CONDITION:
        stated["itemCondition"] = f"https://schema.org/{CONDITION[offer.condition]}"
    data: dict[str, Any] = {"@type": "Product", "name": offer.title, "offers": stated}
    if offer.product.gtin:
        data["gtin"] = offer.product.gtin
    if offer.product.brand:
        data["brand"] = {"@type": "Brand", "name": offer.product.brand}
    return data
