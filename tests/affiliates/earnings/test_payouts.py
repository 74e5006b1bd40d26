"""Money is sent: once, by two people, and what was refunded later is set off."""

from __future__ import annotations

import datetime as dt

from django.core.management import call_command
from django.db import IntegrityError

import pytest

from affiliates.earnings.models import Account, Conversion, ConversionLine, PayoutBatch
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.services.payouts import (
    PayoutRefused,
    approve_batch,
    mark_batch_sent,
    propose_payouts,
    reject_batch,
)
from community.models import User
from tests.factories.community import make_finance, make_user
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(days=20)


@pytest.fixture
def finance() -> User:
    return make_finance()


@pytest.fixture
def operator() -> User:
    return make_user()


def available(shop: Shop, order_id: str = "A-1", amount: str = "1000.00", refunded: str = "0") -> Conversion:
    """An order whose money is available on LATER."""
    known = Conversion.objects.filter(order_id=order_id).first()
    click = known.click if known else shop.click()
    return shop.order(order_id, click=click, now=LATER, status="approved", lines=[("1", amount, refunded)])


def pay(finance: User, operator: User) -> PayoutBatch:
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    assert batch
    approve_batch(batch=batch, by=operator, now=LATER)
    return mark_batch_sent(batch=batch, by=finance, now=LATER, reference="SEPA-1")


def test_a_proposal_takes_all_that_is_available(shop: Shop, finance: User) -> None:
    available(shop)
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    assert batch and (batch.total_minor, batch.payouts.get().amount_minor) == (7000, 7000)
    balance = creator_balances(shop.creator.pk)[0]
    assert (balance.available_minor, balance.in_transit_minor) == (0, 7000)


def test_a_second_proposal_finds_nothing(shop: Shop, finance: User) -> None:
    available(shop)
    propose_payouts(by=finance, currency="EUR", now=LATER)
    assert propose_payouts(by=finance, currency="EUR", now=LATER) is None


@pytest.mark.parametrize(("amount", "paid"), [("357.14", True), ("356.90", False)])
def test_a_balance_below_the_minimum_waits(shop: Shop, finance: User, amount: str, paid: bool) -> None:
    available(shop, amount=amount)
    assert bool(propose_payouts(by=finance, currency="EUR", now=LATER)) is paid


def test_whoever_proposed_cannot_approve(shop: Shop, finance: User) -> None:
    available(shop)
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    with pytest.raises(PayoutRefused):
        approve_batch(batch=batch, by=finance, now=LATER)


def test_the_database_itself_wants_two_people(shop: Shop, finance: User) -> None:
    available(shop)
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    with pytest.raises(IntegrityError, match="two_people_propose_and_approve"):
        PayoutBatch.objects.filter(pk=batch.pk).update(approved_by=finance, approved_at=LATER, digest="x")


def test_whom_a_batch_pays_cannot_approve_it(shop: Shop, finance: User) -> None:
    available(shop)
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    with pytest.raises(PayoutRefused):
        approve_batch(batch=batch, by=shop.creator.user, now=LATER)


def test_an_unapproved_batch_is_not_sent(shop: Shop, finance: User) -> None:
    available(shop)
    with pytest.raises(PayoutRefused):
        mark_batch_sent(batch=propose_payouts(by=finance, currency="EUR", now=LATER), by=finance, now=LATER)


def test_a_sent_batch_is_paid_and_stays_so(shop: Shop, finance: User, operator: User) -> None:
    available(shop)
    batch = pay(finance, operator)
    mark_batch_sent(batch=batch, by=finance, now=LATER)
    balance = creator_balances(shop.creator.pk)[0]
    assert (balance.in_transit_minor, balance.paid_minor) == (0, 7000)
    assert ConversionLine.objects.get().paid_minor == 7000


def test_a_rejected_batch_gives_the_money_back(shop: Shop, finance: User) -> None:
    available(shop)
    reject_batch(batch=propose_payouts(by=finance, currency="EUR", now=LATER), by=finance, reason="no", now=LATER)
    assert creator_balances(shop.creator.pk)[0].available_minor == 7000


def test_changed_items_are_not_sent(shop: Shop, finance: User, operator: User) -> None:
    available(shop)
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    approve_batch(batch=batch, by=operator, now=LATER)
    batch.payouts.update(amount_minor=1)
    with pytest.raises(PayoutRefused):
        mark_batch_sent(batch=batch, by=finance, now=LATER)


def test_a_refund_after_payout_is_a_debt_set_off_against_the_next_order(
    shop: Shop, finance: User, operator: User
) -> None:
    available(shop)
    pay(finance, operator)
    available(shop, refunded="1000.00")
    assert creator_balances(shop.creator.pk)[0].available_minor == -7000
    assert propose_payouts(by=finance, currency="EUR", now=LATER) is None
    available(shop, "A-2", amount="3000.00")
    assert pay(finance, operator).total_minor == 14000
    assert list(violations()) == []


def test_the_paid_lines_of_a_creator_add_up_to_their_payouts(shop: Shop, finance: User, operator: User) -> None:
    for number in range(3):
        available(shop, f"A-{number}", amount=f"{number + 1}00.01")
    pay(finance, operator)
    available(shop, "A-0", amount="100.01", refunded="50.00")
    available(shop, "A-4", amount="900.00")
    pay(finance, operator)
    assert (
        sum(line.paid_minor for line in ConversionLine.objects.all()) == creator_balances(shop.creator.pk)[0].paid_minor
    )
    assert list(violations()) == []


def test_what_was_paid_is_remembered_while_an_order_is_credited_to_nobody(
    shop: Shop, finance: User, operator: User
) -> None:
    order = available(shop)
    batch = propose_payouts(by=finance, currency="EUR", now=LATER)
    assert batch
    approve_batch(batch=batch, by=operator, now=LATER)
    shop.order(now=LATER, status="approved", lines=[("1", "1000.00")])
    mark_batch_sent(batch=batch, by=finance, now=LATER)
    assert list(violations()) == []
    shop.order(click=order.click, now=LATER, status="approved", lines=[("1", "1000.00")])
    assert ConversionLine.objects.get().paid_minor == 7000
    assert list(violations()) == []


def test_a_currency_is_paid_by_itself(shop: Shop, finance: User) -> None:
    available(shop)
    assert propose_payouts(by=finance, currency="USD", now=LATER) is None


def test_the_command_proposes_for_a_person_of_finance(shop: Shop, finance: User, capsys) -> None:
    available(shop)
    call_command("run_payouts", by=finance.email)
    assert capsys.readouterr().out.startswith("EUR: batch ")
    assert Account.objects.with_balance().get(kind="payout_in_transit").balance_minor == 7000
