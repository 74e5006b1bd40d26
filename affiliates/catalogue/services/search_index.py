"""Keeping the search index true where rows are written in bulk, which sends no signals."""

from __future__ import annotations

from collections.abc import Sequence

from wagtail.search.backends import get_search_backends

from affiliates.catalogue.models import Product

#: Large, because the engine reckons anew over the whole index after each call.
BATCH = 5000


def index_products(product_ids: Sequence[int]) -> None:
    """Afterwards these products are found by their present words. May be repeated."""
    for start in range(0, len(product_ids), BATCH):
        products = list(Product.objects.standing().filter(pk__in=product_ids[start : start + BATCH]))
        for backend in get_search_backends(with_auto_update=True):
            backend.add_bulk(Product, products)


def index_missing_products(*, limit: int = BATCH) -> int:
    """Index products that an interrupted import left out; having no entry is the queue. Returns how many."""
    missing = list(
        Product.objects.standing()
        .filter(index_entries__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)[:limit]
    )
    index_products(missing)
    return len(missing)


def forget_product(product: Product) -> None:
    """Afterwards the product is not found any more. May be repeated."""
    for backend in get_search_backends(with_auto_update=True):
        backend.delete(product)


def waiting_products() -> int:
    """Products the search does not find yet. One query."""
    return Product.objects.standing().filter(index_entries__isnull=True).count()
