"""Amounts as tables write them: 1,234.50 or 1.234,50. The whole column decides; what stays unclear is refused."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault

Mark = Literal[".", ","]
SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
#: Signs that several currencies share say nothing.
_SYMBOLS = {"€": "EUR", "zł": "PLN", "£": "", "¥": "", "kr": "", "$": ""}
_CODE = re.compile(r"^([A-Z]{3})\s*|\s*([A-Z]{3})$")
_PLAIN = re.compile(r"\d+", re.ASCII)
_POINT = re.compile(r"(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?", re.ASCII)
_COMMA = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?", re.ASCII)
#: One mark and three digits after it: a thousand or a decimal, nobody can tell.
_EITHER = re.compile(r"\d{1,3}[.,]\d{3}", re.ASCII)
_ROWS_NAMED = 5


@dataclass
class MarkFinder:
    """Finds the decimal mark of a column from all of its amounts."""

    decisive: dict[str, list[int]] = field(default_factory=lambda: {".": [], ",": []})
    unclear: list[int] = field(default_factory=list)

    def look(self, amount: str, row: int) -> None:
        """One amount of the column; `row` counts from 1."""
        text = strip_currency(amount)[0]
        if not text or _PLAIN.fullmatch(text):
            return
        if _EITHER.fullmatch(text):
            if len(self.unclear) < _ROWS_NAMED:
                self.unclear.append(row)
            return
        as_point, as_comma = _POINT.fullmatch(text), _COMMA.fullmatch(text)
        if bool(as_point) != bool(as_comma):
            rows = self.decisive["." if as_point else ","]
            if len(rows) < _ROWS_NAMED:
                rows.append(row)

    def mark(self, column: str) -> Mark:
        """The column's decimal mark. StructuralFault where it speaks both ways, or does not say."""
        if self.decisive["."] and self.decisive[","]:
            raise StructuralFault(
                f"The column {column!r} writes decimals with a point (row {self.decisive['.'][0]}) and with a comma "
                f"(row {self.decisive[','][0]}). Nothing was read."
            )
        if self.decisive["."]:
            return "."
        if self.decisive[","]:
            return ","
        if self.unclear:
            rows = ", ".join(map(str, self.unclear))
            raise StructuralFault(
                f"The column {column!r} does not say whether its mark is a decimal or a thousands mark (rows {rows}). "
                "Set the decimal mark in the column mapping."
            )
        return "."


def strip_currency(amount: str) -> tuple[str, str]:
    """(the bare number, the currency written beside it or "")."""
    text = amount.strip()
    currency = ""
    if match := _CODE.search(text):
        currency = match[1] or match[2]
        text = text[: match.start()] + text[match.end() :]
    else:
        for symbol, code in _SYMBOLS.items():
            if text.startswith(symbol) or text.endswith(symbol):
                text, currency = text.removeprefix(symbol).removesuffix(symbol), code
                break
    return text.translate(SPACES), currency


def read_number(amount: str, mark: Mark, field: str) -> tuple[str, str]:
    """(the number with a point and no thousands marks, the currency beside it or ""). FieldFault otherwise."""
    text, currency = strip_currency(amount)
    shape = _POINT if mark == "." else _COMMA
    if not shape.fullmatch(text):
        raise FieldFault(field, f"{amount[:40]!r} is not an amount with {'a point' if mark == '.' else 'a comma'}")
    return (text.replace(",", "") if mark == "." else text.replace(".", "").replace(",", ".")), currency
