"""Prices as feeds write them: an amount and its currency, or a fault. Nothing is guessed."""

from __future__ import annotations

import re

from affiliates.catalogue.domain.faults import FieldFault
from cms.core.domain.money import parse_amount

_PRICE = re.compile(r"([0-9.]+) *([A-Z]{3})", re.ASCII)


def read_price(text: str, field: str) -> tuple[int, str]:
    """Minor units and currency of "9.19 EUR" or "5283 JPY".

    A fault for signs, thousands separators, decimal commas, more decimals than the currency has, and a currency that
    is missing, unknown or not in capitals.
    """
    match = _PRICE.fullmatch(text.strip())
    if match is None and _PRICE.fullmatch(text.strip().removeprefix("-")):
        raise FieldFault(field, f"{text[:40]!r} is below zero")
    if match is None:
        raise FieldFault(field, f"{text[:40]!r} is not an amount with its currency, such as 9.19 EUR")
    try:
        return parse_amount(match[1], match[2]), match[2]
    except ValueError as error:
        raise FieldFault(field, str(error)) from None


def read_asked_price(text: str, field: str) -> tuple[int, str]:
    """As `read_price`, and a fault for zero, which shops write where they do not know."""
    minor, currency = read_price(text, field)
    if minor == 0:
        raise FieldFault(field, "is zero")
    return minor, currency
