"""The brand portal: its own side of every figure, and nobody else's."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from tests.factories.community import make_user
from tests.factories.earnings import NOON, make_shop
from tests.factories.parties import make_member, make_merchant
from tests.factories.tracking import make_click

pytestmark = pytest.mark.django_db
PERIOD = {"start": "2026-01-01", "end": "2026-12-31", "group": "creator"}


@pytest.fixture
def shop() -> Any:
    return make_shop("acme", percent="10")


@pytest.fixture
def brand(shop: Any, client: Client) -> Client:
    person = make_user()
    make_member(shop.merchant, person)
    client.force_login(person)
    return client


def _order(shop: Any, number: int = 1) -> Any:
    click = make_click(link=shop.link, placement=shop.placement, at=NOON)
    return shop.order(f"A-{number}", click=click)


def test_a_member_reads_the_report(brand: Client) -> None:
    assert brand.get("/brands/").status_code == 200


def test_a_stranger_is_told_nothing(shop: Any, client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/brands/").status_code == 404


def test_an_anonymous_visitor_is_asked_to_log_in(client: Client) -> None:
    assert client.get("/brands/").headers["Location"].startswith("/account/login/")


def test_another_merchant_cannot_be_asked_for(brand: Client) -> None:
    other = make_merchant()
    assert brand.get("/brands/", {"merchant": other.slug}).status_code == 404


def test_an_order_stands_in_the_report_with_its_creator(brand: Client, shop: Any) -> None:
    _order(shop)
    page = brand.get("/brands/", PERIOD).content.decode()
    assert "A-1" in page
    assert shop.creator.display_name in page


def test_another_brands_order_is_not_found(brand: Client) -> None:
    other = make_shop("other")
    _order(other, 7)
    assert brand.get("/brands/orders/A-7/").status_code == 404


def test_an_orders_page_says_why(brand: Client, shop: Any) -> None:
    _order(shop)
    assert shop.creator.display_name in brand.get("/brands/orders/A-1/").content.decode()


def test_an_orders_page_says_in_words_what_became_of_each_click(brand: Client, shop: Any) -> None:
    _order(shop)
    page = brand.get("/brands/orders/A-1/").content.decode()
    assert "The merchant reported this click, so it is credited." in page


def test_another_brands_creator_is_not_a_choice(brand: Client) -> None:
    other = make_shop("other")
    _order(other, 7)
    page = brand.get("/brands/", {**PERIOD, "creator": other.creator.pk})
    assert page.status_code == 400
    assert other.creator.display_name not in page.content.decode()


def test_a_first_day_after_the_last_is_named(brand: Client) -> None:
    page = brand.get("/brands/", {"start": "2026-02-01", "end": "2026-01-01"})
    assert page.status_code == 400
    assert "The first day comes after the last day." in page.content.decode()


def test_the_csv_names_basis_zone_days_and_time(brand: Client, shop: Any) -> None:
    _order(shop)
    text = b"".join(brand.get("/brands/report.csv", PERIOD)).decode()
    assert all(word in text for word in ("UTC", "2026-01-01", "2026-12-31", "occurred_at", "As of"))


def test_the_orders_csv_has_a_row_for_each_line(brand: Client, shop: Any) -> None:
    _order(shop)
    assert "A-1" in b"".join(brand.get("/brands/orders.csv", PERIOD)).decode()


def test_the_report_asks_as_much_for_many_orders_as_for_few(brand: Client, shop: Any) -> None:
    _order(shop)
    brand.get("/brands/", PERIOD)
    with CaptureQueriesContext(connection) as few:
        brand.get("/brands/", PERIOD)
    for number in range(2, 12):
        _order(shop, number)
    with CaptureQueriesContext(connection) as many:
        brand.get("/brands/", PERIOD)
    assert len(many) == len(few)


@pytest.mark.parametrize("number", ["A/1", "..", "a?b", "ünï 7"])
def test_an_order_number_may_hold_what_shops_put_into_it(brand: Client, shop: Any, number: str) -> None:
    shop.order(number, click=make_click(link=shop.link, placement=shop.placement, at=NOON))
    assert brand.get("/brands/", PERIOD).status_code == 200
