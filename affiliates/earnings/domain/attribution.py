"""Who is credited with an order: a pure function of the touches, the order's time and the programme's policy.

`docs/money/attribution.md` says it in prose. A change of these rules is a new VERSION; stored decisions keep
theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from affiliates.earnings.domain.reports import CLOCK_TOLERANCE

LAST_CLICK = "last_click"
VERSION = 1
#: How many other touches of the same visitor an explanation lists, the latest first.
MOST_TOUCHES = 20

NO_CLICK_OR_COUPON = "no_click_or_coupon"
UNKNOWN_COUPON = "unknown_coupon"
UNKNOWN_CLICK = "unknown_click"
CLICK_OF_OTHER_MERCHANT = "click_of_other_merchant"
OUTSIDE_WINDOW = "outside_window"
CLICK_AFTER_ORDER = "click_after_order"
INVALID_CLICK = "invalid_click"
NO_PROGRAM = "no_programme"
NOT_ENROLLED = "creator_not_enrolled"
WINNER = "winner"
EARLIER_CLICK = "earlier_click"
NOT_REPORTED = "not_the_reported_click"

#: Clicks that do not count as clicks, but are a person's and can be credited with an order.
CREDITABLE = frozenset({"", "double_click", "repeat", "rate"})


@dataclass(frozen=True, slots=True)
class Touch:
    """A click as the decision sees it; `flaw` is why it does not count, empty for a valid one."""

    click_id: str
    at: dt.datetime
    merchant_id: int
    creator_id: int | None
    flaw: str = ""
    placement_id: int | None = None
    placement_ref: str = ""
    guide: str = ""
    enrolled: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """What a programme says about credit."""

    window_days: int
    model: str = LAST_CLICK
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Considered:
    """A touch with what became of it: whether it could have been credited, and why it was or was not."""

    touch: Touch
    considered: bool
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is credited and why. Without a winner the reason says what was missing."""

    winner: Touch | None
    reason: str
    touches: tuple[Considered, ...]


def flaw_of(touch: Touch, *, merchant_id: int, occurred_at: dt.datetime, window_days: int) -> str:
    """Why a touch cannot be credited with this merchant's order, or an empty string. The first
    that applies.
    """
    if touch.merchant_id != merchant_id:
        return CLICK_OF_OTHER_MERCHANT
    if touch.flaw not in CREDITABLE:
        return f"{INVALID_CLICK}:{touch.flaw}"
    if touch.at > occurred_at + CLOCK_TOLERANCE:
        return CLICK_AFTER_ORDER
    if occurred_at - touch.at > dt.timedelta(days=window_days):
        return OUTSIDE_WINDOW
    if not touch.enrolled:
        return NOT_ENROLLED
    return ""


def decide(
    *,
    merchant_id: int,
    occurred_at: dt.datetime,
    click_id: str,
    coupon: str,
    reported: Touch | None,
    others: Iterable[Touch] = (),
    policy: Policy | None,
) -> Decision:
    """The winner among an order's touches.

    The click the merchant reports is the last one that is known to have reached its shop, so it wins or
    nobody does. `others` are clicks of the same visitor; they are told apart by nothing but a daily key,
    which people can share, so they are listed with why they lost and never take credit away.
    """
    if policy is None:
        return Decision(None, NO_PROGRAM, ())
    if not click_id:
        return Decision(None, UNKNOWN_COUPON if coupon else NO_CLICK_OR_COUPON, ())
    if reported is None:
        return Decision(None, UNKNOWN_CLICK, ())
    flaw = flaw_of(reported, merchant_id=merchant_id, occurred_at=occurred_at, window_days=policy.window_days)
    winner = None if flaw else reported
    listed = [Considered(reported, not flaw, flaw or WINNER)]
    for touch in latest(others):
        if touch.click_id != reported.click_id:
            lost = flaw_of(touch, merchant_id=merchant_id, occurred_at=occurred_at, window_days=policy.window_days)
            earlier = (touch.at, touch.click_id) < (reported.at, reported.click_id)
            listed.append(Considered(touch, not lost, lost or (EARLIER_CLICK if earlier else NOT_REPORTED)))
    listed.sort(key=lambda item: (item.touch.at, item.touch.click_id), reverse=True)
    return Decision(winner, flaw or policy.model, tuple(listed))


def latest(touches: Iterable[Touch]) -> Sequence[Touch]:
    """The latest touches, each once, however they were handed over."""
    unique = {touch.click_id: touch for touch in touches}
    return sorted(unique.values(), key=lambda touch: (touch.at, touch.click_id), reverse=True)[:MOST_TOUCHES]
