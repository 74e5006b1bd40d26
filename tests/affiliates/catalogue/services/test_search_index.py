"""Products written in bulk are found, whoever comes first to index them."""

from __future__ import annotations

from django.db import IntegrityError
from django.utils import timezone

from wagtail.search.backends import get_search_backend

import pytest

from affiliates.catalogue.models import FeedRun, Product
from affiliates.catalogue.services import search_index
from affiliates.catalogue.services.search_index import index_missing_products, index_products, waiting_products
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db


def in_bulk() -> Product:
    return Product.objects.bulk_create([Product(slug="kettle", name="Zanzibar kettle")])[0]


def found() -> list[Product]:
    return list(get_search_backend().search("zanzibar", Product))


def test_a_product_that_was_left_out_is_indexed() -> None:
    product = in_bulk()
    assert (waiting_products(), index_missing_products(), waiting_products()) == (1, 1, 0)
    assert found() == [product]


def test_two_that_index_the_same_products_do_not_get_in_each_others_way(monkeypatch: pytest.MonkeyPatch) -> None:
    product = in_bulk()
    once = [IntegrityError("somebody was quicker")]
    index = search_index._index

    def raced(product_ids: list[int]) -> None:
        if once:
            raise once.pop()
        index(product_ids)

    monkeypatch.setattr(search_index, "_index", raced)
    index_products([product.pk])
    assert found() == [product]


def test_what_an_import_will_index_itself_is_left_to_it() -> None:
    in_bulk()
    FeedRun.objects.create(
        merchant=make_merchant(), format="google", source="x", status="running", heartbeat_at=timezone.now()
    )
    assert waiting_products() == 0
