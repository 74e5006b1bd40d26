"""What a line of an order earns. `docs/money/commission.md` says it in prose, with the tables the
tests read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from cms.core.domain.money import half_even, largest_remainder

NO_RULE = "no_rule"
FLAT_IN_OTHER_CURRENCY = "flat_rule_in_other_currency"
CAP = "cap"
UNKNOWN_CUSTOMER = "unknown"
SHARE_UNITS = 1_000_000  # 100 % with four decimals
HUNDRED = Decimal(100)


class Effect(StrEnum):
    """What a rule does to a line: prices it, or is a boost that prices it instead or pays something on top."""

    BASE = "base"
    REPLACES = "replaces"
    ADDS = "adds"


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of what a programme pays; an empty condition holds for everything."""

    pk: int
    version: int
    starts_at: dt.datetime
    ends_at: dt.datetime | None = None
    percent: Decimal | None = None
    flat_minor: int | None = None
    category: str = ""
    creator_id: int | None = None
    country: str = ""
    effect: str = Effect.BASE
    group_id: int | None = None
    products: frozenset[str] = frozenset()
    coupon: str = ""
    customer: str = ""
    basket_min_minor: int | None = None
    basket_max_minor: int | None = None
    budget_minor: int | None = None
    creator_month_minor: int | None = None
    order_minor: int | None = None

    @property
    def is_capped(self) -> bool:
        """Whether what it pays has an end."""
        return not (self.budget_minor is None and self.creator_month_minor is None and self.order_minor is None)

    @property
    def speaks_of_basket(self) -> bool:
        """Whether the order's worth decides if it applies."""
        return self.basket_min_minor is not None or self.basket_max_minor is not None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a line and its order when it is priced. `products` are the line's number and GTIN."""

    occurred_at: dt.datetime
    category: str = ""
    creator_id: int | None = None
    country: str = ""
    groups: frozenset[int] = frozenset()
    products: frozenset[str] = frozenset()
    coupon: str = ""
    customer: str = ""
    basket_minor: int = 0
    in_program_currency: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What was frozen for a line. Neither percent nor flat amount: the line earns nothing, and `reason` says
    why. `cap_minor` is the most it may earn before refunds, where a cap of the rule was reached.
    """

    rule_pk: int | None = None
    percent: Decimal | None = None
    flat_minor: int | None = None
    reason: str = ""
    boost_pk: int | None = None
    cap_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Lost:
    """A rule that did not price a line, and why: a condition that does not hold, or what beat it."""

    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The rule that prices a line, the boost on top of it, and every other rule with the reason it lost."""

    rule: Rule | None
    boost: Rule | None = None
    lost: tuple[Lost, ...] = ()


@dataclass(frozen=True, slots=True)
class Earned:
    """A line's commission before (`gross`) and after refunds, and the creator's part of each."""

    gross_minor: int
    gross_creator_minor: int
    net_minor: int
    creator_minor: int

    @property
    def platform_minor(self) -> int:
        """What the creator does not get."""
        return self.net_minor - self.creator_minor


def in_category(category: str, wanted: str) -> bool:
    """Whether a category is the wanted one or lies below it ("Home > Kitchen" lies below "Home")."""
    have, want = category.strip().casefold(), wanted.strip().casefold()
    return have == want or have.startswith(want + " > ")


def same_word(word: str) -> str:
    """How coupons and product numbers are compared: case and surrounding space do not matter."""
    return word.strip().casefold()


def _products(rule: Rule, facts: Facts) -> bool:
    return not rule.products or not rule.products.isdisjoint(facts.products)


#: Every condition a rule can have, in the order in which they make it more specific. Each holds where it is empty.
CONDITIONS: Mapping[str, Callable[[Rule, Facts], bool]] = {
    "creator": lambda rule, facts: rule.creator_id is None or rule.creator_id == facts.creator_id,
    "group": lambda rule, facts: rule.group_id is None or rule.group_id in facts.groups,
    "products": _products,
    "category": lambda rule, facts: not rule.category or in_category(facts.category, rule.category),
    "coupon": lambda rule, facts: not rule.coupon or same_word(rule.coupon) == same_word(facts.coupon),
    "customer": lambda rule, facts: not rule.customer or rule.customer == (facts.customer or UNKNOWN_CUSTOMER),
    "country": lambda rule, facts: not rule.country or rule.country == facts.country,
    "basket_min": lambda rule, facts: rule.basket_min_minor is None or facts.basket_minor >= rule.basket_min_minor,
    "basket_max": lambda rule, facts: rule.basket_max_minor is None or facts.basket_minor < rule.basket_max_minor,
}


def fails(rule: Rule, facts: Facts) -> str:
    """The first reason why a rule does not apply: "not_yet", "ended", "currency" or a condition; "" if it does.

    Caps and basket values are amounts of the programme's currency and cannot be held against another one.
    """
    if facts.occurred_at < rule.starts_at:
        return "not_yet"
    if rule.ends_at is not None and facts.occurred_at >= rule.ends_at:
        return "ended"
    for name, holds in CONDITIONS.items():
        if name.startswith("basket") and rule.speaks_of_basket and not facts.in_program_currency:
            return "currency"
        if not holds(rule, facts):
            return name
    return "currency" if rule.is_capped and not facts.in_program_currency else ""


def specificity(rule: Rule) -> tuple[int, ...]:
    """What the more specific of two rules is greater in. The version comes last, so no two rules are equal."""
    return (
        rule.creator_id is not None,
        rule.group_id is not None,
        bool(rule.products),
        len(rule.category.strip()),
        bool(rule.coupon),
        bool(rule.customer),
        bool(rule.country),
        -1 if rule.basket_min_minor is None else rule.basket_min_minor,
        0 if rule.basket_max_minor is None else 1,
        -(rule.basket_max_minor or 0),
        rule.version,
    )


_PLACES = (
    "creator", "group", "products", "category", "coupon", "customer", "country", "basket_min", "basket_max",
    "basket_max", "version",
)  # fmt: skip


def _beaten_by(winner: Rule, rule: Rule) -> str:
    pairs = zip(_PLACES, specificity(winner), specificity(rule), strict=True)
    return next(f"beaten:{place}" for place, high, low in pairs if high != low)


def choose_rule(rules: Iterable[Rule], facts: Facts) -> Choice:
    """Which rule prices a line, and why no other does.

    Of the rules in force when the order was placed and whose conditions hold, a boost that replaces comes before
    every base rule, and among equals the most specific wins. A boost that adds is paid on top where both are
    percentages or both are fixed amounts; of several only the most specific.
    """
    lost: list[Lost] = []
    fit: dict[str, list[Rule]] = {effect: [] for effect in Effect}
    for rule in sorted(rules, key=lambda rule: rule.version):
        if why := fails(rule, facts):
            lost.append(Lost(rule, why))
        else:
            fit[rule.effect].append(rule)
    pricing = fit[Effect.REPLACES] or fit[Effect.BASE]
    winner = max(pricing, key=specificity, default=None)
    for rule in fit[Effect.BASE] + fit[Effect.REPLACES]:
        if winner is not None and rule is not winner:
            lost.append(Lost(rule, _beaten_by(winner, rule) if rule.effect == winner.effect else "replaced"))
    on_top = [rule for rule in fit[Effect.ADDS] if winner and (rule.percent is None) == (winner.percent is None)]
    boost = max(on_top, key=specificity, default=None)
    for rule in fit[Effect.ADDS]:
        if rule not in on_top:
            lost.append(Lost(rule, "nothing_to_add_to"))
        elif boost is not None and rule is not boost:
            lost.append(Lost(rule, _beaten_by(boost, rule)))
    return Choice(winner, boost, tuple(sorted(lost, key=lambda item: item.rule.version)))


def basket_side(rules: Iterable[Rule], basket_minor: int) -> frozenset[int]:
    """Which of the rules that speak of the order's worth it satisfies. While this stands, so do a line's terms."""
    facts = Facts(occurred_at=dt.datetime.min.replace(tzinfo=dt.UTC), basket_minor=basket_minor)
    tests = (CONDITIONS["basket_min"], CONDITIONS["basket_max"])
    return frozenset(rule.pk for rule in rules if rule.speaks_of_basket and all(holds(rule, facts) for holds in tests))


def terms_of(choice: Choice, *, currency: str, program_currency: str) -> Terms:
    """What the chosen rule and boost pay an order in this currency. A flat amount has no worth in another
    currency than its own. A percentage with its boost never exceeds the whole.
    """
    rule, boost = choice.rule, choice.boost
    if rule is None:
        return Terms(reason=NO_RULE)
    terms = Terms(rule_pk=rule.pk, percent=rule.percent, flat_minor=rule.flat_minor)
    if rule.percent is None and currency != program_currency:
        return Terms(rule_pk=rule.pk, reason=FLAT_IN_OTHER_CURRENCY)
    if boost is None:
        return terms
    percent, flat_minor = with_boost(terms.percent, terms.flat_minor, boost.percent, boost.flat_minor)
    return replace(terms, boost_pk=boost.pk, percent=percent, flat_minor=flat_minor)


def with_boost(
    percent: Decimal | None, flat_minor: int | None, more_percent: Decimal | None, more_minor: int | None
) -> tuple[Decimal | None, int | None]:
    """A rule's percentage or amount with a boost's on top."""
    if percent is not None:
        return min(percent + (more_percent or 0), HUNDRED), None
    return None, (flat_minor or 0) + (more_minor or 0)


def creator_part(commission_minor: int, share_percent: Decimal) -> int:
    """The creator's part, split off by largest remainder, so that both parts always add up to the
    commission.
    """
    share = int(share_percent * (SHARE_UNITS // 100))
    if not 0 <= share <= SHARE_UNITS:
        raise ValueError(f"{share_percent} is not a share from 0 to 100 percent")
    return largest_remainder(commission_minor, [share, SHARE_UNITS - share])[0]


def taken_back(gross_minor: int, *, amount_minor: int, refunded_minor: int) -> int:
    """What refunds took back so far of a commission."""
    return half_even(Fraction(gross_minor * refunded_minor, amount_minor)) if amount_minor else 0


def uncapped(terms: Terms, amount_minor: int) -> int:
    """What a line would earn before refunds if its rule had no cap."""
    if terms.percent is not None:
        return half_even(Fraction(amount_minor) * Fraction(terms.percent) / 100)
    return terms.flat_minor or 0


def earn(
    *, amount_minor: int, refunded_minor: int, terms: Terms, share_percent: Decimal, reversed_whole: bool
) -> Earned:
    """A line's commission: one rounding for what it earned, one for what refunds took back so far.

    Refunds are cumulative, so however an amount is refunded in parts, the last part leaves exactly nothing.
    """
    if not 0 <= refunded_minor <= amount_minor:
        raise ValueError("a refund lies between nothing and the line's amount")
    gross = uncapped(terms, amount_minor)
    if terms.cap_minor is not None:
        gross = min(gross, terms.cap_minor)
    net = 0
    if not reversed_whole:
        net = gross - taken_back(gross, amount_minor=amount_minor, refunded_minor=refunded_minor)
    return Earned(gross, creator_part(gross, share_percent), net, creator_part(net, share_percent))


def most_within(room_minor: int, *, wanted_minor: int, amount_minor: int, refunded_minor: int) -> int:
    """The most a line may earn before refunds so that what is left after them fits into the room.

    What is left grows with what was earned by none or one at a time, so the room is used to the last unit.
    """
    low, high = 0, wanted_minor
    while low < high:
        middle = (low + high + 1) // 2
        left = middle - taken_back(middle, amount_minor=amount_minor, refunded_minor=refunded_minor)
        low, high = (middle, high) if left <= max(room_minor, 0) else (low, middle - 1)
    return low
