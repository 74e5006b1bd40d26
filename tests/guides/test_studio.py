"""The creator's money in the studio: their own, explained, and nobody else's."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from tests.factories.community import make_creator, make_user
from tests.factories.earnings import NOON, make_shop
from tests.factories.tracking import make_click

pytestmark = pytest.mark.django_db
PERIOD = {"start": "2026-01-01", "end": "2026-12-31"}


@pytest.fixture
def shop() -> Any:
    return make_shop("acme", percent="10", share="70", creator=make_creator())


@pytest.fixture
def owner(shop: Any, client: Client) -> Client:
    client.force_login(shop.creator.user)
    return client


def _order(shop: Any, number: int = 1) -> None:
    shop.order(f"A-{number}", click=make_click(link=shop.link, placement=shop.placement, at=NOON))


def test_a_creator_reads_their_orders(owner: Client, shop: Any) -> None:
    _order(shop)
    assert "A-1" in owner.get("/cms/earnings/", PERIOD).content.decode()


def test_a_creator_reads_why_an_order_is_theirs(owner: Client, shop: Any) -> None:
    _order(shop)
    assert owner.get("/cms/earnings/orders/acme/A-1/").status_code == 200


def test_another_creators_order_is_not_found(shop: Any, client: Client) -> None:
    _order(shop)
    client.force_login(make_creator().user)
    assert client.get("/cms/earnings/orders/acme/A-1/").status_code == 404


def test_the_front_page_does_not_count_other_peoples_pages(owner: Client) -> None:
    assert "w-summary__list" not in owner.get("/cms/").content.decode()


def test_a_reader_has_no_earnings(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/cms/earnings/").status_code in (302, 403, 404)


def test_an_anonymous_visitor_is_asked_to_log_in(client: Client) -> None:
    assert client.get("/cms/earnings/").status_code == 302


def test_a_first_day_after_the_last_is_named(owner: Client) -> None:
    page = owner.get("/cms/earnings/", {"start": "2026-02-01", "end": "2026-01-01"})
    assert page.status_code == 400
    assert "The first day comes after the last day." in page.content.decode()


def test_the_csv_names_what_it_is_dated_by(owner: Client, shop: Any) -> None:
    _order(shop)
    text = owner.get("/cms/earnings/orders.csv", PERIOD).content.decode()
    assert all(word in text for word in ("UTC", "2026-01-01", "2026-12-31", "A-1"))


def test_the_page_asks_as_much_for_many_orders_as_for_few(owner: Client, shop: Any) -> None:
    _order(shop)
    owner.get("/cms/earnings/", PERIOD)
    with CaptureQueriesContext(connection) as few:
        owner.get("/cms/earnings/", PERIOD)
    for number in range(2, 12):
        _order(shop, number)
    with CaptureQueriesContext(connection) as many:
        owner.get("/cms/earnings/", PERIOD)
    assert len(many) == len(few)
