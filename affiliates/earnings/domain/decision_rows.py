"""A file of decisions: one row an order, each read for itself."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from enum import StrEnum

REQUIRED = ("order_id", "action")
COLUMNS = (*REQUIRED, "reason", "note", "line_id", "refunded")
MOST_ROWS = 5000


class Action(StrEnum):
    """What a row asks for."""

    APPROVE = "approve"
    DECLINE = "decline"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One row as it was written; `number` counts the header as 1."""

    number: int
    order_id: str
    action: str
    reason: str = ""
    note: str = ""
    line_id: str = ""
    refunded: str = ""


class FileFault(ValueError):
    """Why a file cannot be read at all: a code, and what it is about."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}")
        self.code, self.detail = code, detail


def read_rows(body: bytes) -> list[DecisionRow]:
    """The rows of a file in UTF-8, comma or semicolon between the columns. FileFault when it has no such shape."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise FileFault("not_utf8") from error
    head = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text), delimiter=";" if head.count(";") > head.count(",") else ",", strict=True)
    try:
        table = [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise FileFault("not_csv", str(error)) from error
    if not table:
        raise FileFault("empty")
    columns = [name.lower() for name in table[0]]
    for name in columns:
        if name not in COLUMNS or columns.count(name) > 1:
            raise FileFault("unknown_column", name)
    for name in REQUIRED:
        if name not in columns:
            raise FileFault("missing_column", name)
    rows = []
    for number, cells in enumerate(table[1:], 2):
        if not any(cells):
            continue
        if len(cells) != len(columns):
            raise FileFault("uneven_row", str(number))
        said = dict(zip(columns, cells, strict=True))
        said["action"], said["reason"] = said["action"].lower(), said.get("reason", "").lower()
        rows.append(DecisionRow(number=number, **said))
    if len(rows) > MOST_ROWS:
        raise FileFault("too_many_rows", str(MOST_ROWS))
    return rows
