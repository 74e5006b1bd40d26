"""Products to show in the editor what a block looks like. Only the catalogue's: its pictures are everybody's."""

from __future__ import annotations

from affiliates.catalogue.models import Product


def pictured_products(number: int) -> list[Product]:
    """The catalogue's first products that have a picture; fewer where there are fewer. One query."""
    return list(Product.objects.filter(image__isnull=False).select_related("image").order_by("pk")[:number])


def first_pictured_product() -> Product | None:
    """One of them, or None on an empty site. One query."""
    return next(iter(pictured_products(1)), None)
