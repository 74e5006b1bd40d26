"""Products a page has loaded already, so that its blocks do not load them again one kind at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from affiliates.catalogue.models import Product

_known: ContextVar[Mapping[int, Product | None] | None] = ContextVar("known_products", default=None)


@contextmanager
def products_known(products: Mapping[int, Product | None]) -> Iterator[None]:
    """Within, `load_products` takes from these. A key whose product is gone is given with None."""
    token = _known.set(products)
    try:
        yield
    finally:
        _known.reset(token)


def load_products(ids: Iterable[int]) -> Mapping[int, Product | None]:
    """Products by key: those at hand, or else in one query."""
    wanted, known = set(ids), _known.get() or {}
    return known if wanted <= known.keys() else Product.objects.in_bulk(wanted)


def raw_product_ids(stream: Iterable[Any]) -> set[int]:
    """The keys of all products in a stream as it is stored, without making its blocks."""
    found: set[int] = set()
    for block in stream:
        value = block.get("value")
        if not isinstance(value, dict):
            continue
        columns = value.get("columns") or []
        chosen = [value.get("product"), *(column.get("value", column).get("product") for column in columns)]
        found |= {int(key) for key in chosen if isinstance(key, int | str) and str(key).isdigit()}
    return found
