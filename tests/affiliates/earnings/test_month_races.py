"""A month is closed while others close it or book into it. On PostgreSQL, with real transactions."""

from __future__ import annotations

import threading
import time
from typing import Any

from django.db import transaction

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Period, Statement
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.ledger import last_seq
from affiliates.earnings.services import periods, seals
from tests.affiliates.earnings.test_races import at_once, committed, meet_in
from tests.factories.community import make_finance
from tests.factories.earnings import Shop

pytestmark = pytest.mark.postgres
MARCH = Month(2026, 3)
__all__ = ["committed"]


def close_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    shop.order(click=shop.click(), status="approved")
    by = make_finance()
    meet_in(monkeypatch, periods, "seal_books")
    return at_once(*[lambda: periods.close_period(month=MARCH, by=by, now=MARCH.ends_at)] * 2)


def close_while_booking(shop: Shop) -> list[Any]:
    shop.order("early", click=shop.click(), status="approved")
    by, booked = make_finance(), threading.Event()

    def book() -> None:
        with transaction.atomic():
            shop.order("late", click=shop.click(), status="approved")
            booked.set()
            time.sleep(1)

    def close() -> Period:
        booked.wait(10)
        return periods.close_period(month=MARCH, by=by, now=MARCH.ends_at)

    return at_once(book, close)


def test_two_who_close_a_month_at_once_close_it_once(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = close_twice(committed, monkeypatch)
    assert first == second and (Period.objects.count(), Statement.objects.count()) == (1, 1)
    assert [str(fault) for fault in violations()] == []


def test_a_close_waits_for_what_is_being_booked(committed: Shop) -> None:
    _none, period = close_while_booking(committed)
    assert period.through_seq == last_seq() and Statement.objects.get().closing_minor == 1400
    assert [str(fault) for fault in violations()] == []


def test_without_the_lock_a_transfer_slips_into_a_closed_month(
    committed: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periods, "stop_bookings", lambda: None)
    monkeypatch.setattr(seals, "stop_bookings", lambda: None)
    close_while_booking(committed)
    assert any("after it was closed" in str(fault) for fault in violations())
