"""The states of an order and where its money stands in each. `docs/money/ledger.md` has the table."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum


class Status(StrEnum):
    """What was decided about an order."""

    PENDING = "pending"
    APPROVED = "approved"
    REVERSED = "reversed"


class Stage(StrEnum):
    """How far an order's money has come; ends of the accounts' names."""

    PENDING = "pending"
    APPROVED = "approved"
    AVAILABLE = "available"


#: A restatement may move an order from any state to any other, until it is locked.
LEGAL: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.PENDING, Status.APPROVED, Status.REVERSED}),
    Status.APPROVED: frozenset({Status.PENDING, Status.APPROVED, Status.REVERSED}),
    Status.REVERSED: frozenset({Status.PENDING, Status.APPROVED, Status.REVERSED}),
}


def may_change(old: Status, new: Status, *, locked: bool) -> bool:
    """Whether an order may go from one state to another."""
    return not locked and new in LEGAL[old]


def effective_status(reported: Status, *, auto_approve_at: dt.datetime | None, now: dt.datetime) -> Status:
    """The state that counts: an order that may approve itself is not pending any more once its
    time has come.
    """
    if reported is Status.PENDING and auto_approve_at is not None and auto_approve_at <= now:
        return Status.APPROVED
    return reported


def stage_of(
    status: Status, *, available_on: dt.date | None, released: bool, today: dt.date, brand_must_pay: bool = False
) -> Stage:
    """Where an order's money stands. What was once made available stays so while the order is approved; where
    the brand must pay first, the end of the hold is not enough.
    """
    if status is Status.APPROVED:
        over = released or (available_on is not None and available_on <= today and not brand_must_pay)
        return Stage.AVAILABLE if over else Stage.APPROVED
    return Stage.PENDING


def stage_now(status: Status, *, released: bool) -> Stage:
    """Where an order's money stands as it was last settled, whatever day it is."""
    if status is not Status.APPROVED:
        return Stage.PENDING
    return Stage.AVAILABLE if released else Stage.APPROVED
