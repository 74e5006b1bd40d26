"""The database as it was at one moment, while everybody goes on writing.

PostgreSQL keeps the moment itself: a read-only transaction at REPEATABLE READ, which stands in nobody's way. SQLite's
file is copied in one step by its own backup API and read from the copy: a long read of the live file would, without
WAL, keep every writer waiting.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from django.db import connection

_COPY = ".snapshot.sqlite3"
_BATCH = 2000


class DatabaseDamaged(Exception):
    """The database's file is not sound; a backup of it would not be either."""


class Snapshot(Protocol):
    """Reads one moment of the database."""

    vendor: str

    def rows(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        """The answer to a SELECT, in batches."""

    def sequence(self, table: str, column: str) -> int:
        """The last number that a table gave out; 0 where none."""


class _SqliteSnapshot:
    vendor = "sqlite"

    def __init__(self, copy: sqlite3.Connection) -> None:
        self._copy = copy

    def rows(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        cursor = self._copy.execute(statement)
        while found := cursor.fetchmany(_BATCH):
            yield found

    def sequence(self, table: str, column: str) -> int:
        found = self._copy.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", [table]).fetchone()
        return int(found[0]) if found else 0


class _PostgresSnapshot:
    vendor = "postgresql"

    def __init__(self, other: Any) -> None:
        self._other = other

    def rows(self, statement: str) -> Iterator[list[tuple[Any, ...]]]:
        with self._other.chunked_cursor() as cursor:
            cursor.execute(statement)
            while found := cursor.fetchmany(_BATCH):
                yield found

    def sequence(self, table: str, column: str) -> int:
        with self._other.cursor() as cursor:
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', column])
            if (name := cursor.fetchone()[0]) is None:
                return 0
            cursor.execute(f"SELECT last_value, is_called FROM {name}")  # noqa: S608  (the database's own name)
            last, was_called = cursor.fetchone()
            return int(last) if was_called else 0


def open_snapshot(directory: Path, stack: contextlib.ExitStack) -> Snapshot:
    """Fix the present moment; `stack` lets go of it. SQLite's copy lies in `directory` until then."""
    if connection.vendor == "sqlite":
        return _SqliteSnapshot(_sqlite_copy(directory / _COPY, stack))
    other: Any = connection.copy()  # type: ignore[no-untyped-call]
    stack.callback(other.close)
    other.set_autocommit(False)
    with other.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SELECT count(*) FROM django_migrations")  # the moment is that of the first query
    return _PostgresSnapshot(other)


def _sqlite_copy(path: Path, stack: contextlib.ExitStack) -> sqlite3.Connection:
    def remove() -> None:
        for file in path.parent.glob(f"{path.name}*"):
            file.unlink()

    stack.callback(remove)
    with (
        contextlib.closing(sqlite3.connect(str(connection.settings_dict["NAME"]), timeout=20)) as live,
        contextlib.closing(sqlite3.connect(path)) as copy,
    ):
        live.backup(copy)
    found = sqlite3.connect(path)
    stack.callback(found.close)
    return found


def check_soundness(snapshot: Snapshot) -> None:
    """DatabaseDamaged where SQLite finds its file broken. PostgreSQL checks its pages itself."""
    if snapshot.vendor != "sqlite":
        return
    try:
        said = [str(row[0]) for batch in snapshot.rows("PRAGMA quick_check(5)") for row in batch]
    except sqlite3.DatabaseError as error:
        said = [str(error)]
    if said != ["ok"]:
        raise DatabaseDamaged("; ".join(said))
