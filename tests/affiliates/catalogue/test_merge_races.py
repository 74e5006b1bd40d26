"""Two editors merge at once: without the lock both succeed, with it one does (PostgreSQL)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from wagtail.models import Page

import pytest

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Offer, Product, ProductMention, SourcePolicy
from affiliates.catalogue.services import listings, mentions, merging
from affiliates.parties.models import Merchant, MerchantHost
from tests.factories.catalogue import make_policy, make_product
from tests.factories.parties import make_merchant

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
            with transaction.atomic(), connection.cursor() as cursor:
                for table in ("catalogue_reading", "catalogue_offer"):
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                cursor.execute("DELETE FROM catalogue_reading")
                cursor.execute("DELETE FROM catalogue_offer")
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in ("catalogue_reading", "catalogue_offer"):
                    cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            MerchantHost.objects.filter(merchant__slug="racing").delete()
            Merchant.objects.filter(slug="racing").delete()
            SourcePolicy.objects.filter(slug="free-feed").delete()
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


def shops_on_gone_products(products: list[Product], monkeypatch: Any, *, locked: bool) -> int:
    """Offers left on a product that was merged away while an import that had met it was still at work."""
    keep, prey, _third = products
    Product.objects.filter(pk=prey.pk).update(gtin="4006381333931")
    shop = make_merchant("racing")
    policy, met, merged = make_policy(), threading.Event(), threading.Event()
    real = listings.ProductFinder.save

    def slow_save(self: Any) -> list[int]:
        met.set()
        merged.wait(timeout=1)
        return real(self)

    monkeypatch.setattr(listings.ProductFinder, "save", slow_save)
    if not locked:
        monkeypatch.setattr(merging, "one_at_a_time", lambda: None)
    row = FeedRow("A", "Lamp", "https://racing.example/1", "EUR", 100, gtin="4006381333931")

    def import_row() -> None:
        try:
            listings.apply_rows(merchant=shop, rows=[row], policy=policy, now=timezone.now(), index=False)
        finally:
            connection.close()

    importing = threading.Thread(target=import_row)
    importing.start()
    met.wait(timeout=5)
    merging.merge_products(keep=keep, absorb=prey, by=None, now=timezone.now())
    merged.set()
    importing.join()
    return Offer.objects.filter(product__merged_into__isnull=False).count()


def test_without_the_lock_an_import_leaves_an_offer_on_a_product_that_is_gone(
    products: list[Product], monkeypatch: Any
) -> None:
    assert shops_on_gone_products(products, monkeypatch, locked=False) == 1


def test_with_the_lock_the_merge_waits_and_takes_the_offer_along(products: list[Product], monkeypatch: Any) -> None:
    assert shops_on_gone_products(products, monkeypatch, locked=True) == 0


def test_without_the_lock_a_product_is_swallowed_twice(products: list[Product], monkeypatch: Any) -> None:
    assert both_at_once(products, monkeypatch, locked=False) == 2


def test_with_the_lock_it_is_swallowed_once(products: list[Product], monkeypatch: Any) -> None:
    assert both_at_once(products, monkeypatch, locked=True) == 1


def mentions_on_gone_products(products: list[Product], monkeypatch: Any, *, locked: bool) -> int:
    """Mentions left on a product that was merged away while a page that names it was being published."""
    keep, prey, _third = products
    page_id = Page.objects.get(depth=1).pk
    read, merged = threading.Event(), threading.Event()
    real = mentions._leads_of

    def slow_leads(ids: set[int]) -> dict[int, int]:
        found = real(ids) if locked else {}
        read.set()
        merged.wait(timeout=1)
        return found

    monkeypatch.setattr(mentions, "_leads_of", slow_leads)

    def publish() -> None:
        try:
            mentions.replace_mentions(page_id=page_id, mentions=[mentions.Mention(prey.pk)])
        finally:
            connection.close()

    publishing = threading.Thread(target=publish)
    publishing.start()
    read.wait(timeout=5)
    merging.merge_products(keep=keep, absorb=prey, by=None, now=timezone.now())
    merged.set()
    publishing.join()
    left = ProductMention.objects.filter(product=prey).count()
    ProductMention.objects.filter(page_id=page_id).delete()
    return left


def test_without_the_lock_a_published_page_speaks_of_a_product_that_is_gone(
    products: list[Product], monkeypatch: Any
) -> None:
    assert mentions_on_gone_products(products, monkeypatch, locked=False) == 1


def test_with_the_lock_the_merge_waits_and_takes_the_mention_along(products: list[Product], monkeypatch: Any) -> None:
    assert mentions_on_gone_products(products, monkeypatch, locked=True) == 0
