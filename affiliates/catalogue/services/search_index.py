"""Keeping the search index true where rows are written in bulk, which sends no signals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from wagtail.search.backends import get_search_backends

from affiliates.catalogue.models import FeedRun, Product

#: Large, because the engine reckons anew over the whole index after each call.
BATCH = 5000
#: Without a sign of life for so long, an import is not about to index its products itself.
SILENCE = dt.timedelta(minutes=2)


def index_products(product_ids: Sequence[int]) -> None:
    """Afterwards these products are found by their present words. May be repeated, also side by side."""
    for start in range(0, len(product_ids), BATCH):
        portion = product_ids[start : start + BATCH]
        try:
            with transaction.atomic():
                _index(portion)
        except IntegrityError:
            # On SQLite the engine looks and then writes: somebody else indexed some of them in between.
            missing = Product.objects.standing().filter(pk__in=portion, index_entries__isnull=True)
            with transaction.atomic():
                _index(list(missing.values_list("pk", flat=True)))


def _index(product_ids: Sequence[int]) -> None:
    products = list(Product.objects.standing().filter(pk__in=product_ids))
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
    """Products the search does not find yet, unless an import is on its way to index them. Two queries at most."""
    at_work = FeedRun.objects.filter(status=FeedRun.Status.RUNNING, heartbeat_at__gt=timezone.now() - SILENCE)
    if at_work.exists():
        return 0
    return Product.objects.standing().filter(index_entries__isnull=True).count()
