"""Each payout ends by itself, and the books say how."""

from __future__ import annotations

import datetime as dt

from django.core import mail
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction

import pytest

from affiliates.earnings.models import Account, ConversionLine, ExchangeQuote, Payout, SharedAccount, Transfer
from affiliates.earnings.selectors import payout_gates
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.selectors.payout_preview import candidates
from affiliates.earnings.services.payout_ends import confirm_payout, reject_payout, return_payout
from affiliates.earnings.services.payout_mail import tell_creators
from affiliates.earnings.services.payout_profiles import (
    CaseRefused,
    close_case,
    set_payout_profile,
)
from affiliates.earnings.services.payout_sending import hand_over_batch
from affiliates.earnings.services.payouts import PayoutRefused, mark_batch_sent, propose_payouts, reject_batch
from tests.affiliates.earnings.payday import LATER, approved, earn, handed
from tests.factories.community import make_finance
from tests.factories.earnings import Shop, make_profile, make_rates, make_shop

pytestmark = pytest.mark.django_db
IBAN = {"iban": "DE89370400440532013000"}
HOUR = dt.timedelta(hours=1)


def money(shop: Shop) -> tuple[int, int, int]:
    """available, in transit, paid"""
    balance = creator_balances(shop.creator.pk)[0]
    return balance.available_minor, balance.in_transit_minor, balance.paid_minor


def reasons(shop: Shop, *, now: dt.datetime = LATER) -> list[str]:
    return [one.reason for one in candidates(shop.program.currency, now=now)]


def test_a_confirmed_payout_is_paid_and_its_batch_sent(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    confirm_payout(payout=payout, by=finance, now=LATER, reference="R1")
    confirm_payout(payout=payout, by=finance, now=LATER)
    payout.refresh_from_db()
    assert (payout.state, payout.batch.state, payout.sent_reference) == ("paid", "sent", "R1")
    assert money(shop) == (0, 0, 7000)
    assert ConversionLine.objects.get().paid_minor == 7000
    assert list(violations()) == []


def test_a_returned_payout_is_available_again_and_paid_by_the_next(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    return_payout(payout=payout, by=finance, now=LATER, reason="no such account")
    assert money(shop) == (7000, 0, 0)
    assert list(violations()) == []
    again, finance = handed(shop)
    confirm_payout(payout=again, by=finance, now=LATER)
    assert (money(shop), ConversionLine.objects.get().paid_minor) == ((0, 0, 7000), 7000)
    assert list(violations()) == []


def test_what_was_paid_can_still_come_back(shop: Shop) -> None:
    earn(shop)
    first, finance = handed(shop)
    confirm_payout(payout=first, by=finance, now=LATER)
    earn(shop, "A-2", "2000.00")
    second, finance = handed(shop)
    confirm_payout(payout=second, by=finance, now=LATER)
    return_payout(payout=first, by=finance, now=LATER, reason="account closed")
    assert money(shop) == (7000, 0, 14000)
    assert sorted(ConversionLine.objects.values_list("paid_minor", flat=True)) == [0, 14000]
    assert list(violations()) == []
    third, finance = handed(shop)
    confirm_payout(payout=third, by=finance, now=LATER)
    assert sum(ConversionLine.objects.values_list("paid_minor", flat=True)) == 21000
    assert list(violations()) == []


def test_a_batch_can_succeed_in_part(shop: Shop) -> None:
    other = make_shop("other")
    for one in (shop, other):
        earn(one)
    batch, finance = approved(shop)
    hand_over_batch(batch=batch, by=finance, now=LATER)
    first, second = batch.payouts.order_by("pk")
    confirm_payout(payout=first, by=finance, now=LATER)
    batch.refresh_from_db()
    assert batch.state == "handed"
    reject_payout(payout=second, by=finance, now=LATER, reason="name differs")
    batch.refresh_from_db()
    assert (batch.state, {p.state for p in batch.payouts.all()}) == ("sent", {"paid", "rejected"})
    assert list(violations()) == []


ENDS = {
    "paid": lambda **it: confirm_payout(**it),
    "returned": lambda **it: return_payout(reason="x", **it),
    "rejected": lambda **it: reject_payout(reason="x", **it),
}


@pytest.mark.parametrize(
    ("first", "then"), [("paid", "rejected"), ("returned", "paid"), ("returned", "rejected"), ("rejected", "paid"),
                        ("rejected", "returned")]
)  # fmt: skip
def test_a_payout_ends_once(shop: Shop, first: str, then: str) -> None:
    earn(shop)
    payout, finance = handed(shop)
    ENDS[first](payout=payout, by=finance, now=LATER)
    with pytest.raises(PayoutRefused):
        ENDS[then](payout=payout, by=finance, now=LATER)


@pytest.mark.parametrize("end", ["paid", "returned"])
def test_nothing_arrives_before_it_was_handed_over(shop: Shop, end: str) -> None:
    earn(shop)
    batch, finance = approved(shop)
    with pytest.raises(PayoutRefused):
        ENDS[end](payout=batch.payouts.get(), by=finance, now=LATER)


def test_a_return_needs_a_reason(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    with pytest.raises(PayoutRefused):
        return_payout(payout=payout, by=finance, now=LATER, reason=" ")


def test_a_batch_that_was_handed_over_is_not_rejected_as_a_whole(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    with pytest.raises(PayoutRefused):
        reject_batch(batch=payout.batch, by=finance, reason="no", now=LATER)


def test_what_is_open_in_a_handed_over_batch_is_marked_as_sent(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    mark_batch_sent(batch=payout.batch, by=finance, now=LATER, reference="SEPA-1")
    assert money(shop) == (0, 0, 7000)


def test_details_changed_since_the_proposal_keep_the_money_here(shop: Shop) -> None:
    earn(shop)
    batch, finance = approved(shop)
    make_profile(shop.creator, method="mail")
    hand_over_batch(batch=batch, by=finance, now=LATER)
    assert batch.payouts.get().state == "rejected"
    assert money(shop) == (7000, 0, 0)
    assert list(violations()) == []


def test_an_account_that_was_tampered_with_is_not_paid(shop: Shop) -> None:
    earn(shop)
    make_profile(shop.creator, method="mail")
    batch, finance = approved(shop)
    shop.creator.payout_profiles.update(details={"email": "thief@example.org"})
    with pytest.raises(PayoutRefused):
        hand_over_batch(batch=batch, by=finance, now=LATER)


def test_the_creator_is_told_once_of_money_that_came_back(shop: Shop) -> None:
    earn(shop)
    payout, finance = handed(shop)
    return_payout(payout=payout, by=finance, now=LATER, reason="no such account")
    assert (tell_creators(now=LATER), tell_creators(now=LATER)) == (1, 0)
    [message] = mail.outbox
    assert message.to == [shop.creator.user.email] and "no such account" in message.body


@pytest.mark.parametrize(
    ("amount", "reason"), [("357.14", ""), ("356.90", "below_minimum")]
)  # fmt: skip
def test_one_unit_below_the_minimum_is_named(shop: Shop, amount: str, reason: str) -> None:
    earn(shop, amount=amount)
    assert reasons(shop) == [reason]


def test_each_reason_to_wait_is_named(shop: Shop) -> None:
    earn(shop)
    make_profile(shop.creator, created_at=LATER - 47 * HOUR)
    assert reasons(shop) == ["just_changed"]
    assert reasons(shop, now=LATER + 2 * HOUR) == [""]
    make_profile(shop.creator, method="sepa", currency="USD")
    assert reasons(shop) == ["method_currency"]
    shop.creator.payout_profiles.all().delete()
    assert reasons(shop) == ["no_profile"]


def test_an_open_payout_and_a_debt_are_named(shop: Shop) -> None:
    earn(shop)
    handed(shop)
    earn(shop, "A-2")
    assert reasons(shop) == ["open_payout"]
    earn(shop, "A-2", refunded="1000.00")
    earn(shop, "A-1", refunded="1000.00")
    assert reasons(shop) == ["in_debt"]


def test_another_rule_can_hold_a_payout_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    earn(shop)
    monkeypatch.setattr(payout_gates, "_gates", {})
    payout_gates.register("tax", lambda creators, on: dict.fromkeys(creators, "no tax form"))
    [one] = candidates("EUR", now=LATER)
    assert (one.reason, one.why) == ("held", "no tax form")
    assert propose_payouts(by=make_finance(), currency="EUR", now=LATER) is None


def change(shop: Shop, **fields: object) -> object:
    fields = {"method": "sepa", "country": "DE", "holder": "Ana", "details": IBAN} | fields
    return set_payout_profile(creator=shop.creator, by=shop.creator.user, now=LATER, **fields)  # type: ignore[arg-type]


def test_a_change_is_a_new_version_and_the_payout_keeps_its_own(shop: Shop) -> None:
    earn(shop)
    payout, _finance = handed(shop)
    change(shop)
    change(shop)
    assert list(shop.creator.payout_profiles.values_list("version", flat=True)) == [2, 1]
    assert payout.profile and payout.profile.version == 1


def test_a_change_is_mailed_with_four_signs_of_the_account(shop: Shop) -> None:
    change(shop)
    tell_creators(now=LATER)
    assert "•••• 3000" in mail.outbox[0].body and IBAN["iban"] not in mail.outbox[0].body


def test_two_creators_with_one_account_are_one_case_and_wait(shop: Shop) -> None:
    other = make_shop("other")
    earn(shop)
    for one in (shop, other, shop):
        change(one)
    case = SharedAccount.objects.get()
    assert set(case.creators.all()) == {shop.creator, other.creator}
    later = LATER + dt.timedelta(days=3)
    assert reasons(shop, now=later) == ["shared_account"]
    close_case(case=case, by=make_finance(), note="a couple", now=later)
    assert reasons(shop, now=later) == [""]
    change(make_shop("third"))
    assert reasons(shop, now=later) == ["shared_account"]
    assert SharedAccount.objects.get().closed_at is None


def test_nobody_decides_about_their_own_account(shop: Shop) -> None:
    change(shop)
    change(make_shop("other"))
    with pytest.raises(CaseRefused):
        close_case(case=SharedAccount.objects.get(), by=shop.creator.user, note="mine", now=LATER)


@pytest.fixture
def dollars(db: None) -> Shop:
    made = make_shop("dollars", currency="USD")
    earn(made)
    make_profile(made.creator, method="sepa", currency="EUR")
    return made


def test_without_a_rate_nothing_is_booked_and_the_pair_is_named(dollars: Shop) -> None:
    before = Transfer.objects.count()
    with pytest.raises(PayoutRefused, match="USD → EUR"):
        propose_payouts(by=make_finance(), currency="USD", now=LATER)
    assert (Transfer.objects.count(), Payout.objects.count()) == (before, 0)


def test_the_command_names_the_missing_rate_and_proposes_the_rest(dollars: Shop, shop: Shop) -> None:
    earn(shop)
    with pytest.raises(CommandError, match="USD → EUR"):
        call_command("run_payouts", by=make_finance().email, currency=["USD", "EUR"])
    assert Payout.objects.get().currency == "EUR"


def test_a_payout_is_exchanged_at_the_batchs_quote(dollars: Shop) -> None:
    make_rates(LATER.date(), USD="1.0917")
    batch, finance = approved(dollars)
    payout = batch.payouts.get()
    assert (payout.amount_minor, payout.pay_minor, payout.pay_currency) == (7000, 6412, "EUR")
    mark_batch_sent(batch=batch, by=finance, now=LATER)
    sums = {(a.kind, a.currency): a.balance_minor for a in Account.objects.with_balance()}
    assert (sums["fx_clearing", "USD"], sums["fx_clearing", "EUR"], sums["bank", "EUR"]) == (7000, -6412, 6412)
    assert list(violations()) == []


@pytest.mark.parametrize("paid_first", [True, False])
def test_exchanged_money_comes_back_as_it_went(dollars: Shop, paid_first: bool) -> None:
    make_rates(LATER.date(), USD="1.0917")
    batch, finance = approved(dollars)
    payout = batch.payouts.get()
    if paid_first:
        mark_batch_sent(batch=batch, by=finance, now=LATER)
        return_payout(payout=payout, by=finance, now=LATER, reason="closed")
    else:
        reject_payout(payout=payout, by=finance, now=LATER, reason="closed")
    assert creator_balances(dollars.creator.pk)[0].available_minor == 7000
    assert {a.balance_minor for a in Account.objects.with_balance() if a.kind in ("fx_clearing", "bank")} == {0}
    assert list(violations()) == []


def test_a_quote_is_written_once(dollars: Shop) -> None:
    make_rates(LATER.date(), USD="1.0917")
    approved(dollars)
    with pytest.raises(DatabaseError), transaction.atomic():
        ExchangeQuote.objects.update(into_e8=1)


def test_an_amount_that_is_not_its_quotes_is_named(dollars: Shop) -> None:
    make_rates(LATER.date(), USD="1.0917")
    approved(dollars)
    Payout.objects.update(pay_minor=6413)
    assert {violation.promise for violation in violations()} >= {"M9", "M10"}


def test_what_was_paid_in_one_currency_does_not_count_in_another(shop: Shop) -> None:
    click = shop.click()
    shop.order("A-1", click=click, now=LATER, status="approved", lines=[("1", "1000.00")])
    payout, finance = handed(shop)
    confirm_payout(payout=payout, by=finance, now=LATER)
    order = shop.order("A-1", click=click, now=LATER, status="approved", currency="USD", lines=[("1", "1100.00")])
    assert ([line.paid_minor for line in order.lines.all()], list(violations())) == ([0], [])
