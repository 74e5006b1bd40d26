"""S1: a price older than its source allows appears nowhere."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, Reading
from affiliates.catalogue.services.search_index import index_products
from tests.factories.catalogue import make_offer, make_product
from tests.factories.guides import make_guide

pytestmark = pytest.mark.django_db
NOW = timezone.now()
DAY = dt.timedelta(days=1)


@pytest.fixture
def stale() -> Offer:
    """An offer of 7,531.97 euros with a history, last confirmed three days ago."""
    product = make_product("Zephyrine kettle", slug="zephyrine")
    offer = make_offer(product, price_minor=753197, list_price_minor=864219, seen_at=NOW - 3 * DAY)
    for days, minor in ((40, 864219), (20, 753197), (10, 753197)):
        Reading.objects.create(
            offer=offer,
            price_minor=minor,
            currency="EUR",
            availability="in_stock",
            observed_at=NOW - days * DAY,
            policy=offer.policy,
        )
    index_products([product.pk])
    return offer


def numbers(html: bytes) -> list[str]:
    text = html.decode()
    return [number for number in ("7,531", "7531", "7.531", "8,642", "8642", "8.642") if number in text]


@pytest.mark.parametrize(
    "address",
    ["/products/zephyrine/", "/es/products/zephyrine/", "/search/?q=Zephyrine", "/api/v1/products", "/guides/", "/"],
)
def test_a_price_too_old_appears_nowhere(client: Client, stale: Offer, address: str) -> None:
    make_guide(products=[stale.product])
    answer = client.get(address)
    assert (answer.status_code, numbers(answer.content)) == (200, [])


def test_a_guide_does_not_show_it_either(client: Client, stale: Offer) -> None:
    answer = client.get(make_guide(products=[stale.product]).url)
    assert "Zephyrine" in answer.content.decode() and numbers(answer.content) == []


def test_the_same_price_confirmed_now_is_shown(client: Client, stale: Offer) -> None:
    Offer.objects.filter(pk=stale.pk).update(price_seen_at=NOW)
    assert numbers(client.get("/products/zephyrine/").content)


def test_the_page_says_that_its_history_is_too_old(client: Client, stale: Offer) -> None:
    assert "too old to show, and so is what came before" in client.get("/products/zephyrine/").content.decode()
