"""Disputes of reversals, claims of sales that were never reported, and adjustments by two people."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from affiliates.earnings.models import Adjustment, Conversion, Dispute, SaleClaim
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.services.adjustments import (
    AdjustmentRefused,
    approve_adjustment,
    propose_adjustment,
    reject_adjustment,
)
from affiliates.earnings.services.claims import answer_claim, claim_sale
from affiliates.earnings.services.clockwork import lock_due
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.disputes import DisputeRefused, answer_dispute, escalate_due, open_dispute
from affiliates.parties.models import Stay
from tests.factories.community import make_finance, make_user
from tests.factories.earnings import NOON, Shop, make_shop

DAY = dt.timedelta(days=1)


@pytest.fixture
def reversed_order(shop: Shop) -> Conversion:
    order = shop.order(click=shop.click(), status="approved")
    return reverse_order(conversion=order, reason="returned", now=NOON + DAY)


@pytest.fixture
def dispute(shop: Shop, reversed_order: Conversion) -> Dispute:
    return open_dispute(conversion=reversed_order, creator=shop.creator, evidence="I kept it", now=NOON + 2 * DAY)


def answer(dispute: Dispute, *, granted: bool, channel: str = "portal", words: str = "Seen") -> Dispute:
    return answer_dispute(
        dispute=dispute, granted=granted, answer=words, by=make_user(), channel=channel, now=NOON + 3 * DAY
    )


def test_a_granted_dispute_books_the_money_again(shop: Shop, dispute: Dispute) -> None:
    answer(dispute, granted=True)
    order = Conversion.objects.get()
    assert (order.status, order.creator_minor, creator_balances(shop.creator.pk)[0].approved_minor) == (
        "approved", 700, 700,
    )  # fmt: skip


def test_a_refused_dispute_moves_nothing(dispute: Dispute) -> None:
    answer(dispute, granted=False)
    assert Conversion.objects.get().status == "reversed"


def test_a_refusal_needs_words(dispute: Dispute) -> None:
    with pytest.raises(DisputeRefused):
        answer(dispute, granted=False, words=" ")


def test_a_dispute_is_decided_once(dispute: Dispute) -> None:
    answer(dispute, granted=False)
    with pytest.raises(DisputeRefused):
        answer(dispute, granted=True)


def test_a_reversal_is_disputed_once(shop: Shop, dispute: Dispute) -> None:
    answer(dispute, granted=False)
    with pytest.raises(DisputeRefused):
        open_dispute(conversion=dispute.conversion, creator=shop.creator, evidence="Still", now=NOON + 4 * DAY)


def test_an_order_has_one_open_dispute(shop: Shop, dispute: Dispute) -> None:
    approved = shop.order(click=shop.click(), status="approved", now=NOON + 3 * DAY)
    again = reverse_order(conversion=approved, reason="returned", now=NOON + 4 * DAY)
    with pytest.raises(DisputeRefused, match="still open"):
        open_dispute(conversion=again, creator=shop.creator, evidence="Again", now=NOON + 5 * DAY)


def test_a_stranger_disputes_nothing(reversed_order: Conversion) -> None:
    with pytest.raises(DisputeRefused):
        open_dispute(conversion=reversed_order, creator=make_shop().creator, evidence="Mine", now=NOON)


def test_an_order_that_stands_is_not_disputed(shop: Shop) -> None:
    order = shop.order(click=shop.click())
    with pytest.raises(DisputeRefused):
        open_dispute(conversion=order, creator=shop.creator, evidence="Why", now=NOON)


def test_an_unanswered_dispute_goes_to_finance_at_its_deadline(dispute: Dispute) -> None:
    assert (escalate_due(now=dispute.answer_by - DAY), escalate_due(now=dispute.answer_by)) == (0, 1)
    with pytest.raises(DisputeRefused, match="finance"):
        answer(dispute, granted=True)
    assert answer(dispute, granted=True, channel="admin").granted


def test_a_disputed_order_is_not_locked_away(db: None) -> None:
    shop = make_shop(lock_days=1)
    order = shop.order(click=shop.click())
    reverse_order(conversion=order, reason="returned", now=NOON)
    case = open_dispute(conversion=order, creator=shop.creator, evidence="No", now=NOON)
    assert lock_due(now=NOON + 90 * DAY) == 0
    answer(case, granted=False)
    assert lock_due(now=NOON + 90 * DAY) == 1


def test_nobody_decides_in_their_own_case(shop: Shop, dispute: Dispute) -> None:
    with pytest.raises(DisputeRefused, match="own case"):
        answer_dispute(
            dispute=dispute, granted=True, answer="", by=shop.creator.user, channel="admin", now=NOON + 3 * DAY
        )


def claim(shop: Shop, **fields: Any) -> SaleClaim:
    fields = {"order_id": "LOST-1", "ordered_on": NOON.date(), "evidence": "A receipt", "now": NOON + DAY, **fields}
    return claim_sale(creator=shop.creator, merchant=shop.merchant, **fields)


def test_a_granted_claim_becomes_an_ordinary_order(shop: Shop) -> None:
    shop.click()
    answer_claim(
        claim=claim(shop), granted=True, answer="", amount_minor=10000, by=make_user(), channel="portal", now=NOON + DAY
    )
    order = Conversion.objects.get()
    assert (order.order_id, order.creator, order.status, order.creator_minor) == (
        "LOST-1", shop.creator, "approved", 700,
    )  # fmt: skip


def test_a_granted_claim_credits_the_order_that_came_in_the_meantime(shop: Shop) -> None:
    shop.click()
    made = claim(shop)
    shop.order("LOST-1", lines=[("1", "50.00")])
    answer_claim(claim=made, granted=True, answer="", by=make_user(), channel="portal", now=NOON + DAY)
    order = Conversion.objects.get()
    assert (order.creator, order.amount_minor, order.creator_minor) == (shop.creator, 5000, 350)


def test_a_claim_without_a_click_is_refused_at_once(shop: Shop) -> None:
    with pytest.raises(DisputeRefused, match="no click"):
        claim(shop)


def test_a_claim_whose_click_does_not_count_changes_nothing(shop: Shop) -> None:
    shop.click()
    made = claim(shop)
    Stay.objects.update(starts_at=NOON)
    with pytest.raises(DisputeRefused, match="not in this programme"):
        answer_claim(
            claim=made, granted=True, answer="", amount_minor=100, by=make_user(), channel="portal", now=NOON + DAY
        )
    assert (Conversion.objects.count(), SaleClaim.objects.get().state) == (0, "open")


def test_a_sale_is_claimed_once(shop: Shop) -> None:
    shop.click()
    claim(shop)
    with pytest.raises(DisputeRefused, match="already"):
        claim(shop)


def propose(shop: Shop, **fields: Any) -> Adjustment:
    fields = {
        "debit_kind": "platform_margin", "credit_kind": "creator_available", "amount_minor": 500, "reason": "Goodwill",
        **fields,
    }  # fmt: skip
    return propose_adjustment(creator=shop.creator, currency="EUR", by=make_finance(), now=NOON, **fields)


def test_an_adjustment_is_booked_once_by_a_second_person(shop: Shop) -> None:
    made = approve_adjustment(adjustment=propose(shop), by=make_finance(), now=NOON)
    with pytest.raises(AdjustmentRefused):
        approve_adjustment(adjustment=made, by=make_finance(), now=NOON)
    assert creator_balances(shop.creator.pk)[0].available_minor == 500


def test_whoever_proposed_an_adjustment_does_not_approve_it(shop: Shop) -> None:
    made = propose(shop)
    with pytest.raises(AdjustmentRefused):
        approve_adjustment(adjustment=made, by=made.proposed_by, now=NOON)


def test_a_rejected_adjustment_books_nothing(shop: Shop) -> None:
    reject_adjustment(adjustment=propose(shop), by=make_finance(), now=NOON)
    assert creator_balances(shop.creator.pk) == []


@pytest.mark.parametrize("fields", [{"debit_kind": "bank"}, {"amount_minor": 0}, {"reason": " "}])
def test_an_adjustment_that_makes_no_sense_is_refused(shop: Shop, fields: dict[str, Any]) -> None:
    with pytest.raises(AdjustmentRefused):
        propose(shop, **fields)


def test_what_people_did_leaves_the_books_sound(shop: Shop, dispute: Dispute) -> None:
    answer(dispute, granted=True)
    approve_adjustment(adjustment=propose(shop), by=make_finance(), now=NOON)
    answer_claim(
        claim=claim(shop), granted=True, answer="", amount_minor=10000, by=make_user(), channel="portal", now=NOON + DAY
    )
    assert not list(violations())
