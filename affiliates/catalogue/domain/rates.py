"""Reference rates of exchange: amounts become comparable, by a day's rates and never by a guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from cms.core.domain.money import exponent, half_even

#: Rates are whole numbers of hundred-millionths.
SCALE = 10**8
#: Older rates than this compare nothing any more.
LONGEST_USE = dt.timedelta(days=7)


class NoRate(LookupError):
    """There is no rate for a currency; nothing is then assumed, least of all 1."""


@dataclass(frozen=True, slots=True)
class RateTable:
    """One source's rates of one day: how many of each currency one of `base` was worth, times 10⁸."""

    on: dt.date
    source: str
    base: str
    rates_e8: Mapping[str, int] = field(compare=False)

    def rate_e8(self, currency: str) -> int:
        """NoRate where the source named none that day."""
        if currency == self.base:
            return SCALE
        try:
            return self.rates_e8[currency]
        except KeyError:
            raise NoRate(currency) from None


def convert(minor: int, currency: str, into: str, table: RateTable | None) -> int:
    """Minor units of `into` that an amount was worth that day: across the base, rounded once, half to even.

    The amount itself where both currencies are the same. NoRate where the table, or a rate in it, is missing.
    """
    if currency == into:
        return minor
    if table is None:
        raise NoRate(currency)
    given, wanted = table.rate_e8(currency), table.rate_e8(into)
    return half_even(Fraction(minor * wanted * 10 ** exponent(into), given * 10 ** exponent(currency)))
