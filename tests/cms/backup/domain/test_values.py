from __future__ import annotations

import datetime as dt
import uuid
from decimal import Decimal
from typing import Any

import pytest

from cms.backup.domain.values import KINDS, is_kind, reader, writer

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
NUMBER = uuid.UUID("0123456789abcdef0123456789abcdef")

#: kind, as SQLite keeps it, as PostgreSQL's driver gives it, as a backup writes it.
SAME = [
    ("int", 7, 7, 7),
    ("bool", 1, True, True),
    ("float", 1, 1.0, 1.0),
    ("text", "ñ €", "ñ €", "ñ €"),
    ("datetime", "2026-03-01 12:00:00", NOON, "2026-03-01T12:00:00Z"),
    ("datetime", "2026-03-01 12:00:00.000500", NOON.replace(microsecond=500), "2026-03-01T12:00:00.000500Z"),
    ("datetime", "2026-03-01T14:00:00+02:00", NOON, "2026-03-01T12:00:00Z"),
    ("date", "2026-03-01", dt.date(2026, 3, 1), "2026-03-01"),
    ("decimal:2", 12.5, Decimal("12.50"), "12.50"),
    ("decimal:2", 12, Decimal("12.00"), "12.00"),
    ("json", '{"a":1}', '{"a":1}', '{"a":1}'),
    ("uuid", NUMBER.hex, NUMBER, str(NUMBER)),
    ("binary", b"\0\xff", memoryview(b"\0\xff"), "AP8="),
]


def changed(value: Any, change: Any) -> Any:
    return change(value) if change else value


@pytest.mark.parametrize(("kind", "sqlite", "postgresql", "kept"), SAME)
def test_a_value_is_kept_alike_whichever_database_it_is_from(
    kind: str, sqlite: Any, postgresql: Any, kept: Any
) -> None:
    assert changed(sqlite, reader(kind)) == changed(postgresql, reader(kind)) == kept


@pytest.mark.parametrize(
    ("kind", "kept", "stored"),
    [
        ("bool", True, 1),
        ("datetime", "2026-03-01T12:00:00.000500Z", "2026-03-01 12:00:00.000500"),
        ("uuid", str(NUMBER), NUMBER.hex),
        ("binary", "AP8=", b"\0\xff"),
        ("decimal:2", "12.50", "12.50"),
    ],
)
def test_sqlite_gets_values_as_django_writes_them(kind: str, kept: Any, stored: Any) -> None:
    assert changed(kept, writer(kind, sqlite=True)) == stored


@pytest.mark.parametrize("kind", ["money", "decimal", "int:2", ""])
def test_an_unknown_kind_is_none(kind: str) -> None:
    assert not is_kind(kind)


def test_every_kind_can_be_read() -> None:
    kinds = [f"{kind}:2" if kind == "decimal" else kind for kind in KINDS]
    assert all(is_kind(kind) for kind in kinds)
    assert all(reader(kind) is None or callable(reader(kind)) for kind in kinds)
