"""What a line of an order earns. `docs/money/commission.md` says it in prose, with the tables the
tests read.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from cms.core.domain.money import half_even, largest_remainder

NO_RULE = "no_rule"
FLAT_IN_OTHER_CURRENCY = "flat_rule_in_other_currency"
SHARE_UNITS = 1_000_000  # 100 % with four decimals


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


@dataclass(frozen=True, slots=True)
class Terms:
    """What was frozen for a line. Neither percent nor flat amount: the line earns nothing, and `reason` says
    why.
    """

    rule_pk: int | None = None
    percent: Decimal | None = None
    flat_minor: int | None = None
    reason: str = ""


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


def choose_rule(
    rules: Iterable[Rule], *, occurred_at: dt.datetime, category: str, creator_id: int | None, country: str
) -> Rule | None:
    """The rule that prices a line: in force when the order was placed, then the most specific, then the
    newest.

    A rule for the creator beats one for the category, which beats one for the country; of two categories the
    longer one is the more specific.
    """

    def applies(rule: Rule) -> bool:
        return (
            rule.starts_at <= occurred_at
            and (rule.ends_at is None or occurred_at < rule.ends_at)
            and (not rule.category or in_category(category, rule.category))
            and (rule.creator_id is None or rule.creator_id == creator_id)
            and (not rule.country or rule.country == country)
        )

    def rank(rule: Rule) -> tuple[bool, int, bool, int]:
        return (rule.creator_id is not None, len(rule.category.strip()), bool(rule.country), rule.version)

    return max(filter(applies, rules), key=rank, default=None)


def terms_of(rule: Rule | None, *, currency: str, program_currency: str) -> Terms:
    """What a rule pays an order in this currency. A flat amount has no worth in another currency than its
    own.
    """
    if rule is None:
        return Terms(reason=NO_RULE)
    if rule.percent is not None:
        return Terms(rule_pk=rule.pk, percent=rule.percent)
    if currency != program_currency:
        return Terms(rule_pk=rule.pk, reason=FLAT_IN_OTHER_CURRENCY)
    return Terms(rule_pk=rule.pk, flat_minor=rule.flat_minor)


def creator_part(commission_minor: int, share_percent: Decimal) -> int:
    """The creator's part, split off by largest remainder, so that both parts always add up to the
    commission.
    """
    share = int(share_percent * (SHARE_UNITS // 100))
    if not 0 <= share <= SHARE_UNITS:
        raise ValueError(f"{share_percent} is not a share from 0 to 100 percent")
    return largest_remainder(commission_minor, [share, SHARE_UNITS - share])[0]


def earn(
    *, amount_minor: int, refunded_minor: int, terms: Terms, share_percent: Decimal, reversed_whole: bool
) -> Earned:
    """A line's commission: one rounding for what it earned, one for what refunds took back so far.

    Refunds are cumulative, so however an amount is refunded in parts, the last part leaves exactly nothing.
    """
    if not 0 <= refunded_minor <= amount_minor:
        raise ValueError("a refund lies between nothing and the line's amount")
    gross = 0
    if terms.percent is not None:
        gross = half_even(Fraction(amount_minor) * Fraction(terms.percent) / 100)
    elif terms.flat_minor is not None:
        gross = terms.flat_minor
    taken = half_even(Fraction(gross * refunded_minor, amount_minor)) if amount_minor else 0
    net = 0 if reversed_whole else gross - taken
    return Earned(gross, creator_part(gross, share_percent), net, creator_part(net, share_percent))
