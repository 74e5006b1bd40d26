"""A value as it stands in a backup, in the same form whichever database it came from.

Numbers, texts and booleans are JSON's own; everything else is a text: times as `2026-03-01T12:00:00.5Z` always in UTC,
decimals with all their places, UUIDs with dashes, JSON as its own text, bytes in base64.
"""

from __future__ import annotations

import base64
import datetime as dt
import uuid
from collections.abc import Callable
from decimal import Decimal
from typing import Any

#: What a column may hold. A decimal's kind also names its places: `decimal:2`.
KINDS = ("int", "bool", "float", "text", "datetime", "date", "decimal", "json", "uuid", "binary")

Change = Callable[[Any], Any]
_WITHOUT_FRACTION, _WITH_FRACTION = len("2026-03-01 12:00:00"), len("2026-03-01 12:00:00.123456")


class Unreadable(ValueError):
    """A value is not of its column's kind."""


def is_kind(kind: str) -> bool:
    """Whether a backup of ours may name it."""
    name, _, places = kind.partition(":")
    return name in KINDS and (name == "decimal") == places.isdigit()


def _moment(value: Any) -> str:
    if isinstance(value, str):
        if len(value) in (_WITHOUT_FRACTION, _WITH_FRACTION) and value[10] == " ":
            return f"{value[:10]}T{value[11:]}Z"
        value = dt.datetime.fromisoformat(value)
    if value.tzinfo is not None:
        value = value.astimezone(dt.UTC).replace(tzinfo=None)
    return f"{value.isoformat()}Z"


def _day(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


def _places(kind: str) -> Change:
    step = Decimal(1).scaleb(-int(kind.partition(":")[2]))
    return lambda value: str(Decimal(str(value)).quantize(step))


def _encoded(value: Any) -> str:
    return base64.b64encode(value).decode("ascii")


def _dashed(value: Any) -> str:
    return str(value if isinstance(value, uuid.UUID) else uuid.UUID(value))


def reader(kind: str) -> Change | None:
    """How a raw value of either database becomes one of a backup; None where it is one already."""
    if kind.startswith("decimal:"):
        return _places(kind)
    changes: dict[str, Change | None] = {
        "int": None, "text": None, "json": None, "float": float, "bool": bool, "datetime": _moment, "date": _day,
        "uuid": _dashed, "binary": _encoded,
    }  # fmt: skip
    return changes[kind]


def _stored_moment(value: str) -> str:
    if value[10] != "T" or value[-1] != "Z":
        raise Unreadable(value)
    return f"{value[:10]} {value[11:-1]}"


def _decoded(value: str) -> bytes:
    return base64.b64decode(value, validate=True)


def writer(kind: str, *, sqlite: bool) -> Change | None:
    """How a value of a backup becomes what the database takes; None where it takes it as it is."""
    if kind == "binary":
        return _decoded
    if not sqlite:
        return None
    changes: dict[str, Change | None] = {
        "bool": int, "datetime": _stored_moment, "uuid": lambda value: value.replace("-", "")
    }  # fmt: skip
    return changes.get(kind)
