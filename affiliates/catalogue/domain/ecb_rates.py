"""The European Central Bank's reference rates as it publishes them: daily, of ninety days, or of all time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from affiliates.catalogue.domain.rates import SCALE
from cms.core.domain.money import CURRENCIES

BASE = "EUR"
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)
_RATE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,8})?", re.ASCII)


class BadRates(ValueError):
    """A file that cannot be believed as a whole; the sentence names the day and the currency."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One euro was worth this much of `currency` on a day."""

    on: dt.date
    currency: str
    rate_e8: int


def read_rates(content: bytes, *, today: dt.date) -> list[Rate]:
    """Every rate of the file, in its order. BadRates where anything in it is wrong.

    Currencies that are no longer in use, which the long file has, are left out.
    """
    try:
        root = fromstring(content)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BadRates(f"This is not well-formed XML that may be read: {error}") from None
    rates: list[Rate] = []
    days: set[dt.date] = set()
    for cube in root.iter():
        if _name(cube) != "Cube" or "time" not in cube.attrib:
            continue
        on = _day(cube.attrib["time"], today)
        if on in days:
            raise BadRates(f"{on}: the day stands there twice")
        days.add(on)
        rates += _rates_of(cube, on)
    if not rates:
        raise BadRates("There are no rates in it: no <Cube time> with a <Cube currency rate>")
    return rates


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _day(text: str, today: dt.date) -> dt.date:
    try:
        on = dt.date.fromisoformat(text)
    except ValueError:
        raise BadRates(f"{text[:20]!r} is not a day such as 2026-11-23") from None
    if on > today:
        raise BadRates(f"{on}: the day has not come yet")
    return on


def _rates_of(day: Element, on: dt.date) -> Iterator[Rate]:
    seen: set[str] = set()
    for cube in day:
        currency = cube.attrib.get("currency", "")
        if not _CURRENCY.fullmatch(currency) or currency == BASE:
            raise BadRates(f"{on}: {currency[:10]!r} is not a currency beside {BASE}")
        if currency in seen:
            raise BadRates(f"{on}, {currency}: the currency stands there twice")
        seen.add(currency)
        rate = _rate(cube.attrib.get("rate", ""), f"{on}, {currency}")
        if currency in CURRENCIES:
            yield Rate(on, currency, rate)


def _rate(text: str, where: str) -> int:
    if not _RATE.fullmatch(text):
        raise BadRates(f"{where}: {text[:20]!r} is not a plain decimal rate above zero")
    rate = int(Decimal(text) * SCALE)
    if rate == 0:
        raise BadRates(f"{where}: the rate is zero")
    return rate
