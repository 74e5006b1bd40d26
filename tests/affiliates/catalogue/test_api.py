from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from cms.core.models import site_defaults
from tests.factories.catalogue import make_offer, make_policy, make_product
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
ADDRESS = "/api/v1/products"


def test_a_product_carries_its_address_and_offers(client: Client) -> None:
    product = make_product("Kettle", slug="kettle", brand="Halden", gtin="4006381333931")
    offer = make_offer(product, make_merchant("acme", currency="JPY", home_country="JP"), price_minor=5283)
    (found,) = client.get(ADDRESS).json()["results"]
    assert (found["name"], found["brand"], found["gtin"]) == ("Kettle", "Halden", "4006381333931")
    assert found["url"] == "http://testserver/products/kettle/"
    (listed,) = found["offers"]
    assert (listed["merchant"], listed["country"], listed["price"], listed["currency"]) == ("acme", "JP", "5283", "JPY")
    assert dt.datetime.fromisoformat(listed["price_seen_at"]) == offer.price_seen_at


def test_a_price_past_its_age_is_null(client: Client) -> None:
    make_offer(seen_at=timezone.now() - dt.timedelta(hours=3), policy=make_policy("brief", max_price_age_hours=2))
    assert client.get(ADDRESS).json()["results"][0]["offers"][0]["price"] is None


def test_pages_follow_one_another_without_gap_or_repetition(client: Client) -> None:
    for number in range(5):
        make_product(slug=f"thing-{number}")
    seen, address = [], f"{ADDRESS}?limit=2"
    while address:
        page = client.get(address).json()
        seen += [product["slug"] for product in page["results"]]
        address = page["next"]
    assert seen == [f"thing-{number}" for number in (4, 3, 2, 1, 0)]


@pytest.mark.parametrize("query", ["limit=0", "limit=501", "limit=x", "cursor=nonsense"])
def test_a_wrong_question_is_a_problem_that_names_it(client: Client, query: str) -> None:
    answer = client.get(f"{ADDRESS}?{query}")
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]


def test_queries_are_equal_for_few_and_many(client: Client) -> None:
    counted = []
    site_defaults()
    for number in (2, 12):
        for _ in range(number):
            make_offer()
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS)
        counted.append(len(queries))
    assert counted[0] == counted[1]
