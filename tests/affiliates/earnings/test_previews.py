"""What an order would earn, and what last month would have cost under a draft: the same as what is booked."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.earnings.domain import commission_rules
from affiliates.earnings.models import CommissionRule, Conversion, ConversionLine, Transfer
from affiliates.earnings.selectors.rule_words import lost_in_words, rule_in_words, rule_reasons
from affiliates.earnings.services.previews import Preview, Wanted, cost_under, last_month, preview_order
from affiliates.earnings.services.rules import draft_rule
from affiliates.parties.models import CreatorGroup, GroupMembership, Stay
from tests.factories.earnings import NOON, Shop, make_rule, make_shop

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
MARCH = dt.date(2026, 3, 1)


@pytest.fixture
def shop() -> Shop:
    return make_shop("acme")


def preview(shop: Shop, *lines: Wanted, **facts: Any) -> Preview:
    facts = {"creator": shop.creator, "occurred_at": NOON, **facts}
    return preview_order(program=shop.program, lines=lines or (Wanted(10_000),), **facts)


def draft(shop: Shop, **terms: Any) -> CommissionRule:
    terms = {"percent": Decimal(20), **terms}
    return draft_rule(program=shop.program, starts_at=NOON + 30 * DAY, now=NOON + 30 * DAY, **terms)


def costs(shop: Shop, **terms: Any) -> list[tuple[str, int, int, int]]:
    under = cost_under(draft=draft(shop, **terms), month=MARCH)
    return [(cost.currency, cost.priced, cost.did_minor, cost.would_minor) for cost in under.costs]


# Rules beside the base of 10 %.
CASES: list[dict[str, Any]] = [
    {"percent": "7", "category": "Shoes"},
    {"percent": "7.7777", "country": "ES"},
    {"percent": "12", "coupon": "summer"},
    {"percent": "12", "customer": "new"},
    {"percent": None, "flat_minor": 123, "products": "sku-1"},
    {"percent": "15", "basket_min_minor": 5000},
    {"percent": "50", "category": "Shoes", "order_minor": 700},
    {"percent": "50", "category": "Shoes", "budget_minor": 300},
    {"percent": "3", "effect": "adds", "ends_at": NOON + DAY},
    {"percent": "3", "effect": "replaces", "ends_at": NOON + DAY},
]


@pytest.mark.parametrize("rule", CASES)
def test_a_preview_is_what_the_order_then_earns(shop: Shop, rule: dict[str, Any]) -> None:
    make_rule(shop.program, **rule)
    facts = {"country": "ES", "customer": "new", "coupon": "summer"}
    thought = preview(shop, Wanted(8901, "SKU-1", "Shoes"), Wanted(3333, "SKU-2", "Hats"), **facts)
    lines = [
        {"line_id": "1", "amount": "89.01", "sku": "SKU-1", "category": "Shoes"},
        {"line_id": "2", "amount": "33.33", "sku": "SKU-2", "category": "Hats"},
    ]
    order = shop.order(click=shop.click(), lines=lines, **facts)
    names = ("rule_id", "boost_id", "percent", "flat_minor", "commission_minor", "creator_minor", "reason")
    booked = [tuple(getattr(line, name) for name in names) for line in order.lines.order_by("line_id")]
    assert [tuple(getattr(one.line, name) for name in names) for one in thought.lines] == booked


def test_a_preview_writes_nothing(shop: Shop) -> None:
    make_rule(shop.program, percent="7", budget_minor=100)
    preview(shop)
    assert not (Conversion.objects.exists() or ConversionLine.objects.exists() or Transfer.objects.exists())


def test_a_preview_says_what_a_cap_leaves(shop: Shop) -> None:
    make_rule(shop.program, percent="10", category="Shoes", budget_minor=1500, creator_month_minor=2000)
    left = [one.left for one in preview(shop, Wanted(10_000, "", "Shoes"), Wanted(10_000, "", "Shoes")).lines]
    assert [[(cap.kind, cap.minor) for cap in caps] for caps in left] == [
        [("creator_month", 1000), ("budget", 500)],
        [("creator_month", 500), ("budget", 0)],
    ]


def test_a_preview_says_why_each_other_rule_lost(shop: Shop) -> None:
    make_rule(shop.program, percent="7", category="Shoes")
    make_rule(shop.program, percent="8", country="FR")
    lost = preview(shop, Wanted(100, "", "Shoes"), country="ES").lines[0].lost
    assert [(rule.version, why) for rule, why in lost] == [(1, "beaten:category"), (3, "country")]


def test_a_preview_for_who_was_not_in_the_programme_earns_nothing(shop: Shop) -> None:
    Stay.objects.update(starts_at=NOON + DAY)
    found = preview(shop)
    assert (found.reason, found.commission_minor) == ("creator_not_enrolled", 0)


def test_a_preview_without_a_creator_is_all_the_platforms(shop: Shop) -> None:
    found = preview(shop, creator=None)
    assert (found.commission_minor, found.creator_minor, found.platform_minor) == (1000, 0, 1000)


def test_a_preview_shows_what_is_rounded(shop: Shop) -> None:
    found = preview(shop, Wanted(8901)).lines[0]
    assert (found.exact, found.line.commission_minor) == (Decimal("8.901"), 890)


def test_a_preview_asks_as_much_for_many_lines_and_rules_as_for_few(shop: Shop) -> None:
    def queries(number: int) -> int:
        with CaptureQueriesContext(connection) as caught:
            preview(shop, *[Wanted(100, f"SKU-{n}") for n in range(number)])
        return len(caught)

    make_rule(shop.program, percent="7", products="sku-1", budget_minor=100)
    few = queries(1)
    for number in range(5):
        make_rule(shop.program, percent="7", category=f"C{number}", budget_minor=100, creator=shop.creator)
    assert queries(9) == few


def test_every_reason_of_the_rules_has_a_sentence() -> None:
    reasons = {"not_yet", "ended", "currency", "replaced", "nothing_to_add_to"}
    reasons |= {*commission_rules.CONDITIONS, *(f"beaten:{place}" for place in commission_rules._PLACES)}
    reasons |= {commission_rules.NO_RULE, commission_rules.FLAT_IN_OTHER_CURRENCY, commission_rules.CAP}
    assert set(rule_reasons()) == reasons


def test_a_sentence_is_no_code() -> None:
    assert all(lost_in_words(code).endswith(".") for code in rule_reasons())


def test_a_rule_is_said_in_words(shop: Shop) -> None:
    rule = make_rule(shop.program, percent="7.5", category="Shoes", country="ES", order_minor=500)
    assert rule_in_words(rule, "EUR") == "7.5 %: in the category Shoes, delivered to Spain, at most €5.00 an order"


def test_a_draft_is_held_against_what_the_month_cost(shop: Shop) -> None:
    shop.order("A", click=shop.click())
    assert costs(shop) == [("EUR", 1, 1000, 2000)]


def test_lines_that_a_draft_does_not_price_cost_what_they_did(shop: Shop) -> None:
    lines = [
        {"line_id": "1", "amount": "100.00", "category": "Shoes"},
        {"line_id": "2", "amount": "100.00", "category": "Hats"},
    ]
    shop.order("A", click=shop.click(), lines=lines)
    assert costs(shop, category="Shoes") == [("EUR", 1, 2000, 3000)]


def test_refunds_and_reversals_are_taken_off(shop: Shop) -> None:
    shop.order("A", click=shop.click(), lines=[("1", "100.00", "50.00")])
    shop.order("B", click=shop.click(), status="reversed")
    assert costs(shop) == [("EUR", 2, 500, 1000)]


def test_each_currency_is_summed_by_itself(shop: Shop) -> None:
    shop.order("A", click=shop.click())
    shop.order("B", click=shop.click(), currency="USD")
    assert costs(shop) == [("EUR", 1, 1000, 2000), ("USD", 1, 1000, 2000)]


def test_other_months_and_uncredited_orders_are_left_out(shop: Shop) -> None:
    shop.order("A", click=shop.click(NOON - 20 * DAY), occurred_at=(NOON - 15 * DAY).isoformat())
    shop.order("B")
    assert costs(shop) == []


def test_a_drafts_budget_begins_empty_and_is_kept(shop: Shop) -> None:
    for number in range(3):
        shop.order(f"A-{number}", click=shop.click())
    assert costs(shop, budget_minor=4500) == [("EUR", 3, 3000, 4500)]


def test_a_drafts_most_for_an_order_is_kept(shop: Shop) -> None:
    shop.order("A", click=shop.click(), lines=[("1", "100.00"), ("2", "100.00")])
    assert costs(shop, order_minor=2500) == [("EUR", 2, 2000, 2500)]


def test_a_boost_on_top_is_added_to_what_prices_the_line(shop: Shop) -> None:
    shop.order("A", click=shop.click())
    assert costs(shop, effect="adds", ends_at=NOON + 40 * DAY) == [("EUR", 1, 1000, 3000)]


def test_a_draft_for_the_first_group_knows_who_is_in_it(shop: Shop) -> None:
    group = CreatorGroup.objects.create(program=shop.program, name="Gold")
    GroupMembership.objects.create(group=group, creator=shop.creator, starts_at=NOON - DAY)
    shop.order("A", click=shop.click())
    assert costs(shop, group=group) == [("EUR", 1, 1000, 2000)]


def test_of_very_many_orders_the_latest_are_compared(shop: Shop) -> None:
    for number in range(3):
        shop.order(f"A-{number}", click=shop.click())
    under = cost_under(draft=draft(shop), month=MARCH, most=2)
    assert (under.orders, under.orders_in_all, under.costs[0].did_minor) == (2, 3, 2000)


def test_the_comparison_books_nothing_and_changes_no_rule(shop: Shop) -> None:
    shop.order("A", click=shop.click())
    before = (Transfer.objects.count(), list(CommissionRule.objects.values()))
    costs(shop)
    assert (Transfer.objects.count(), list(CommissionRule.objects.values())) == before


def test_the_comparison_asks_as_much_for_many_orders_as_for_few(shop: Shop) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            costs(shop)
        return len(caught)

    shop.order("A", click=shop.click())
    few = queries()
    for number in range(6):
        shop.order(f"B-{number}", click=shop.click())
    assert queries() == few


def test_last_month_is_the_one_before_in_utc() -> None:
    assert last_month(dt.datetime(2026, 1, 1, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=1)))) == dt.date(2025, 11, 1)
