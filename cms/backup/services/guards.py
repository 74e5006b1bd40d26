"""The database's own guards: lifted while rows are put back that passed them once, standing again before the commit.

A closed month refuses transfers, a sealed stretch neighbours: restored one after the other, true books would refuse
themselves. Both databases change triggers inside a transaction, so nobody ever sees the tables without them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator

from django.db import connection


@contextlib.contextmanager
def lifted(tables: Iterable[str]) -> Iterator[None]:
    """No trigger of ours on these tables fires within the block, inside a transaction; then they are as before."""
    if not connection.in_atomic_block:
        raise RuntimeError("guards are lifted in a transaction alone")
    with _lifted_on_sqlite(set(tables)) if connection.vendor == "sqlite" else _lifted_on_postgresql(set(tables)):
        yield


@contextlib.contextmanager
def _lifted_on_sqlite(tables: set[str]) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY rowid")
        triggers = [(name, sql) for name, table, sql in cursor.fetchall() if table in tables]
        for name, _sql in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _name, sql in triggers:
            cursor.execute(sql)


@contextlib.contextmanager
def _lifted_on_postgresql(tables: set[str]) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
            "WHERE NOT t.tgisinternal AND c.relnamespace = current_schema()::regnamespace"
        )
        guarded = sorted(name for (name,) in cursor.fetchall() if name in tables)
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        yield
        # A table with checks still to come cannot be altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for name in guarded:
            cursor.execute(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
