"""GET /products: what is public of every product."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from ninja import Router

from affiliates.catalogue.models import Product
from affiliates.catalogue.selectors.cards import product_cards
from cms.core.domain.money import decimal_string
from cms.core.paging import cursor_page

router = Router(tags=["public"])


@router.get("/products", summary="Products with their offers")
def products(request: HttpRequest) -> dict[str, Any]:
    """Newest first. An offer's price is null once it is older than its source allows."""
    rows, following = cursor_page(request, Product.objects.standing(), order=("-pk",))
    cards = product_cards([row.pk for row in rows], reader_country=None, now=timezone.now())
    return {"results": [_product(cards[row.pk]) for row in rows], "next": following}


def _product(card: Any) -> dict[str, Any]:
    product = card.product
    return {
        "slug": product.slug,
        "name": product.name,
        "brand": product.brand,
        "gtin": product.gtin or None,
        "category": product.category,
        "url": f"{settings.BASE_URL}{product.get_absolute_url()}",
        "offers": [
            {
                "merchant": offer.merchant_slug,
                "country": offer.merchant_country,
                "price": None if offer.price_minor is None else decimal_string(offer.price_minor, offer.currency),
                "currency": offer.currency,
                "price_seen_at": offer.price_seen_at.isoformat() if offer.price_seen_at else None,
                "source": offer.source_label,
                "availability": offer.availability,
                "condition": None if offer.condition == "unknown" else offer.condition,
            }
            for offer in card.offers
        ],
    }
