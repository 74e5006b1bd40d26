"""Reports: the same figures for every side, by every key, whatever the number of orders."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.catalogue.models import Offer
from affiliates.catalogue.services.merging import merge_products
from affiliates.earnings.models import ConversionLine
from affiliates.earnings.selectors.audit import currency_totals
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.selectors.history import conversion_history
from affiliates.earnings.selectors.reports import (
    GROUPS,
    CommissionReport,
    ReportFilter,
    ReportRow,
    Scope,
    clicks_by_reason,
    commission_report,
    conversions_for,
    report_choices,
)
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts
from affiliates.earnings.services.rules import RuleRefused, add_rule
from tests.factories.catalogue import make_offer
from tests.factories.community import make_finance, make_operator
from tests.factories.earnings import NOON, Shop, make_shop

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = NOON.date()


def report(shop: Shop, group_by: str = "day", *, scope: Scope | None = None, **filters: Any) -> CommissionReport:
    return commission_report(
        scope=scope or Scope(merchant_id=shop.merchant.pk),
        filters=ReportFilter(**{"from_on": TODAY, "to_on": TODAY, **filters}),
        group_by=group_by,
        now=NOON,
    )


def total(found: CommissionReport) -> ReportRow:
    assert len(found.totals) == 1
    return found.totals[0]


def test_a_report_sums_clicks_orders_and_money(shop: Shop) -> None:
    shop.order("a", click=shop.click(), lines=[("1", "100.00", "20.00")])
    shop.click(reason="bot")
    row = total(report(shop))
    assert (row.clicks, row.valid_clicks, row.conversions) == (2, 1, 1)
    assert (row.amount_minor, row.commission_minor) == (8000, 800)
    assert (row.creator_share_minor, row.platform_fee_minor) == (560, 240)
    assert (row.pending_minor, row.approved_minor, row.paid_minor, row.reversed_minor) == (800, 0, 0, 200)


@pytest.mark.parametrize(
    ("first", "last", "there"),
    [("2026-03-10", "2026-03-10", 1), ("2026-03-09", "2026-03-09", 0), ("2026-03-11", "2026-03-12", 0)],
)
def test_the_first_and_last_day_belong_to_a_report(shop: Shop, first: str, last: str, there: int) -> None:
    for number, at in enumerate(("2026-03-10T00:00:00Z", "2026-03-10T23:59:59.999999Z")):
        shop.order(f"a{number}", occurred_at=at, now=NOON + DAY)
    found = report(shop, from_on=dt.date.fromisoformat(first), to_on=dt.date.fromisoformat(last))
    assert sum(row.conversions for row in found.rows) == 2 * there


def test_orders_are_dated_in_utc(shop: Shop) -> None:
    shop.order(occurred_at="2026-03-11T01:30:00+02:00")
    assert [row.key for row in report(shop).rows] == ["2026-03-10"]


@pytest.mark.parametrize("group_by", GROUPS)
def test_the_rows_of_every_grouping_add_up_to_the_totals(shop: Shop, group_by: str) -> None:
    for number in range(4):
        lines = [("1", "33.33", "11.11"), ("2", "0.05")][: 1 + number % 2]
        shop.order(f"a{number}", click=shop.click() if number else None, lines=lines)
    found = report(shop, group_by)
    for name in ("commission_minor", "creator_share_minor", "platform_fee_minor", "amount_minor", "clicks"):
        assert sum(getattr(row, name) for row in found.rows) == getattr(total(found), name)


def test_the_states_divide_the_commission_and_for_a_creator_their_part(shop: Shop) -> None:
    first, second = make_finance(), make_operator()
    later = NOON + 20 * DAY
    shop.order("paid", click=shop.click(), status="approved", now=later, lines=[("1", "1000.00")])
    batch = propose_payouts(by=first, currency="EUR", now=later)
    assert batch
    approve_batch(batch=batch, by=second, now=later)
    mark_batch_sent(batch=batch, by=first, now=later)
    shop.order("approved", click=shop.click(), status="approved")
    shop.order("pending", click=shop.click())
    brand, creator = total(report(shop)), total(report(shop, scope=Scope(creator_id=shop.creator.pk)))
    assert (brand.pending_minor, brand.approved_minor, brand.paid_minor) == (1000, 1000, 10000)
    assert (creator.pending_minor, creator.approved_minor, creator.paid_minor) == (700, 700, 7000)


def test_what_is_approved_and_not_paid_is_on_hold_available_or_being_paid(shop: Shop) -> None:
    later = NOON + 20 * DAY
    shop.order("moving", click=shop.click(), status="approved", now=later, lines=[("1", "1000.00")])
    assert propose_payouts(by=make_finance(), currency="EUR", now=later)
    shop.order("available", click=shop.click(), status="approved", now=later, lines=[("1", "20.00")])
    shop.order("held", click=shop.click(), status="approved")
    shop.order("pending", click=shop.click())
    [balance] = creator_balances(shop.creator.pk, as_of=later)
    parts = (balance.approved_minor, balance.available_minor, balance.in_transit_minor)
    assert all(parts)
    assert total(report(shop, scope=Scope(creator_id=shop.creator.pk))).approved_minor == sum(parts)


def test_what_brands_owe_is_the_sum_of_the_books_other_columns(shop: Shop) -> None:
    later = NOON + 20 * DAY
    for number, status in enumerate(("approved", "pending", "reversed")):
        shop.order(f"a{number}", click=shop.click(), status=status, now=later, lines=[("1", "1000.01")])
    propose_payouts(by=make_finance(), currency="EUR", now=later)
    [row] = currency_totals()
    assert row.merchants_minor == row.creators_minor + row.platform_minor + row.other_minor > 0


def test_brands_creators_and_operator_see_the_same_money(shop: Shop) -> None:
    other = make_shop(creator=shop.creator)
    for one in (shop, other):
        one.order(click=one.click(), lines=[("1", "77.77")])
    brands = [total(report(one)) for one in (shop, other)]
    creator = total(report(shop, scope=Scope(creator_id=shop.creator.pk)))
    operator = total(report(shop, scope=Scope()))
    assert sum(row.commission_minor for row in brands) == operator.commission_minor
    assert operator.commission_minor == creator.creator_share_minor + operator.platform_fee_minor


def test_no_total_mixes_currencies(shop: Shop) -> None:
    shop.order("a", click=shop.click())
    shop.order("b", click=shop.click(), currency="JPY", lines=[("1", "500")])
    assert [(row.currency, row.commission_minor) for row in report(shop).totals] == [
        ("EUR", 1000),
        ("JPY", 50),
    ]
    assert [row.currency for row in report(shop, currency="JPY").totals] == ["JPY"]


def test_a_scope_cannot_be_widened_by_a_filter(shop: Shop) -> None:
    other = make_shop()
    other.order(click=other.click())
    assert report(shop, merchant_id=other.merchant.pk).rows == []
    assert report(shop, scope=Scope(creator_id=shop.creator.pk), creator_id=other.creator.pk).rows == []


@pytest.mark.parametrize("group_by", GROUPS)
def test_a_report_costs_the_same_queries_for_few_and_many(shop: Shop, group_by: str) -> None:
    counts = []
    for number in (1, 10):
        for index in range(number):
            shop.order(f"{number}-{index}", click=shop.click(country="ES" if index % 2 else "DE"))
        with CaptureQueriesContext(connection) as queries:
            report(shop, group_by)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 6


def test_clicks_by_reason_are_all_clicks(shop: Shop) -> None:
    for reason in ("", "", "bot", "repeat"):
        shop.click(reason=reason)
    filters = ReportFilter(TODAY, TODAY)
    found = clicks_by_reason(scope=Scope(creator_id=shop.creator.pk), filters=filters)
    assert [(row.reason, row.count) for row in found] == [("", 2), ("bot", 1), ("repeat", 1)]


def test_what_was_bought_is_known_by_the_merchants_number(shop: Shop) -> None:

    offer: Offer = make_offer(merchant=shop.merchant, external_id="SKU-7")
    shop.order(click=shop.click(), lines=[{"line_id": "1", "sku": "SKU-7", "amount": "10.00"}])
    assert ConversionLine.objects.get().product == offer.product
    assert report(shop, "product").rows[0].key == offer.product.slug
    assert report_choices(merchant_id=shop.merchant.pk).products == [(offer.product.pk, str(offer.product))]


def test_a_report_can_be_narrowed_to_what_is_in_it(shop: Shop) -> None:
    shop.order(click=shop.click())
    choices = report_choices(creator_id=shop.creator.pk)
    assert choices.placements == [(shop.placement.pk, "The best of acme")]
    assert (
        conversions_for(
            scope=Scope(creator_id=shop.creator.pk),
            filters=ReportFilter(TODAY, TODAY, placement_id=shop.placement.pk),
        ).count()
        == 1
    )


def test_an_explanation_names_click_rule_and_shares(shop: Shop) -> None:
    line = {"line_id": "1", "name": "Kettle", "amount": "89.01", "refunded": "29.67"}
    explanation = explain(shop.order(click=shop.click(), lines=[line]))
    text = " ".join(explanation.sentences)
    assert "The best of acme" in text and "10 % of €89.01 is €8.90 (rule version 1)" in text
    assert "€2.97 were taken back, €5.93 are left. The creator's 70 % of it are €4.15." in text
    assert explanation.touches[0].won


def test_an_explanation_of_an_order_credited_to_nobody_says_why(shop: Shop) -> None:
    explanation = explain(shop.order(click=shop.click(reason="bot")))
    assert "Credited to nobody. The click does not count: known robot." in explanation.credit


def test_an_orders_history_tells_messages_decisions_and_transfers(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click)
    conversion = shop.order(click=click, status="approved", now=NOON + DAY)
    kinds = [event.kind for event in conversion_history(conversion)]
    assert kinds == ["report", "decision", "accrual", "accrual", "report", "approval", "approval"]


def test_a_new_rule_ends_the_one_with_the_same_conditions(shop: Shop) -> None:

    rule = add_rule(program=shop.program, percent=Decimal(12), starts_at=NOON, now=NOON)
    assert (rule.version, shop.program.rules.get(version=1).ends_at) == (2, NOON)
    with pytest.raises(RuleRefused):
        add_rule(program=shop.program, percent=Decimal(15), starts_at=NOON - DAY, now=NOON)


def merged_order(shop: Shop) -> tuple[Offer, Offer]:
    """Two offers, ordered once each; the second one's product was merged into the first one's afterwards."""
    offers = [make_offer(merchant=shop.merchant, external_id=number) for number in "AB"]
    for offer in offers:
        line = {"line_id": "1", "sku": offer.external_id, "amount": "10.00", "refunded": "0.00"}
        shop.order(f"o{offer.external_id}", click=shop.click(), lines=[line])
    merge_products(keep=offers[0].product, absorb=offers[1].product, by=None, now=NOON)
    return offers[0], offers[1]


def test_orders_of_a_merged_product_count_for_the_one_it_was_merged_into(shop: Shop) -> None:
    stays, _ = merged_order(shop)
    (row,) = [row for row in report(shop, "product").rows if row.conversions]
    assert (row.key, row.conversions, row.amount_minor) == (stays.product.slug, 2, 2000)


def test_a_report_on_one_product_takes_in_what_was_merged_into_it(shop: Shop) -> None:
    stays, _ = merged_order(shop)
    assert total(report(shop, product_id=stays.product_id)).conversions == 2
    scope, filters = Scope(merchant_id=shop.merchant.pk), ReportFilter(TODAY, TODAY, product_id=stays.product_id)
    assert conversions_for(scope=scope, filters=filters).count() == 2


def test_a_report_offers_only_products_that_stand(shop: Shop) -> None:
    stays, _ = merged_order(shop)
    assert [pk for pk, _name in report_choices(merchant_id=shop.merchant.pk).products] == [stays.product_id]
