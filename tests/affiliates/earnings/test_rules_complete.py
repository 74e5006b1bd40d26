"""Conditions, boosts and caps of commission rules: each row of the document's tables, and what the database holds."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, transaction
from django.utils import timezone

import pytest

from affiliates.earnings.domain.commission_rules import (
    CONDITIONS,
    Facts,
    Rule,
    choose_rule,
    most_within,
    specificity,
    terms_of,
)
from affiliates.earnings.domain.states import Status
from affiliates.earnings.models import CommissionRule, Conversion
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.services.decisions import amend_refund, reverse_order, undo_reversal
from affiliates.earnings.services.rules import RuleRefused, add_rule, end_rule
from affiliates.parties.models import CreatorGroup, GroupMembership
from tests.affiliates.earnings.worked_tables import rows
from tests.factories.earnings import NOON, Shop, make_rule

DAY = dt.timedelta(days=1)
FIELDS: dict[str, Any] = {
    "creator": ("creator_id", int, "creator_id", int),
    "group": ("group_id", int, "groups", lambda text: frozenset(map(int, text.split()))),
    "products": ("products", lambda text: frozenset(text.split()), "products", lambda text: frozenset(text.split())),
    "category": ("category", str, "category", str),
    "coupon": ("coupon", str, "coupon", str),
    "customer": ("customer", str, "customer", str),
    "country": ("country", str, "country", str),
    "basket_min": ("basket_min_minor", int, "basket_minor", int),
    "basket_max": ("basket_max_minor", int, "basket_minor", int),
}


@pytest.mark.parametrize("row", rows("commission", "conditions"), ids=lambda row: " ".join(row.values()))
def test_a_condition_holds_as_the_document_says(row: dict[str, str]) -> None:
    rule_field, read_rule, fact_field, read_fact = FIELDS[row["condition"]]
    rule = Rule(1, 1, NOON, **{rule_field: read_rule(row["rule says"])})
    facts = Facts(NOON, **{fact_field: read_fact(row["line has"])})
    assert CONDITIONS[row["condition"]](rule, facts) == (row["holds"] == "yes")


def test_the_document_has_every_condition() -> None:
    assert {row["condition"] for row in rows("commission", "conditions")} == set(CONDITIONS) == set(FIELDS)


def _boosted(text: str) -> list[Rule]:
    made = []
    for part in text.split("; "):
        version, effect, pays = part.replace(":", "").split()
        flat = pays.endswith("c")
        made.append(
            Rule(
                int(version), int(version), NOON, effect=effect,
                percent=None if flat else Decimal(pays), flat_minor=int(pays[:-1]) if flat else None,
            )
        )  # fmt: skip
    return made


@pytest.mark.parametrize("row", rows("commission", "boosts"), ids=lambda row: " ".join(row.values()))
def test_a_boost_replaces_or_adds_as_the_document_says(row: dict[str, str]) -> None:
    choice = choose_rule(_boosted(row["rules (version: effect percent or amount)"]), Facts(NOON))
    terms = terms_of(choice, currency="EUR", program_currency="EUR")
    pays = f"{terms.percent}" if terms.percent is not None else f"{terms.flat_minor}c" if choice.rule else ""
    found = [str(rule.version) if rule else "none" for rule in (choice.rule, choice.boost)]
    assert [*found, pays] == [row["rule"], row["boost"], row["pays"]]


def test_every_loser_says_why() -> None:
    rules = [
        Rule(1, 1, NOON, percent=Decimal(5)),
        Rule(2, 2, NOON, percent=Decimal(6), category="Shoes"),
        Rule(3, 3, NOON, percent=Decimal(7), country="DE"),
        Rule(4, 4, NOON + DAY, percent=Decimal(8)),
        Rule(5, 5, NOON, percent=Decimal(9), creator_id=1),
    ]
    choice = choose_rule(rules, Facts(NOON, category="Shoes", creator_id=1, country="ES"))
    assert [(lost.rule.version, lost.why) for lost in choice.lost] == [
        (1, "beaten:creator"), (2, "beaten:creator"), (3, "country"), (4, "not_yet"),
    ]  # fmt: skip


def test_no_two_versions_are_equally_specific() -> None:
    assert specificity(Rule(1, 1, NOON)) != specificity(Rule(2, 2, NOON))


def test_a_capped_rule_is_not_held_against_another_currency() -> None:
    rule = Rule(1, 1, NOON, percent=Decimal(5), budget_minor=100)
    choice = choose_rule([rule], Facts(NOON, in_program_currency=False))
    assert (choice.rule, [lost.why for lost in choice.lost]) == (None, ["currency"])


@pytest.mark.parametrize("refunded", [0, 1, 3333, 5000, 9999])
def test_a_cut_line_uses_the_room_to_the_last_unit(refunded: int) -> None:
    gross = most_within(37, wanted_minor=10_000, amount_minor=10_000, refunded_minor=refunded)
    net = gross - round(gross * refunded / 10_000)
    assert net == 37 or gross == 10_000


def lines_of(shop: Shop, order_id: str = "A-1", **fields: Any) -> list[tuple[int, str]]:
    conversion = shop.order(order_id, click=shop.click(), **fields)
    return [(line.commission_minor, line.reason) for line in conversion.lines.order_by("pk")]


@pytest.mark.parametrize("cap", ["budget_minor", "creator_month_minor"])
def test_the_order_at_the_edge_gets_the_rest_and_the_next_nothing(shop: Shop, cap: str) -> None:
    make_rule(shop.program, percent="10", **{cap: 1500})
    found = [lines_of(shop, name) for name in ("A", "B", "C")]
    assert found == [[(1000, "")], [(500, "cap")], [(0, "cap")]]
    assert list(violations()) == []


def test_a_month_begins_with_new_room(shop: Shop) -> None:
    make_rule(shop.program, percent="10", creator_month_minor=1000)
    lines_of(shop, "A")
    conversion = shop.order("B", click=shop.click(NOON + 29 * DAY), occurred_at=(NOON + 30 * DAY).isoformat())
    assert conversion.commission_minor == 1000


def test_an_order_earns_no_more_than_its_cap(shop: Shop) -> None:
    make_rule(shop.program, percent="10", order_minor=1200)
    assert lines_of(shop, lines=[("1", "100.00"), ("2", "100.00"), ("3", "10.00")]) == [
        (1000, ""), (200, "cap"), (0, "cap"),
    ]  # fmt: skip


def test_a_refund_frees_budget_for_later_orders_only(shop: Shop) -> None:
    make_rule(shop.program, percent="10", budget_minor=1500)
    first, second = shop.click(), shop.click()
    shop.order("A", click=first)
    shop.order("B", click=second)
    shop.order("A", click=first, lines=[("1", "100.00", "100.00")])
    assert shop.order("B", click=second, status="approved").commission_minor == 500
    assert lines_of(shop, "C") == [(1000, "")]
    back = shop.order("A", click=first)
    assert (back.commission_minor, list(violations())) == (0, [])


def test_an_undone_reversal_gets_what_room_is_left(shop: Shop) -> None:
    make_rule(shop.program, percent="10", budget_minor=1500)
    order = shop.order("A", click=shop.click())
    order = reverse_order(conversion=order, reason="returned", now=NOON)
    lines_of(shop, "B")
    undo_reversal(conversion=order, to=Status.PENDING, by=shop.creator.user, note="", channel="admin", now=NOON)
    assert (Conversion.objects.get(order_id="A").commission_minor, list(violations())) == (500, [])


def test_a_refund_withdrawn_by_hand_gets_what_room_is_left(shop: Shop) -> None:
    make_rule(shop.program, percent="10", budget_minor=1500)
    order = shop.order("A", click=shop.click(), lines=[("1", "100.00", "100.00")])
    lines_of(shop, "B")
    amend_refund(conversion=order, line_id="1", refunded_minor=0, by=None, now=NOON)
    assert (Conversion.objects.get(order_id="A").commission_minor, list(violations())) == (500, [])


def test_a_full_refund_of_a_cut_line_leaves_nothing(shop: Shop) -> None:
    make_rule(shop.program, percent="10", budget_minor=333)
    click = shop.click()
    shop.order(click=click)
    conversion = shop.order(click=click, lines=[("1", "100.00", "100.00")])
    assert (conversion.commission_minor, list(violations())) == (0, [])


def test_the_explanation_says_that_a_cap_cut(shop: Shop) -> None:
    make_rule(shop.program, percent="10", budget_minor=333)
    words = " ".join(explain(shop.order(click=shop.click())).lines)
    assert "cap or budget was reached" in words and "earns nothing" not in words


def test_a_boost_on_top_is_frozen_with_the_line(shop: Shop) -> None:
    click = shop.click()
    boost = make_rule(shop.program, percent="5", effect="adds", ends_at=NOON + DAY)
    shop.order(click=click)
    CommissionRule.objects.filter(pk=boost.pk).update(ends_at=NOON - DAY)
    conversion = shop.order(click=click, lines=[("1", "100.00", "50.00")])
    assert (conversion.commission_minor, conversion.lines.get().boost) == (750, boost)
    assert list(violations()) == []


def test_a_group_is_paid_by_who_was_in_it_when_the_order_was_placed(shop: Shop) -> None:
    group = CreatorGroup.objects.create(program=shop.program, name="Gold")
    make_rule(shop.program, percent="20", group=group)
    GroupMembership.objects.create(group=group, creator=shop.creator, starts_at=NOON - DAY, ends_at=NOON)
    early = lines_of(shop, "A", occurred_at=(NOON - dt.timedelta(minutes=30)).isoformat())
    assert (early, lines_of(shop, "B")) == ([(2000, "")], [(1000, "")])


def test_two_equal_rules_in_force_at_one_time_are_refused_by_the_database(shop: Shop) -> None:
    fields = {"program": shop.program, "kind": "percent", "percent": 5, "starts_at": NOON, "category": "Shoes"}
    CommissionRule.objects.create(version=2, **fields)
    with pytest.raises(DatabaseError, match="equal conditions"), transaction.atomic():
        CommissionRule.objects.create(version=3, **fields | {"category": "shoes", "starts_at": NOON + DAY})


@pytest.mark.parametrize("change", [{"ends_at": None}, {"ends_at": NOON + DAY}, {"budget_minor": 1}, {"coupon": "x"}])
def test_an_ended_rule_is_neither_prolonged_nor_edited(shop: Shop, change: dict[str, Any]) -> None:
    CommissionRule.objects.update(ends_at=NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        CommissionRule.objects.update(**change)


def test_a_rule_is_never_deleted(shop: Shop) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        CommissionRule.objects.all().delete()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"effect": "adds"}, "needs an end"),
        ({"effect": "adds", "ends_at": NOON + DAY, "budget_minor": 5}, "cap or budget"),
        ({"basket_min_minor": 5, "basket_max_minor": 5}, "below the most"),
        ({"percent": Decimal(101)}, "between 0 and 100"),
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(shop: Shop, fields: dict[str, Any], words: str) -> None:
    with pytest.raises(RuleRefused, match=words):
        add_rule(program=shop.program, starts_at=NOON, now=NOON, **{"percent": Decimal(5), **fields})


def test_a_rule_ends_now_or_later(shop: Shop) -> None:
    rule = CommissionRule.objects.get()
    with pytest.raises(RuleRefused):
        end_rule(rule=rule, at=NOON - DAY, now=NOON)
    assert end_rule(rule=rule, at=NOON, now=NOON).ends_at == NOON


def test_a_months_cap_is_of_the_month_in_utc_wherever_somebody_sits(shop: Shop) -> None:
    make_rule(shop.program, percent="10", creator_month_minor=1500)
    with timezone.override("Asia/Tokyo"):
        for name in ("A", "B"):
            shop.order(name, click=shop.click(NOON + 20 * DAY), occurred_at="2026-03-31T16:00:00Z", now=NOON + 30 * DAY)
        assert sum(order.commission_minor for order in shop.merchant.conversions.all()) == 1500
        assert list(violations()) == []
