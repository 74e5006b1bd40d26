"""Times as tables write them. All dates of a column together say which way they are written."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from typing import Literal
from zoneinfo import ZoneInfo

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault

Order = Literal["dmy", "mdy"]
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_CLOCK = r"(?:[T ](\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)?)?"
_ZONE = r"(?: ?(Z|UTC|[+-]\d\d:?\d\d))?"
_ISO = re.compile(rf"(\d{{4}})-(\d\d)-(\d\d){_CLOCK}{_ZONE}", re.ASCII)
_PARTED = re.compile(rf"(\d{{1,2}})([/.-])(\d{{1,2}})\2(\d{{4}}){_CLOCK}{_ZONE}", re.ASCII)
_ROWS_NAMED = 5


@dataclass
class OrderFinder:
    """Finds out whether a column writes the day or the month first."""

    decisive: dict[Order, int] = field(default_factory=dict)
    unclear: list[int] = field(default_factory=list)

    def look(self, text: str, row: int) -> None:
        """One date of the column; `row` counts from 1."""
        match = _PARTED.fullmatch(text.strip())
        if match is None:
            return
        first, second = int(match[1]), int(match[3])
        if first > 12 >= second:
            self.decisive.setdefault("dmy", row)
        elif second > 12 >= first:
            self.decisive.setdefault("mdy", row)
        elif first != second and len(self.unclear) < _ROWS_NAMED:
            self.unclear.append(row)

    def order(self, column: str) -> Order:
        """The column's order. StructuralFault where it writes both ways, or does not say."""
        if len(self.decisive) > 1:
            raise StructuralFault(
                f"The column {column!r} writes the day first (row {self.decisive['dmy']}) and the month first "
                f"(row {self.decisive['mdy']}). Nothing was read."
            )
        if self.decisive:
            return next(iter(self.decisive))
        if self.unclear:
            rows = ", ".join(map(str, self.unclear))
            raise StructuralFault(
                f"The column {column!r} does not say whether the day or the month comes first (rows {rows}). "
                "Set the order in the column mapping."
            )
        return "dmy"


def read_time(text: str, column: str, *, order: Order = "dmy", zone: dt.tzinfo = dt.UTC) -> dt.datetime:
    """The instant in UTC. A time without a zone is one of `zone`; the first where an hour comes twice. FieldFault."""
    text = text.strip()
    if match := _ISO.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        rest = match.groups()[3:]
    elif match := _PARTED.fullmatch(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        day, month = (first, second) if order == "dmy" else (second, first)
        rest = match.groups()[4:]
    else:
        raise FieldFault(column, f"{text[:40]!r} is not a time such as 2026-03-01 12:00:00")
    hour, minute, second_of_minute, named = rest
    try:
        wall = dt.datetime(year, month, day, int(hour or 0), int(minute or 0), int(second_of_minute or 0))  # noqa: DTZ001
        moment = wall.replace(tzinfo=_offset(named) if named else zone).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise FieldFault(column, f"there is no time {text[:40]!r}") from None
    if not named and isinstance(zone, ZoneInfo) and moment.astimezone(zone).replace(tzinfo=None) != wall:
        raise FieldFault(column, f"{text[:40]!r} does not exist in {zone.key}, where clocks went forward")
    if moment < EARLIEST:
        raise FieldFault(column, f"{text[:40]!r} lies before the year 2000")
    return moment


def _offset(named: str) -> dt.tzinfo:
    if named in {"Z", "UTC"}:
        return dt.UTC
    hours, minutes = int(named[1:3]), int(named[-2:])
    span = dt.timedelta(hours=hours, minutes=minutes)
    return dt.timezone(-span if named[0] == "-" else span)
