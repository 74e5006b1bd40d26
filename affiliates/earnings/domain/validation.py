"""Deciding about orders: reasons, locks, what a brand's payment settles. `docs/money/validation.md` has the tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum

from affiliates.earnings.domain.states import Status

#: How long a brand, and then a creator, has for an answer.
ANSWER_DAYS = 14
LONGEST_NOTE = 500


class Reason(StrEnum):
    """Why an order was reversed."""

    RETURNED = "returned"
    CANCELLED = "cancelled"
    UNPAID = "unpaid"
    FRAUD = "fraud"
    DUPLICATE = "duplicate"
    NOT_NEW_CUSTOMER = "not_new_customer"
    TERMS_BROKEN = "terms_broken"
    TEST_ORDER = "test_order"
    OTHER = "other"
    REPORTED = "reported"


#: What a person may choose; the last one is the shop's own system.
BY_HAND = tuple(reason for reason in Reason if reason is not Reason.REPORTED)

CREATOR_AVAILABLE = "creator_available"
COUNTERPARTS = frozenset({"platform_margin", "suspense", "clawback_loss"})


class Channel(StrEnum):
    """How a change of an order came about."""

    API = "api"
    POSTBACK = "postback"
    FILE = "file"
    DEMO = "demo"
    CLAIM = "claim"
    PORTAL = "portal"
    ADMIN = "admin"
    CLOCK = "clock"


def may_lock(
    *,
    locks_at: dt.datetime | None,
    status: Status,
    reversed_at: dt.datetime | None,
    disputed: bool,
    now: dt.datetime,
) -> bool:
    """Whether an order may be closed to every change: its date has come, it is decided, and nobody still has to
    answer.
    """
    if locks_at is None or locks_at > now or disputed or status is Status.PENDING:
        return False
    return reversed_at is None or reversed_at + dt.timedelta(days=ANSWER_DAYS) <= now


def settled_lines(lines: Sequence[int], paid: int) -> tuple[list[int], int]:
    """Which of these unsettled lines (oldest first) are settled with this much money, and what is left of it.

    Credit comes first; then the oldest line, each only in full, and none before an older one.
    """
    settled = [place for place, amount in enumerate(lines) if amount < 0]
    left = paid - sum(lines[place] for place in settled)
    for place, amount in enumerate(lines):
        if amount < 0:
            continue
        if amount > left:
            break
        settled.append(place)
        left -= amount
    return settled, left


def may_adjust(debit: str, credit: str) -> bool:
    """Whether finance may move money from one kind of account to another."""
    return {debit, credit} - {CREATOR_AVAILABLE} <= COUNTERPARTS and (debit == CREATOR_AVAILABLE) != (
        credit == CREATOR_AVAILABLE
    )
