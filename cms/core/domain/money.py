"""Money as whole minor units with a currency. No float comes near it.

Exponents are those of ISO 4217 where they differ from two; rounding is half-even, once per line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

#: Minor-unit digits of currencies that do not have two.
EXPONENTS: dict[str, int] = {
    **dict.fromkeys(
        (
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
#: Currencies we accept: ISO 4217's circulating currencies.
CURRENCIES: frozenset[str] = frozenset(
    [
        "AED",
        "AFN",
        "ALL",
        "AMD",
        "ANG",
        "AOA",
        "ARS",
        "AUD",
        "AWG",
        "AZN",
        "BAM",
        "BBD",
        "BDT",
        "BGN",
        "BHD",
        "BIF",
        "BMD",
        "BND",
        "BOB",
        "BRL",
        "BSD",
        "BTN",
        "BWP",
        "BYN",
        "BZD",
        "CAD",
        "CDF",
        "CHF",
        "CLP",
        "CNY",
        "COP",
        "CRC",
        "CUP",
        "CVE",
        "CZK",
        "DJF",
        "DKK",
        "DOP",
        "DZD",
        "EGP",
        "ERN",
        "ETB",
        "EUR",
        "FJD",
        "FKP",
        "GBP",
        "GEL",
        "GHS",
        "GIP",
        "GMD",
        "GNF",
        "GTQ",
        "GYD",
        "HKD",
        "HNL",
        "HTG",
        "HUF",
        "IDR",
        "ILS",
        "INR",
        "IQD",
        "IRR",
        "ISK",
        "JMD",
        "JOD",
        "JPY",
        "KES",
        "KGS",
        "KHR",
        "KMF",
        "KPW",
        "KRW",
        "KWD",
        "KYD",
        "KZT",
        "LAK",
        "LBP",
        "LKR",
        "LRD",
        "LSL",
        "LYD",
        "MAD",
        "MDL",
        "MGA",
        "MKD",
        "MMK",
        "MNT",
        "MOP",
        "MRU",
        "MUR",
        "MVR",
        "MWK",
        "MXN",
        "MYR",
        "MZN",
        "NAD",
        "NGN",
        "NIO",
        "NOK",
        "NPR",
        "NZD",
        "OMR",
        "PAB",
        "PEN",
        "PGK",
        "PHP",
        "PKR",
        "PLN",
        "PYG",
        "QAR",
        "RON",
        "RSD",
        "RUB",
        "RWF",
        "SAR",
        "SBD",
        "SCR",
        "SDG",
        "SEK",
        "SGD",
        "SHP",
        "SLE",
        "SOS",
        "SRD",
        "SSP",
        "STN",
        "SVC",
        "SYP",
        "SZL",
        "THB",
        "TJS",
        "TMT",
        "TND",
        "TOP",
        "TRY",
        "TTD",
        "TWD",
        "TZS",
        "UAH",
        "UGX",
        "USD",
        "UYU",
        "UZS",
        "VES",
        "VND",
        "VUV",
        "WST",
        "XAF",
        "XCD",
        "XOF",
        "XPF",
        "YER",
        "ZAR",
        "ZMW",
        "ZWG",
    ]
)
LARGEST_MINOR = 10**15
_AMOUNT = re.compile(r"(0|[1-9][0-9]{0,14})(?:\.([0-9]{1,6}))?", re.ASCII)


def exponent(currency: str) -> int:
    """Digits after the point: JPY 0, EUR 2, KWD 3. ValueError for an unknown currency."""
    if currency not in CURRENCIES:
        raise ValueError(f"{currency!r} is not a known currency")
    return EXPONENTS.get(currency, 2)


def parse_amount(text: str, currency: str) -> int:
    """Minor units of a plain decimal string such as "9.19".

    ValueError for signs, exponents, commas, more decimals than the currency has (trailing zeros are fine), and
    amounts beyond 10^15 minor units.
    """
    digits = exponent(currency)
    match = _AMOUNT.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f"{text!r} is not a plain decimal amount such as 12.50")
    fraction = (match[2] or "").rstrip("0")
    if len(fraction) > digits:
        raise ValueError(f"{text!r} has more than the {digits} decimals of {currency}")
    minor = int(match[1]) * 10**digits + int((fraction or "0").ljust(digits, "0") or "0") if digits else int(match[1])
    if minor > LARGEST_MINOR:
        raise ValueError(f"{text!r} is too large")
    return minor


def decimal_string(minor: int, currency: str) -> str:
    """The inverse of parse_amount, with exactly the currency's decimals; negative amounts keep their sign."""
    digits = exponent(currency)
    sign, whole = ("-" if minor < 0 else ""), str(abs(minor))
    if not digits:
        return sign + whole
    whole = whole.rjust(digits + 1, "0")
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}"


def half_even(value: Fraction | Decimal | int) -> int:
    """Nearest whole number; exactly between two, the even one."""
    if isinstance(value, Decimal):
        return int(value.quantize(Decimal(1), rounding=ROUND_HALF_EVEN))
    return round(Fraction(value))


def largest_remainder(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total into whole parts in proportion to the weights; the parts always add up to it.

    Each part is first rounded towards zero, then the units left go to the largest remainders; a tie goes to the
    earlier part. Works for negative totals. ValueError for negative weights or weights that are all zero.
    """
    if any(weight < 0 for weight in weights) or not (whole := sum(weights)):
        raise ValueError("weights must not be negative and not all zero")
    sign = -1 if total < 0 else 1
    amount = abs(total)
    parts = [amount * weight // whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(amount * weights[i] % whole), i))
    for index in order[: amount - sum(parts)]:
        parts[index] += 1
    return [sign * part for part in parts]


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of one currency. Adding two currencies is an error."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        exponent(self.currency)

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise ValueError(f"cannot add {other.currency} to {self.currency}")
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other

    def __str__(self) -> str:
        return f"{decimal_string(self.minor, self.currency)} {self.currency}"
