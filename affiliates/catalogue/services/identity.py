"""Which product a listing is of: by GTIN, else by brand and the maker's number, else one of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from django.utils.text import slugify

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.models import Product
from cms.core.drawing import kind_for

SLUG_LENGTH = 100


class ProductFinder:
    """Finds or makes the products of a batch of rows. Five queries, whatever the size of the batch."""

    def __init__(self, rows: Sequence[FeedRow]) -> None:
        gtins = {row.gtin for row in rows if row.gtin}
        numbers = {row.mpn for row in rows if row.mpn and row.brand}
        self.by_gtin = {product.gtin: product for product in Product.objects.filter(gtin__in=gtins)}
        self.by_number: dict[tuple[str, str], Product] = {}
        # The oldest first, so that of two candidates the same one is always taken.
        for product in Product.objects.filter(mpn__in=numbers).exclude(brand="").order_by("pk"):
            self.by_number.setdefault(_number(product.brand, product.mpn), product)
        self.made: list[Product] = []
        self.completed: dict[int, Product] = {}

    def find(self, row: FeedRow) -> Product:
        """The row's product; a new one is saved by `save()`."""
        product = self.by_gtin.get(row.gtin) if row.gtin else None
        if product is None and row.brand and row.mpn:
            product = self.by_number.get(_number(row.brand, row.mpn))
            # The same brand and number under another GTIN is another thing, such as a size or a colour.
            if product is not None and row.gtin and product.gtin:
                product = None
        if product is None:
            return self._make(row)
        self.complete(product, row)
        return product

    def complete(self, product: Product, row: FeedRow) -> None:
        """Learn the GTIN of a product that lacked it, unless another product has it."""
        if row.gtin and not product.gtin and row.gtin not in self.by_gtin:
            product.gtin = row.gtin
            self.by_gtin[row.gtin] = product
            if product.pk:
                self.completed[product.pk] = product

    def save(self) -> list[int]:
        """Write what was made and learnt; the keys of the new products."""
        _give_slugs(self.made)
        Product.objects.bulk_create(self.made)
        Product.objects.bulk_update(self.completed.values(), ["gtin"])
        return [product.pk for product in self.made]

    def _make(self, row: FeedRow) -> Product:
        product = Product(
            name=_name(row),
            brand=row.brand,
            gtin=row.gtin,
            mpn=row.mpn,
            description=row.description,
            category=row.category,
            kind=kind_for(f"{row.title} {row.category}"),
        )
        self.made.append(product)
        if row.gtin:
            self.by_gtin[row.gtin] = product
        if row.brand and row.mpn:
            self.by_number.setdefault(_number(row.brand, row.mpn), product)
        return product


def _number(brand: str, mpn: str) -> tuple[str, str]:
    return brand.casefold(), mpn


def _name(row: FeedRow) -> str:
    """The title without the brand before it, which is shown apart."""
    start = row.title[: len(row.brand) + 1]
    without = row.title[len(start) :].strip() if row.brand and start.casefold() == f"{row.brand} ".casefold() else ""
    return (without or row.title)[:200]


def _give_slugs(products: Sequence[Product]) -> None:
    """Addresses from brand and name; where one is taken, a short digest of the product's identity follows."""
    bases = [slugify(str(product))[:SLUG_LENGTH].strip("-") or "product" for product in products]
    others = [_with_digest(product, base, 0) for product, base in zip(products, bases, strict=True)]
    taken = set(Product.objects.filter(slug__in=[*bases, *others]).values_list("slug", flat=True))
    for product, base in zip(products, bases, strict=True):
        slug, number = base, 0
        while slug in taken or (number > 1 and Product.objects.filter(slug=slug).exists()):
            slug = _with_digest(product, base, number)
            number += 1
        taken.add(slug)
        product.slug = slug


def _with_digest(product: Product, base: str, number: int) -> str:
    identity = f"{product.gtin}|{product.mpn}|{product.brand}|{product.name}|{number}"
    return f"{base}-{hashlib.sha256(identity.encode()).hexdigest()[:6]}"
