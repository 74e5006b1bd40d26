"""What a creator's month of sales earns on top of its orders. `docs/money/commission.md` has the tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise

from affiliates.earnings.domain.commission_rules import HUNDRED, creator_part
from cms.core.domain.money import half_even

MOST_TIERS = 10
#: What may be wrong with tiers, by name.
NONE, TOO_MANY, NEGATIVE, NOT_RISING, NO_PERCENT, ALL_ZERO = (
    "none", "too_many", "negative", "not_rising", "no_percent", "all_zero",
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class Tier:
    """Percentage points for the part of the sales above a threshold, up to the next tier's."""

    above_minor: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the sales that lies in one tier, and what it earns. No `until_minor`: the last tier."""

    tier: Tier
    until_minor: int | None
    sales_minor: int
    bonus_minor: int


@dataclass(frozen=True, slots=True)
class Bonus:
    """What a month's sales earn on top, and the creator's part of it."""

    bonus_minor: int
    creator_minor: int

    @property
    def platform_minor(self) -> int:
        """What the creator does not get."""
        return self.bonus_minor - self.creator_minor


def faults(tiers: Sequence[Tier]) -> list[str]:
    """What keeps these tiers from being a version's: codes, none where they are sound."""
    found = []
    if not tiers:
        found.append(NONE)
    if len(tiers) > MOST_TIERS:
        found.append(TOO_MANY)
    if any(tier.above_minor < 0 for tier in tiers):
        found.append(NEGATIVE)
    if any(before.above_minor >= after.above_minor for before, after in pairwise(tiers)):
        found.append(NOT_RISING)
    if any(not 0 <= tier.percent <= HUNDRED for tier in tiers):
        found.append(NO_PERCENT)
    if tiers and all(tier.percent == 0 for tier in tiers):
        found.append(ALL_ZERO)
    return found


def parts_of(sales_minor: int, tiers: Sequence[Tier]) -> list[Part]:
    """The tiers that the sales reach, lowest first. Each part is rounded by itself."""
    found = []
    for tier, after in zip(tiers, [*tiers[1:], None], strict=True):
        if sales_minor <= tier.above_minor:
            break
        until = after.above_minor if after else None
        inside = (sales_minor if until is None else min(sales_minor, until)) - tier.above_minor
        found.append(Part(tier, until, inside, half_even(Fraction(inside) * Fraction(tier.percent) / 100)))
    return found


def bonus_due(sales_minor: int, tiers: Sequence[Tier], *, share_percent: Decimal) -> Bonus:
    """What the sales earn on top of their orders: marginal, so no sale ever lowers it."""
    bonus = sum(part.bonus_minor for part in parts_of(sales_minor, tiers))
    return Bonus(bonus, creator_part(bonus, share_percent))


def next_tier(sales_minor: int, tiers: Iterable[Tier]) -> Tier | None:
    """The lowest tier that the sales do not reach yet."""
    return next((tier for tier in tiers if tier.above_minor >= sales_minor), None)
