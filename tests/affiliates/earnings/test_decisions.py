"""Orders are decided by people and by the clock; every change is a row. The tables are docs/money/validation.md's."""

from __future__ import annotations

import datetime as dt

from django.db import DatabaseError, transaction

import pytest

from affiliates.earnings.domain.states import Stage, Status, stage_of
from affiliates.earnings.domain.validation import BY_HAND, may_adjust, may_lock, settled_lines
from affiliates.earnings.models import OrderChange
from affiliates.earnings.models.changes import REASONS
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services.clockwork import approve_due, lock_due
from affiliates.earnings.services.decisions import DecisionRefused, amend_refund, approve_order, reverse_order
from tests.affiliates.earnings.worked_tables import rows
from tests.factories.community import make_user
from tests.factories.earnings import NOON, Shop, make_shop

DAY = dt.timedelta(days=1)


@pytest.mark.parametrize("row", rows("validation", "locking"))
def test_an_order_locks_as_the_table_says(db: None, row: dict[str, str]) -> None:
    approve, lock, age = row["approved by itself after"], row["locks after"], int(row["age in days"])
    locked = may_lock(
        locks_at=NOON + int(lock) * DAY if lock else None,
        status=Status(row["state"]),
        reversed_at=NOON + (age - int(row["days since reversal"])) * DAY if row["days since reversal"] else None,
        disputed=row["dispute open"] == "yes",
        now=NOON + age * DAY,
    )
    assert (locked, not approve or int(approve) <= int(lock or 999)) == (row["is"] == "locked", True)


@pytest.mark.parametrize("row", rows("validation", "settling"))
def test_a_payment_settles_as_the_table_says(row: dict[str, str]) -> None:
    lines = [int(amount) for amount in row["lines so far, oldest first"].split()]
    settled, left = settled_lines(lines, int(row["paid in all"]))
    said = sorted(int(amount) for amount in row["settled"].split())
    assert (sorted(lines[place] for place in settled), left) == (said, int(row["left over"]))


@pytest.mark.parametrize("row", rows("validation", "gate"))
def test_money_is_available_as_the_table_says(row: dict[str, str]) -> None:
    paid = int(row["settled lines"]) >= int(row["earns"])
    stage = stage_of(
        Status.APPROVED,
        available_on=NOON.date(),
        released=False,
        today=NOON.date() - (DAY if row["hold over"] == "no" else 0 * DAY),
        brand_must_pay=row["brand pays first"] == "yes" and not paid,
    )
    assert stage is (Stage.AVAILABLE if row["money is"] == "available" else Stage.APPROVED)


@pytest.mark.parametrize("row", rows("validation", "adjustments"))
def test_an_adjustment_is_allowed_as_the_table_says(row: dict[str, str]) -> None:
    assert may_adjust(row["from"], row["to"]) == (row["allowed"] == "yes")


def test_the_published_reasons_are_those_in_force() -> None:
    published = rows("validation", "reasons")
    assert [(row["code"], row["means"]) for row in published] == [(str(code), str(words)) for code, words in REASONS]
    assert [row["code"] for row in published if row["by hand"] == "yes"] == list(BY_HAND)


def test_a_reversal_by_hand_takes_everything_back_and_keeps_its_reason(shop: Shop) -> None:
    order = shop.order(click=shop.click(), status="approved")
    order = reverse_order(conversion=order, reason="fraud", note="Stolen card", by=make_user(), now=NOON + DAY)
    assert (order.status, order.commission_minor, order.reason_code) == ("reversed", 0, "fraud")


@pytest.mark.parametrize(("reason", "note"), [("", "words"), ("reported", ""), ("other", " "), ("nonsense", "words")])
def test_nobody_reverses_without_a_reason_of_the_list(shop: Shop, reason: str, note: str) -> None:
    order = shop.order(click=shop.click())
    with pytest.raises(DecisionRefused):
        reverse_order(conversion=order, reason=reason, note=note, now=NOON)


def test_a_reversed_order_is_not_approved_by_hand(shop: Shop) -> None:
    order = reverse_order(conversion=shop.order(click=shop.click()), reason="fraud", now=NOON)
    with pytest.raises(DecisionRefused):
        approve_order(conversion=order, by=None, now=NOON)


def test_a_locked_order_says_so(shop: Shop) -> None:
    order = shop.order(click=shop.click())
    type(order).objects.update(locked_at=NOON)
    with pytest.raises(DecisionRefused, match="locked on 10 March 2026"):
        approve_order(conversion=order, by=None, now=NOON)


def test_a_refund_by_hand_is_taken_from_its_line(shop: Shop) -> None:
    order = shop.order(click=shop.click())
    assert amend_refund(conversion=order, line_id="1", refunded_minor=4000, by=None, now=NOON).commission_minor == 600


def test_every_change_is_a_row_with_both_amounts(shop: Shop) -> None:
    click, person = shop.click(), make_user()
    order = shop.order(click=click)
    shop.order(click=click, lines=[("1", "100.00", "40.00")], now=NOON + DAY)
    approve_order(conversion=order, by=person, now=NOON + 2 * DAY)
    reverse_order(conversion=order, reason="returned", by=person, now=NOON + 3 * DAY)
    told = [
        (c.channel, c.old_status, c.status, c.old_commission_minor, c.commission_minor) for c in order.changes.all()
    ]
    assert told == [
        ("api", "", "pending", 0, 1000),
        ("api", "pending", "pending", 1000, 600),
        ("portal", "pending", "approved", 600, 600),
        ("portal", "approved", "reversed", 600, 0),
    ]


def test_the_same_report_again_is_no_change(shop: Shop) -> None:
    click = shop.click()
    shop.order(click=click)
    shop.order(click=click)
    assert OrderChange.objects.count() == 1


def test_a_change_is_written_once(shop: Shop) -> None:
    shop.order(click=shop.click())
    with pytest.raises(DatabaseError), transaction.atomic():
        OrderChange.objects.update(note="otherwise")


def test_an_order_that_locks_approves_itself_first(db: None) -> None:
    shop = make_shop(lock_days=60)
    order = shop.order(click=shop.click())
    assert order.auto_approve_at == order.locks_at == NOON + 60 * DAY


def test_an_order_is_locked_on_its_date(db: None) -> None:
    shop = make_shop(lock_days=60)
    order = shop.order(click=shop.click())
    approve_due(now=NOON + 60 * DAY)
    assert (lock_due(now=NOON + 59 * DAY), lock_due(now=NOON + 60 * DAY)) == (0, 1)
    assert shop.accept(shop.report(order.order_id, lines=[("1", "1.00")])).is_refused


def test_decisions_leave_the_books_sound(shop: Shop) -> None:
    order = shop.order(click=shop.click())
    approve_order(conversion=order, by=None, now=NOON)
    reverse_order(conversion=order, reason="fraud", now=NOON)
    assert not list(violations())


def test_a_refund_set_after_the_hold_moves_nothing_but_itself(shop: Shop) -> None:
    order = shop.order(click=shop.click(), status="approved")
    amend_refund(conversion=order, line_id="1", refunded_minor=5000, by=None, now=NOON + 20 * DAY)
    assert list(violations()) == []
