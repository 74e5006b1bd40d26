"""The model's arithmetic, credit and prices, written from `docs/money` alone. It shares no code with the site."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from fractions import Fraction

DAY = dt.timedelta(days=1)
TOLERANCE = dt.timedelta(minutes=5)
#: Digits after the point of the currencies the simulator pays in, and the least that is sent in each.
DIGITS = {"EUR": 2, "USD": 2, "JPY": 0, "KWD": 3}
MINIMUM = {"EUR": 2500, "USD": 2500, "JPY": 3000, "KWD": 10_000}


def nearest(value: Fraction) -> int:
    """The nearest whole number; exactly between two, the even one."""
    whole, rest = divmod(value.numerator, value.denominator)
    twice = 2 * rest - value.denominator
    return whole + (twice > 0 or (twice == 0 and whole % 2 == 1))


def part_of(minor: int, share: int) -> int:
    """A creator's part by a share in millionths; the creator gets the tie."""
    return (2 * minor * share + 1_000_000) // 2_000_000


@dataclass
class Click:
    """A click on a link of a shop. `creator` is None for a link of the house."""

    ref: str
    at: dt.datetime
    shop: int
    creator: int | None
    visitor: str
    flaw: str = ""


@dataclass
class Rule:
    """A version of what a programme pays, and what it paid so far."""

    version: int
    starts: dt.datetime
    ends: dt.datetime | None = None
    percent: Fraction | None = None
    flat: int | None = None
    effect: str = "base"
    category: str = ""
    creator: int | None = None
    customer: str = ""
    coupon: str = ""
    country: str = ""
    least: int | None = None
    below: int | None = None
    budget: int | None = None
    monthly: int | None = None
    per_order: int | None = None
    paid: int = 0
    paid_to: dict[tuple[int | None, int, int], int] = field(default_factory=dict)

    @property
    def same(self) -> tuple[object, ...]:
        """What two versions must share so that only one may be in force."""
        return (
            self.effect, self.category.casefold(), self.creator, self.customer, self.coupon, self.country, self.least,
            self.below,
        )  # fmt: skip

    @property
    def capped(self) -> bool:
        return (self.budget, self.monthly, self.per_order) != (None, None, None)

    @property
    def asks_basket(self) -> bool:
        return (self.least, self.below) != (None, None)

    def basket_fits(self, basket: int) -> bool:
        return (self.least is None or basket >= self.least) and (self.below is None or basket < self.below)

    @property
    def rank(self) -> tuple[int, ...]:
        """Greater is more specific; the order of `docs/money/commission.md`."""
        return (
            int(self.creator is not None), len(self.category), int(bool(self.coupon)), int(bool(self.customer)),
            int(bool(self.country)), -1 if self.least is None else self.least, int(self.below is not None),
            -(self.below or 0), self.version,
        )  # fmt: skip


@dataclass
class Facts:
    """What a line and its order are priced by."""

    at: dt.datetime
    category: str
    creator: int | None
    customer: str
    coupon: str
    country: str
    basket: int
    own_currency: bool


def fits(rule: Rule, facts: Facts) -> bool:
    """Whether a rule is in force for a line and all its conditions hold."""
    if facts.at < rule.starts or (rule.ends is not None and facts.at >= rule.ends):
        return False
    if (rule.capped or rule.asks_basket) and not facts.own_currency:
        return False
    have, want = facts.category.casefold(), rule.category.casefold()
    return (
        (not want or have == want or have.startswith(want + " > "))
        and rule.creator in (None, facts.creator)
        and rule.customer in ("", facts.customer or "unknown")
        and rule.coupon in ("", facts.coupon)
        and rule.country in ("", facts.country)
        and rule.basket_fits(facts.basket)
    )


def choose(rules: list[Rule], facts: Facts) -> tuple[Rule | None, Rule | None]:
    """The rule that prices a line, and the boost on top of it."""
    fit = [rule for rule in rules if fits(rule, facts)]
    pricing = [r for r in fit if r.effect == "replaces"] or [r for r in fit if r.effect == "base"]
    rule = max(pricing, key=lambda one: one.rank, default=None)
    if rule is None:
        return None, None
    tops = [r for r in fit if r.effect == "adds" and (r.percent is None) == (rule.percent is None)]
    return rule, max(tops, key=lambda one: one.rank, default=None)


@dataclass
class Coupon:
    """A code of a shop with whoever held it from when; None is nobody."""

    exclusive: bool
    holders: list[tuple[dt.datetime, int | None]]

    def holder(self, at: dt.datetime) -> int | None:
        return next((who for since, who in sorted(self.holders, key=lambda h: h[0], reverse=True) if since <= at), None)


@dataclass
class Terms:
    """A programme as it is now."""

    currency: str
    share: int
    hold: int
    auto: int | None
    lock: int | None
    gated: bool
    window: int
    model: str
    policy: str
    rules: list[Rule] = field(default_factory=list)
    coupons: dict[str, Coupon] = field(default_factory=dict)
    #: creator → [from, until], the times in which they were in the programme.
    stays: dict[int, list[list[dt.datetime | None]]] = field(default_factory=dict)

    def was_in(self, creator: int | None, at: dt.datetime) -> bool:
        if creator is None:
            return True
        times = self.stays.get(creator, [])
        return any(since is not None and since <= at and (until is None or at < until) for since, until in times)

    def join(self, creator: int, now: dt.datetime) -> None:
        times = self.stays.setdefault(creator, [])
        if not times or times[-1][1] is not None:
            times.append([now, None])

    def leave(self, creator: int, now: dt.datetime) -> None:
        times = self.stays.get(creator, [])
        if times and times[-1][1] is None:
            times[-1][1] = now


@dataclass(frozen=True)
class Credit:
    """Whom an order is credited to: nobody with a reason, or somebody, the house being None."""

    creator: int | None
    reason: str
    click: str = ""
    awaits: bool = False


def flaw_of(click: Click, shop: int, terms: Terms, at: dt.datetime) -> str:
    """Why a click cannot be credited with an order, or nothing."""
    if click.shop != shop:
        return "click_of_other_merchant"
    if click.flaw not in ("", "repeat", "double_click", "rate"):
        return f"invalid_click:{click.flaw}"
    if click.at > at + TOLERANCE:
        return "click_after_order"
    if at - click.at > terms.window * DAY:
        return "outside_window"
    return "" if terms.was_in(click.creator, click.at) else "creator_not_enrolled"


def credit(
    *, shop: int, terms: Terms, at: dt.datetime, ref: str, code: str, channel: str, click: Click | None,
    others: list[Click],
) -> Credit:  # fmt: skip
    """Who is credited with an order. `others` are the other clicks of the reported click's visitor."""
    winner, reason = _by_click(shop, terms, at, ref, click, others)
    creator, by = (winner.creator, winner.ref) if winner else (None, "")
    awaits = bool(ref) and click is None
    if code:
        known = terms.coupons.get(code.strip().casefold())
        holder = known.holder(at) if known else None
        flaw = "unknown_coupon" if known is None else "coupon_not_in_force" if holder is None else ""
        if not flaw and not terms.was_in(holder, at):
            flaw = "creator_not_enrolled"
        if flaw:
            reason = reason if winner or ref else flaw
        elif winner is None:
            creator, by, reason = holder, "", ""
        elif winner.creator != holder and (
            terms.policy == "code" or (terms.policy == "exclusive" and known is not None and known.exclusive)
        ):
            creator, by = holder, ""
    if channel not in ("", "affiliate"):
        return Credit(None, "paid_elsewhere", awaits=awaits)
    return Credit(creator, reason, by, awaits)


def _by_click(
    shop: int, terms: Terms, at: dt.datetime, ref: str, click: Click | None, others: list[Click]
) -> tuple[Click | None, str]:
    if not ref:
        return None, "no_click_or_coupon"
    if click is None:
        return None, "unknown_click"
    flaw = flaw_of(click, shop, terms, at)
    if terms.model == "last_click":
        return (None, flaw) if flaw else (click, "")
    if flaw not in ("", "outside_window", "creator_not_enrolled"):
        return None, flaw
    sound = [one for one in (click, *others) if not flaw_of(one, shop, terms, at)]
    first = min(sound, key=lambda one: (one.at, one.ref), default=None)
    return (first, "") if first else (None, flaw)
