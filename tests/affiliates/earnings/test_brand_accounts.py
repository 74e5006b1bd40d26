"""Brands are told what they owe; what they pay opens the gate."""

from __future__ import annotations

import datetime as dt

from django.db import DatabaseError, transaction

import pytest

from affiliates.earnings.models import BrandStatementLine, Conversion
from affiliates.earnings.selectors.audit import currency_totals, violations
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.selectors.brand_accounts import brand_accounts, order_as_of
from affiliates.earnings.services.brand_accounts import (
    PaymentRefused,
    issue_month,
    issue_statement,
    record_brand_payment,
)
from affiliates.earnings.services.clockwork import release_holds
from affiliates.earnings.services.decisions import reverse_order
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop, make_shop

DAY = dt.timedelta(days=1)
LATER = NOON + 20 * DAY


@pytest.fixture
def gated(db: None) -> Shop:
    return make_shop("gated", brand_pays_first=True)


def approved(shop: Shop, order_id: str = "A-1", amount: str = "100.00") -> Conversion:
    return shop.order(order_id, click=shop.click(), status="approved", lines=[("1", amount)])


def state(shop: Shop, *, ends_at: dt.datetime = LATER, now: dt.datetime | None = None) -> None:
    issue_statement(merchant=shop.merchant, currency="EUR", ends_at=ends_at, now=now or ends_at + DAY)


def pay(shop: Shop, minor: int, reference: str = "B-1", now: dt.datetime = LATER + DAY) -> None:
    record_brand_payment(
        merchant=shop.merchant,
        currency="EUR",
        amount_minor=minor,
        reference=reference,
        paid_on=now.date(),
        by=make_finance(),
        now=now,
    )


def available(shop: Shop) -> int:
    return creator_balances(shop.creator.pk)[0].available_minor


def test_without_the_gate_the_hold_is_enough(shop: Shop) -> None:
    approved(shop)
    release_holds(now=LATER)
    assert available(shop) == 700


def test_with_the_gate_the_hold_is_not_enough(gated: Shop) -> None:
    approved(gated)
    state(gated)
    release_holds(now=LATER + DAY)
    assert available(gated) == 0


def test_the_brands_payment_opens_the_gate(gated: Shop) -> None:
    approved(gated)
    state(gated)
    pay(gated, 1000)
    assert available(gated) == 700


def test_a_payment_before_the_hold_is_over_opens_nothing_yet(gated: Shop) -> None:
    approved(gated)
    state(gated, ends_at=NOON + DAY)
    pay(gated, 1000, now=NOON + 3 * DAY)
    assert (available_or_zero(gated), release_holds(now=LATER)) == (0, 1)


def available_or_zero(shop: Shop) -> int:
    return sum(balance.available_minor for balance in creator_balances(shop.creator.pk))


def test_a_part_payment_settles_the_oldest_lines(gated: Shop) -> None:
    approved(gated, "A-1")
    approved(gated, "A-2")
    state(gated)
    pay(gated, 1500)
    settled = BrandStatementLine.objects.filter(settled_at__isnull=False).values_list("conversion__order_id", flat=True)
    assert (list(settled), available(gated)) == (["A-1"], 700)


def test_what_is_paid_too_much_pays_the_next_statement(gated: Shop) -> None:
    approved(gated, "A-1")
    state(gated)
    pay(gated, 2000)
    shop_order = gated.report("A-2", click=gated.click(), status="approved")
    gated.accept(shop_order, now=LATER + DAY)
    state(gated, ends_at=LATER + 2 * DAY)
    release_holds(now=LATER + 3 * DAY)
    assert available(gated) == 1400


def test_a_refund_after_payment_is_the_brands_credit(gated: Shop) -> None:
    order = approved(gated)
    state(gated)
    pay(gated, 1000)
    reverse_order(conversion=order, reason="returned", now=LATER + DAY)
    state(gated, ends_at=LATER + 2 * DAY)
    account = brand_accounts(gated.merchant, now=LATER + 3 * DAY)[0]
    assert (account.owed_minor, account.credit_minor, available(gated)) == (-1000, 1000, 0)


def test_what_was_paid_in_another_currency_opens_no_gate(gated: Shop) -> None:
    order = approved(gated)
    state(gated)
    pay(gated, 1000, now=LATER + DAY)
    reverse_order(conversion=order, reason="returned", now=LATER + DAY)
    gated.order(click=order.click, status="approved", currency="USD", lines=[("1", "90.00")], now=LATER + 2 * DAY)
    assert release_holds(now=LATER + 3 * DAY) == 0


def test_a_programme_edit_does_not_move_the_gate_of_a_known_order(gated: Shop) -> None:
    order = approved(gated)
    gated.program.brand_pays_first = False
    gated.program.save()
    gated.order(click=order.click, status="approved", lines=[("1", "50.00")], now=LATER)
    assert Conversion.objects.get().is_gated and available_or_zero(gated) == 0


def test_a_statement_is_what_the_transfers_add_up_to(shop: Shop) -> None:
    approved(shop, "A-1")
    shop.order("A-2", click=shop.click())
    state(shop)
    assert [line.amount_minor for line in BrandStatementLine.objects.all()] == [1000]


def test_statements_follow_each_other_without_a_gap(shop: Shop) -> None:
    approved(shop, "A-1")
    state(shop)
    reverse_order(conversion=Conversion.objects.get(), reason="returned", now=LATER + DAY)
    state(shop, ends_at=LATER + 2 * DAY)
    first, second = shop.merchant.statements.order_by("pk")
    assert (second.starts_at, second.total_minor) == (first.ends_at, -1000)


def test_a_month_is_stated_once(shop: Shop) -> None:
    approved(shop)
    april = dt.datetime(2026, 4, 1, 3, tzinfo=dt.UTC)
    assert (issue_month(now=april), issue_month(now=april + DAY)) == (1, 0)


def test_nothing_owed_makes_no_statement(shop: Shop) -> None:
    shop.order(click=shop.click())
    assert issue_month(now=dt.datetime(2026, 4, 1, 3, tzinfo=dt.UTC)) == 0


def test_a_statement_does_not_reach_into_the_present(shop: Shop) -> None:
    with pytest.raises(PaymentRefused):
        state(shop, now=LATER)


def test_a_bank_reference_is_recorded_once(gated: Shop) -> None:
    approved(gated)
    pay(gated, 500)
    with pytest.raises(PaymentRefused, match="recorded already"):
        pay(gated, 500)


def test_a_payment_in_a_currency_never_owed_is_refused(gated: Shop) -> None:
    with pytest.raises(PaymentRefused, match="never owed"):
        pay(gated, 500)


def test_payments_leave_the_books_sound(gated: Shop) -> None:
    approved(gated, "A-1")
    approved(gated, "A-2")
    state(gated)
    pay(gated, 1500)
    totals = currency_totals()[0]
    assert (list(violations()), totals.received_minor, totals.merchants_minor) == ([], 1500, 500)


def test_a_statement_line_is_settled_once_and_otherwise_never_changes(shop: Shop) -> None:
    approved(shop)
    state(shop)
    with pytest.raises(DatabaseError), transaction.atomic():
        BrandStatementLine.objects.update(amount_minor=1)


def test_an_order_can_be_rebuilt_as_it_was(shop: Shop) -> None:
    order = approved(shop)
    reverse_order(conversion=order, reason="returned", now=LATER)
    then, now = order_as_of(order.pk, LATER - DAY), order_as_of(order.pk, LATER)
    assert then and now and order_as_of(order.pk, NOON - DAY) is None
    assert ((then.status, then.commission_minor), (now.status, now.commission_minor)) == (
        ("approved", 1000),
        ("reversed", 0),
    )
