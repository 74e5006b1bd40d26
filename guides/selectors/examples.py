"""Products to show in the editor what a block looks like. Only the catalogue's: its pictures are everybody's."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils import timezone

from affiliates.catalogue.models import Product
from affiliates.catalogue.selectors.cards import ProductCard, linked_card, product_cards

NOWHERE = "#example"


def pictured_products(number: int) -> list[Product]:
    """The catalogue's first products that have a picture; fewer where there are fewer. One query."""
    return list(Product.objects.standing().filter(image__isnull=False).select_related("image").order_by("pk")[:number])


def first_pictured_product() -> Product | None:
    """One of them, or None on an empty site. One query."""
    return next(iter(pictured_products(1)), None)


def example_cards(product_ids: Iterable[int]) -> dict[int, ProductCard]:
    """Cards for a reader of unknown country, whose buttons lead nowhere, so that no link is made. Eight queries."""
    found = product_cards(product_ids, reader_country=None, now=timezone.now())
    return {pk: linked_card(card, lambda offer_id: NOWHERE) for pk, card in found.items()}
