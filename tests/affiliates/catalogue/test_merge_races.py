"""Two editors merge at once: without the lock both succeed, with it one does (PostgreSQL)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

import pytest

from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Product
from affiliates.catalogue.services import merging
from tests.factories.catalogue import make_product

pytestmark = pytest.mark.postgres


@pytest.fixture
def products(django_db_setup: None, django_db_blocker: Any) -> Iterator[list[Product]]:
    """Three products that other connections see; afterwards the database is as it was."""
    with django_db_blocker.unblock():
        made = [make_product(name) for name in ("One", "Two", "Three")]
        try:
            yield made
        finally:
            IdentityChange.objects.all().delete()
            MatchSuggestion.objects.all().delete()
            Product.objects.filter(pk__in=[product.pk for product in made]).update(merged_into=None)
            Product.objects.filter(pk__in=[product.pk for product in made]).delete()


def both_at_once(products: list[Product], monkeypatch: Any, *, locked: bool) -> int:
    """How many of two merges that swallow the same product went through."""
    first, second, prey = products
    meet = threading.Barrier(2, timeout=5)
    real = merging._locked

    def unlocked(*products: Product) -> list[Product]:
        found = Product.objects.in_bulk([product.pk for product in products])
        meet.wait()
        return [found[product.pk] for product in products]

    monkeypatch.setattr(merging, "_locked", real if locked else unlocked)

    def run(keep: Product) -> None:
        try:
            merging.merge_products(keep=keep, absorb=prey, by=None, now=timezone.now())
        except merging.MergeRefused:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(keep,)) for keep in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return IdentityChange.objects.count()


def test_without_the_lock_a_product_is_swallowed_twice(products: list[Product], monkeypatch: Any) -> None:
    assert both_at_once(products, monkeypatch, locked=False) == 2


def test_with_the_lock_it_is_swallowed_once(products: list[Product], monkeypatch: Any) -> None:
    assert both_at_once(products, monkeypatch, locked=True) == 1
