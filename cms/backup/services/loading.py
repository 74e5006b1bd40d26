"""The rows of a backup into an empty, migrated database: inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection

from cms.backup.domain.manifest import Manifest, TableEntry
from cms.backup.domain.tablefiles import Damaged, read_table
from cms.backup.domain.values import writer
from cms.backup.progress import Report
from cms.backup.services.guards import lifted

BATCH = 5000


class RowsRefused(Exception):
    """The database does not take what the backup holds."""


def load_tables(*, directory: Path, manifest: Manifest, report: Report) -> None:
    """Afterwards every table of the manifest holds the backup's rows and no other, and numbers go on where they were.

    Damaged or RowsRefused otherwise; the caller's transaction must then be rolled back.
    """
    names = [entry.name for entry in manifest.tables]
    with lifted(names):
        _clear(names)
        done = 0
        for entry in manifest.tables:
            for count in _load(directory, entry):
                done += count
                report("tables", done, manifest.rows, "rows")
        _check_references()
    _set_sequences(manifest)


def _clear(names: Sequence[str]) -> None:
    """Take away what migrations made; the rows that the backup has in its place may differ."""
    with connection.cursor() as cursor:
        for name in reversed(names):
            cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608  (names of our own tables, checked before)


def _load(directory: Path, entry: TableEntry) -> Iterator[int]:
    """Stores a table in pieces and says of each how many rows it had."""
    columns, batches = read_table(directory / entry.path, table=entry.name, batch=BATCH)
    changes: list[tuple[int, Callable[[Any], Any]]] = [
        (number, change)
        for number, (_name, kind) in enumerate(columns)
        if (change := writer(kind, sqlite=connection.vendor == "sqlite"))
    ]
    count = 0
    for rows in batches:
        for row in rows:
            for number, change in changes:
                if row[number] is not None:
                    row[number] = change(row[number])
        try:
            _insert(entry.name, [name for name, _kind in columns], rows)
        except (DatabaseError, OverflowError, ValueError) as error:
            where = f"{entry.name}, rows {count + 1} to {count + len(rows)}"
            raise RowsRefused(f"{where}: the database refuses them: {_first_line(error)}") from error
        count += len(rows)
        yield len(rows)
    if count != entry.rows:
        raise Damaged(f"{entry.path} has {count} rows; the manifest says {entry.rows}.")


def _first_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]


def _insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', rows)  # noqa: S608
            return
        with connection.wrap_database_errors, cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            for row in rows:
                copy.write_row(row)


def _check_references() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA foreign_key_check")
            if wrong := cursor.fetchone():
                raise RowsRefused(f"{wrong[0]}, row {wrong[1]}: names a row of {wrong[2]} that is not there.")
            return
        try:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        except DatabaseError as error:
            raise RowsRefused(_first_line(error)) from error


def _set_sequences(manifest: Manifest) -> None:
    """The next number is above every one that was ever given out, also of rows deleted since."""
    with connection.cursor() as cursor:
        for table, last in manifest.sequences.items():
            if connection.vendor == "sqlite":
                cursor.execute("UPDATE sqlite_sequence SET seq = max(seq, %s) WHERE name = %s", [last, table])
                if not cursor.rowcount:
                    cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
                continue
            key = connection.introspection.get_primary_key_column(cursor, table)
            cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', key])
            if sequence := cursor.fetchone()[0]:
                cursor.execute(
                    f'SELECT setval(%s, GREATEST(%s, (SELECT COALESCE(max("{key}"), 0) FROM "{table}")))',  # noqa: S608
                    [sequence, last],
                )


def columns_of(names: Iterable[str]) -> dict[str, set[str]]:
    """The columns that each of these tables has here; empty for one that is not there."""
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
        return {
            name: {column.name for column in connection.introspection.get_table_description(cursor, name)}
            if name in there
            else set()
            for name in names
        }
