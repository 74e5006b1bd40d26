"""Who is credited with an order: a pure function of the touches, the code, the order's time and the programme's policy.

`docs/money/attribution.md` says it in prose. A change of these rules is a new VERSION; stored decisions keep
theirs. How a model weighs clicks against each other is in `domain/credit.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from affiliates.earnings.domain.credit import FIRST_CLICK, LAST_CLICK, LINEAR, MODELS, POSITION_BASED, shares_of
from affiliates.earnings.domain.reports import CLOCK_TOLERANCE

__all__ = ["FIRST_CLICK", "LAST_CLICK", "LINEAR", "MODELS", "POSITION_BASED"]

VERSION = 3
#: How many other touches of the same visitor are considered from either end of the window.
MOST_TOUCHES = 20

NO_CLICK_OR_COUPON = "no_click_or_coupon"
UNKNOWN_COUPON = "unknown_coupon"
COUPON_NOT_IN_FORCE = "coupon_not_in_force"
UNKNOWN_CLICK = "unknown_click"
CLICK_OF_OTHER_MERCHANT = "click_of_other_merchant"
OUTSIDE_WINDOW = "outside_window"
CLICK_AFTER_ORDER = "click_after_order"
INVALID_CLICK = "invalid_click"
NO_PROGRAM = "no_programme"
NOT_ENROLLED = "creator_not_enrolled"
PAID_ELSEWHERE = "paid_elsewhere"
WINNER = "winner"
EARLIER_CLICK = "earlier_click"
LATER_CLICK = "later_click"
NOT_REPORTED = "not_the_reported_click"
SMALLER_SHARE = "smaller_share"
UNCOUNTED = "not_counted_click"
COUPON = "coupon"
LOST_TO_CODE = "lost_to_code"
LOST_TO_CLICK = "lost_to_click"
SAME_CREATOR = "same_creator"

#: Clicks that do not count as clicks, but are a person's and can be credited with an order.
CREDITABLE = frozenset({"", "double_click", "repeat", "rate"})

CODE_BEATS_CLICK, CLICK_BEATS_CODE, EXCLUSIVE_CODES = "code", "click", "exclusive"
#: The policies on codes against clicks.
COUPON_POLICIES = (CODE_BEATS_CLICK, CLICK_BEATS_CODE, EXCLUSIVE_CODES)

#: How a touch is known to belong to the order.
REPORTED, DAY, READER, CODE = "reported", "day", "reader", "code"
#: What a merchant may write as the channel it pays when that channel is this programme.
OWN_CHANNELS = frozenset({"", "affiliate"})


@dataclass(frozen=True, slots=True)
class Touch:
    """A click, or the code, as the decision sees it; `flaw` is why a click does not count, empty for a valid one."""

    click_id: str
    at: dt.datetime
    merchant_id: int
    creator_id: int | None
    flaw: str = ""
    placement_id: int | None = None
    placement_ref: str = ""
    guide: str = ""
    enrolled: bool = True
    join: str = DAY
    coupon: str = ""
    exclusive: bool = False


@dataclass(frozen=True, slots=True)
class Code:
    """The code an order was placed with: whose it was at that moment, nobody's when it was not in force."""

    text: str
    creator_id: int | None = None
    exclusive: bool = False
    known: bool = True
    enrolled: bool = True

    @property
    def flaw(self) -> str:
        """Why the code credits nobody, or an empty string. The first that applies."""
        if not self.known:
            return UNKNOWN_COUPON
        if self.creator_id is None:
            return COUPON_NOT_IN_FORCE
        return "" if self.enrolled else NOT_ENROLLED


@dataclass(frozen=True, slots=True)
class Policy:
    """What a programme says about credit."""

    window_days: int
    model: str = LAST_CLICK
    coupons: str = CODE_BEATS_CLICK
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class Considered:
    """A touch with what became of it: whether it could have been credited, why it was or was not, and its share of
    the credit in hundredths of a percent.
    """

    touch: Touch
    considered: bool
    why: str
    share: int = 0


@dataclass(frozen=True, slots=True)
class Decision:
    """Who is credited and why. Without a winner the reason says what was missing."""

    winner: Touch | None
    reason: str
    touches: tuple[Considered, ...]

    @property
    def assists(self) -> tuple[Touch, ...]:
        """Touches of other creators than the winner's that could have been credited: each creator's latest."""
        if self.winner is None:
            return ()
        latest_of: dict[int, Touch] = {}
        for item in self.touches:
            creator = item.touch.creator_id
            if item.considered and creator is not None and creator != self.winner.creator_id:
                latest_of.setdefault(creator, item.touch)
        return tuple(latest_of[creator] for creator in sorted(latest_of))


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
    code: Code | None = None,
    channel: str = "",
    policy: Policy | None,
) -> Decision:
    """The winner among an order's touches.

    `reported` is the click the merchant names, `others` are clicks of the same visitor, in any order; `code` is
    what is known of the coupon, `channel` whom the merchant says it pays for the order.
    """
    if policy is None:
        return Decision(None, NO_PROGRAM, ())
    decision = _among_clicks(
        merchant_id=merchant_id,
        occurred_at=occurred_at,
        click_id=click_id,
        reported=reported,
        others=others,
        policy=policy,
    )
    if coupon:
        decision = _with_code(
            decision,
            code or Code(coupon, known=False),
            merchant_id=merchant_id,
            occurred_at=occurred_at,
            clicked=bool(click_id),
            policy=policy,
        )
    return decision if is_own_channel(channel) else _stand_down(decision)


def is_own_channel(channel: str) -> bool:
    """Whether a merchant's word for the channel it pays means this programme."""
    return channel.casefold() in OWN_CHANNELS


def _key(touch: Touch) -> tuple[dt.datetime, str]:
    return touch.at, touch.click_id


def _among_clicks(
    *,
    merchant_id: int,
    occurred_at: dt.datetime,
    click_id: str,
    reported: Touch | None,
    others: Iterable[Touch],
    policy: Policy,
) -> Decision:
    if not click_id:
        return Decision(None, NO_CLICK_OR_COUPON, ())
    if reported is None:
        return Decision(None, UNKNOWN_CLICK, ())
    reported = replace(reported, join=REPORTED)
    touches = [reported, *(touch for touch in from_both_ends(others) if touch.click_id != reported.click_id)]
    flaws = {
        touch.click_id: flaw_of(touch, merchant_id=merchant_id, occurred_at=occurred_at, window_days=policy.window_days)
        for touch in touches
    }
    flaw = flaws[reported.click_id]
    sound = sorted((touch for touch in touches if not flaws[touch.click_id]), key=_key)
    candidates = _candidates(sound, reported=reported, flaw=flaw, model=policy.model)
    shares = dict(zip((touch.click_id for touch in candidates), shares_of(policy.model, len(candidates)), strict=True))
    # The largest share wins, the first where several are as large.
    winner = max(candidates, key=lambda touch: shares[touch.click_id], default=None)
    listed = [
        Considered(
            touch,
            not flaws[touch.click_id],
            flaws[touch.click_id] or _why(touch, winner, reported, touch.click_id in shares, policy.model),
            shares.get(touch.click_id, 0),
        )
        for touch in touches
    ]
    listed.sort(key=lambda item: _key(item.touch), reverse=True)
    return Decision(winner, policy.model if winner else flaw, tuple(listed))


def _candidates(sound: Sequence[Touch], *, reported: Touch, flaw: str, model: str) -> list[Touch]:
    """The touches that share the credit, in order of time.

    A reported click of another shop, of no person, or from after the order is no trace of the buyer: what hangs on it
    is nobody's either. One that is only too old, or of a creator who may not earn, still says who the visitor was.
    """
    if model == LAST_CLICK:
        return [] if flaw else [reported]
    if flaw and flaw not in {OUTSIDE_WINDOW, NOT_ENROLLED}:
        return []
    if model == FIRST_CLICK:
        return list(sound[:1])
    # Clicking again must not enlarge a share.
    return [touch for touch in sound if not touch.flaw or touch.click_id == reported.click_id]


def _why(touch: Touch, winner: Touch | None, reported: Touch, shares: bool, model: str) -> str:
    if winner is not None and touch.click_id == winner.click_id:
        return WINNER
    if model == FIRST_CLICK and winner is not None:
        return LATER_CLICK
    if model in {LINEAR, POSITION_BASED} and winner is not None:
        return SMALLER_SHARE if shares else UNCOUNTED
    return EARLIER_CLICK if _key(touch) < _key(reported) else NOT_REPORTED


def _with_code(
    decision: Decision, code: Code, *, merchant_id: int, occurred_at: dt.datetime, clicked: bool, policy: Policy
) -> Decision:
    """What the code changes about a decision among clicks. The code is listed first."""
    flaw, by_click = code.flaw, decision.winner
    touch = Touch(
        "",
        occurred_at,
        merchant_id,
        code.creator_id,
        enrolled=code.enrolled,
        join=CODE,
        coupon=code.text,
        exclusive=code.exclusive,
    )
    if flaw:
        reason = decision.reason if by_click or clicked else flaw
        return Decision(by_click, reason, (Considered(touch, False, flaw), *decision.touches))
    if by_click is not None and by_click.creator_id == code.creator_id:
        why = SAME_CREATOR
    elif by_click is not None and not _code_beats_click(code, policy):
        why = LOST_TO_CLICK
    else:
        beaten = (replace(item, why=LOST_TO_CODE, share=0) if item.considered else item for item in decision.touches)
        return Decision(touch, COUPON, (Considered(touch, True, WINNER, sum(shares_of(LAST_CLICK, 1))), *beaten))
    return Decision(by_click, decision.reason, (Considered(touch, True, why), *decision.touches))


def _code_beats_click(code: Code, policy: Policy) -> bool:
    return policy.coupons == CODE_BEATS_CLICK or (policy.coupons == EXCLUSIVE_CODES and code.exclusive)


def _stand_down(decision: Decision) -> Decision:
    """The same touches, none of them credited because the merchant pays another channel."""
    touches = tuple(
        replace(item, why=PAID_ELSEWHERE, considered=False, share=0) if item.considered else item
        for item in decision.touches
    )
    return Decision(None, PAID_ELSEWHERE, touches)


def from_both_ends(touches: Iterable[Touch]) -> Sequence[Touch]:
    """The earliest and the latest touches, each once, however they were handed over; in order of time."""
    unique = sorted({touch.click_id: touch for touch in touches}.values(), key=_key)
    if len(unique) <= 2 * MOST_TOUCHES:
        return unique
    return [*unique[:MOST_TOUCHES], *unique[-MOST_TOUCHES:]]
