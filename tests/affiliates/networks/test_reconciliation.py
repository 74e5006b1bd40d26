"""What a network reports for some days against what is booked: every difference is found, and none is invented."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.networks.models import ReportFile
from affiliates.networks.selectors.reconciliation import days_of, sides
from tests.affiliates.networks.reports import as_json, awin, bring
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.django_db
DAY = NOON.date()


def found(file: ReportFile) -> list[tuple[str, str, int, int, int]]:
    return [
        (one.verdict, one.currency, one.number, one.reported_minor, one.booked_minor)
        for one in sides(file, since=DAY, until=DAY)
    ]


@pytest.fixture
def file(shop: Shop) -> ReportFile:
    """One transaction that agrees, one that does not, one that is parked, and an order that only we know."""
    first = shop.click().click_id
    ours = [
        awin(1, commission="10.00", clickRefs={"clickRef": first}),
        awin(2, commission="8.00", clickRefs={"clickRef": first}),
        awin(3, type="Bonus", commission="5.00"),
    ]
    shop.order("ONLY-HERE", click=shop.click())
    return bring(shop, as_json(*ours))


def test_each_planted_difference_is_found_and_none_is_invented(file: ReportFile) -> None:
    assert found(file) == [
        ("equal", "EUR", 1, 1000, 1000),
        ("differs", "EUR", 1, 800, 1000),
        ("missing_here", "EUR", 1, 500, 0),
        ("missing_there", "EUR", 1, 0, 1000),
    ]


def test_what_is_declined_there_and_earns_nothing_here_is_equal(shop: Shop) -> None:
    body = awin(1, commissionStatus="declined", clickRefs={"clickRef": shop.click().click_id})
    assert found(bring(shop, as_json(body))) == [("equal", "EUR", 1, 0, 0)]


def test_the_latest_word_counts(shop: Shop, file: ReportFile) -> None:
    first = shop.click().click_id
    later = bring(
        shop, as_json(awin(2, commission="10.00", commissionStatus="approved", clickRefs={"clickRef": first}))
    )
    assert ("equal", "EUR", 2, 2000, 2000) in found(later)


def test_other_days_hold_nothing(file: ReportFile) -> None:
    assert days_of(file) == (DAY, DAY)
    assert sides(file, since=DAY.replace(day=11), until=DAY.replace(day=20)) == []


def test_the_page_leads_to_orders_rows_and_back(file: ReportFile) -> None:
    client = Client()
    client.force_login(make_finance())
    address = f"/cms/network-reports/{file.ref}/compare/"
    page = client.get(address).content.decode()
    assert "differ." in page and "€8.00" in page and "verdict=missing_there" in page
    asked = f"?since={DAY}&until={DAY}&currency=EUR&verdict="
    assert "/cms/orders/acme/A-2/" in client.get(f"{address}{asked}differs").content.decode()
    assert "/cms/orders/acme/ONLY-HERE/" in client.get(f"{address}{asked}missing_there").content.decode()
    parked = client.get(f"{address}{asked}missing_here").content.decode()
    assert f"/cms/network-reports/{file.ref}/?row=3" in parked
    assert [row.number for row in client.get(f"/cms/network-reports/{file.ref}/?row=3").context["rows"]] == [3]
    assert f"/cms/network-reports/{file.ref}/?row=2" in client.get("/cms/orders/acme/A-2/").content.decode()


def test_days_that_are_none_are_named(file: ReportFile) -> None:
    client = Client()
    client.force_login(make_finance())
    page = client.get(f"/cms/network-reports/{file.ref}/compare/?since=2026-03-11&until=2026-03-10").content.decode()
    assert "The last day is not before the first." in page


def test_it_asks_as_often_for_many_as_for_few(shop: Shop, file: ReportFile) -> None:
    client = Client()
    client.force_login(make_finance())

    def count(one: ReportFile) -> int:
        path = f"/cms/network-reports/{one.ref}/compare/?since={DAY}&until={DAY}&currency=EUR&verdict=differs"
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    few = count(file)
    many = [awin(n, commission="8.00", clickRefs={"clickRef": shop.click().click_id}) for n in range(10, 22)]
    assert count(bring(shop, as_json(*many))) == few
