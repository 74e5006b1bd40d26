"""Finance and brands draft rules with what they would have cost, and ask what an order would earn."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.earnings.models import CommissionRule
from affiliates.earnings.services.previews import last_month
from tests.factories.community import make_finance, make_user
from tests.factories.earnings import Shop, make_rule, make_shop
from tests.factories.parties import make_member

pytestmark = pytest.mark.django_db
RULES, PREVIEW = "/cms/money/rules/acme/", "/cms/money/rules/acme/preview/"
BRANDS_RULES, BRANDS_PREVIEW = "/brands/rules/?merchant=acme", "/brands/rules/preview/?merchant=acme"
ORDER = {"line-0-amount": "89.01", "line-0-category": "Shoes", "customer": "new"}


@pytest.fixture
def shop() -> Shop:
    return make_shop("acme")


def logged_in(person: object) -> Client:
    client = Client()
    client.force_login(person)
    return client


def member(shop: Shop, role: str = "manager") -> Client:
    return logged_in(make_member(shop.merchant, make_user(), role=role).user)


@pytest.fixture
def finance(db: None) -> Client:
    return logged_in(make_finance())


@pytest.mark.parametrize("path", ["/cms/money/rules/", RULES, PREVIEW])
def test_finance_opens_it_and_nobody_else(shop: Shop, finance: Client, path: str) -> None:
    strangers = (logged_in(make_user()), logged_in(shop.creator.user), member(shop), Client())
    assert finance.get(path).status_code == 200
    assert {stranger.get(path).status_code for stranger in strangers} <= {302, 403, 404}


@pytest.mark.parametrize("path", [BRANDS_RULES, BRANDS_PREVIEW])
def test_a_viewer_of_the_brand_opens_it_and_no_stranger(shop: Shop, path: str) -> None:
    strangers = (logged_in(make_user()), logged_in(shop.creator.user), member(make_shop()), Client())
    assert member(shop, "viewer").get(path).status_code == 200
    assert [stranger.get(path).status_code for stranger in strangers] == [404, 404, 404, 302]


def test_a_viewer_drafts_nothing(shop: Shop) -> None:
    assert member(shop, "viewer").post(BRANDS_RULES, {"effect": "base", "percent": "5"}).status_code == 404


def test_finance_sees_the_cost_before_anything_is_started(shop: Shop, finance: Client) -> None:
    day = last_month(timezone.now()) + dt.timedelta(days=9)
    at = dt.datetime.combine(day, dt.time(12), dt.UTC)
    shop.order(click=shop.click(at), occurred_at=at.isoformat())
    html = finance.post(RULES, {"effect": "base", "percent": "25", "do": "cost"}).content.decode()
    assert "€10.00" in html and "€25.00" in html and "+€15.00" in html
    assert CommissionRule.objects.count() == 1


def test_finance_starts_a_rule(shop: Shop, finance: Client) -> None:
    finance.post(RULES, {"effect": "base", "percent": "25", "category": "Shoes", "do": "start"})
    assert CommissionRule.objects.get(version=2).category == "Shoes"


def test_a_rule_that_says_two_rates_is_refused_at_its_field(shop: Shop, finance: Client) -> None:
    page = finance.post(RULES, {"effect": "base", "percent": "25", "flat": "2.00", "do": "start"})
    assert (page.status_code, CommissionRule.objects.count()) == (422, 1)
    assert "either a percentage or a fixed amount" in page.content.decode()


def test_a_boost_without_an_end_is_refused(shop: Shop, finance: Client) -> None:
    page = finance.post(RULES, {"effect": "adds", "percent": "5", "do": "start"})
    assert (page.status_code, "A boost needs an end" in page.content.decode()) == (422, True)


def test_an_amount_with_too_many_decimals_is_named(shop: Shop, finance: Client) -> None:
    page = finance.post(RULES, {"effect": "base", "flat": "2.005", "do": "cost"})
    assert (page.status_code, "such as 12.50" in page.content.decode()) == (422, True)


def test_finance_ends_a_rule(shop: Shop, finance: Client) -> None:
    finance.post(f"{RULES}1/end/")
    assert CommissionRule.objects.get().is_over


def test_a_stranger_ends_no_rule(shop: Shop) -> None:
    logged_in(make_user()).post(f"{RULES}1/end/")
    assert CommissionRule.objects.get().ends_at is None


def test_a_manager_sees_the_cost_of_a_draft(shop: Shop) -> None:
    page = member(shop).post(BRANDS_RULES, {"effect": "base", "percent": "25"})
    assert (page.status_code, "under this rule" in page.content.decode()) == (200, True)
    assert CommissionRule.objects.count() == 1


@pytest.mark.parametrize("brand", [False, True])
def test_an_order_that_is_thought_of_is_explained(shop: Shop, finance: Client, brand: bool) -> None:
    make_rule(shop.program, percent="7", category="Shoes")
    client, path = (member(shop), BRANDS_PREVIEW) if brand else (finance, f"{PREVIEW}?")
    html = client.get(
        f"{path}&line-0-amount=89.01&line-0-category=Shoes&creator={shop.creator.handle}"
    ).content.decode()
    words = ("Version 2: 7 %", "6.2307", "€6.23", "A rule for a narrower category")
    assert [word for word in words if word not in html] == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"line-0-amount": "9,50"}, "such as 12.50"),
        ({"line-0-amount": "", "line-0-sku": "A"}, "Say what this line is worth"),
        ({"line-0-amount": "", "line-0-category": ""}, "at least one line"),
        ({"creator": "nobody-at-all"}, "no creator of this handle"),
        ({"on": "yesterday"}, "valid date"),
    ],
)
def test_what_is_wrong_with_an_order_is_named(shop: Shop, finance: Client, wrong: dict[str, str], words: str) -> None:
    page = finance.get(PREVIEW, ORDER | wrong)
    assert (page.status_code, words in page.content.decode()) == (422, True)


def test_the_list_of_rules_asks_as_much_for_many_as_for_few(shop: Shop, finance: Client) -> None:
    def queries(path: str) -> int:
        finance.get(path)
        with CaptureQueriesContext(connection) as caught:
            finance.get(path)
        return len(caught)

    few = [queries(path) for path in ("/cms/money/rules/", RULES)]
    for number in range(5):
        make_rule(make_shop(f"shop-{number}-more").program, percent="3", category="X")
        make_rule(shop.program, percent="3", category=f"C{number}", creator=shop.creator)
    assert [queries(path) for path in ("/cms/money/rules/", RULES)] == few


@pytest.mark.parametrize("brand", [False, True])
def test_an_orders_page_says_why_no_other_rule_prices_it(shop: Shop, finance: Client, brand: bool) -> None:
    make_rule(shop.program, percent="7", category="Shoes")
    shop.order("A-1", click=shop.click())
    client, path = (member(shop), "/brands/orders/A-1/") if brand else (finance, "/cms/orders/acme/A-1/")
    assert "It is for another category." in client.get(path).content.decode()


def test_what_nobody_knows_any_more_is_not_told(shop: Shop, finance: Client) -> None:
    shop.order("A-1", click=shop.click())
    make_rule(shop.program, percent="7", category="Shoes")
    make_rule(shop.program, percent="9", creator=shop.creator)
    assert "Why no other rule" not in finance.get("/cms/orders/acme/A-1/").content.decode()
