"""Offers, products and readings as rows: the plain SQL of bulk imports, for SQLite and PostgreSQL.

Everything here runs inside the caller's transaction, which holds one advisory lock on PostgreSQL and the only write
lock on SQLite, so that keys can be given out beforehand.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import connection

_LOCK = 7_116_402_311

PRODUCT_COLUMNS = (
    "id", "slug", "name", "brand", "gtin", "mpn", "description", "category", "kind", "tint", "specs", "image_id",
    "variant", "merged_into_id", "created_at",
)  # fmt: skip
#: What a row says of an offer and where that was read, in the order of `offer_values`.
STATED_COLUMNS = (
    "url", "title", "image_url", "price_minor", "list_price_minor", "sale_price_minor", "sale_starts_at",
    "sale_ends_at", "currency", "availability", "condition", "group_id", "variant", "delivery_profile_id", "policy_id",
    "source_kind", "source_label", "source_url", "row_hash", "price_seen_at", "last_seen_at", "gone_at", "expires_at",
    "feed_id", "product_id",
)  # fmt: skip
OFFER_COLUMNS = ("id", "merchant_id", "external_id", "first_seen_at", *STATED_COLUMNS)
READING_COLUMNS = ("offer_id", "price_minor", "currency", "availability", "observed_at", "before_at", "policy_id")


class HeldOffer(NamedTuple):
    """An offer as it was before, as far as an import has to know."""

    pk: int
    external_id: str
    product_id: int
    row_hash: str
    is_gone: bool
    policy_id: int
    source_label: str
    price_minor: int | None
    sale_price_minor: int | None
    #: Times as the driver hands them back; `moment` reads them, where somebody has to know.
    sale_starts: Any
    sale_ends: Any
    currency: str
    availability: str
    price_seen: Any
    expires: Any = None


def one_at_a_time() -> None:
    """Two imports that meet the same new product would each make it. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def among(column: str, values: Iterable[Any]) -> tuple[str, list[Any]]:
    """A condition that a column is among many values, as one parameter however many they are."""
    listed = list(values)
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", [listed]
    return f"{column} IN (SELECT value FROM json_each(%s))", [json.dumps(listed)]  # noqa: S608


def moment(value: Any) -> dt.datetime | None:
    """A time as the driver hands it back."""
    if value is None:
        return None
    at = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(value)
    # SQLite's columns know no zone; what is stored in them is UTC.
    return at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at


def stored(value: Any) -> Any:
    """A value as a column takes it: times in UTC, JSON as text."""
    if isinstance(value, dt.datetime):
        at = value.astimezone(dt.UTC)
        return at if connection.vendor == "postgresql" else at.replace(tzinfo=None).isoformat(" ", "microseconds")
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False) if value else "{}" if isinstance(value, dict) else "[]"
    return value


def held_offers(merchant_id: int, external_ids: Iterable[str]) -> dict[str, HeldOffer]:
    """The merchant's offers with these numbers. One query."""
    condition, parameters = among("external_id", external_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, external_id, product_id, row_hash, gone_at IS NOT NULL, policy_id, source_label, price_minor,"  # noqa: S608
            " sale_price_minor, sale_starts_at, sale_ends_at, currency, availability, price_seen_at, expires_at"
            f" FROM catalogue_offer WHERE merchant_id = %s AND {condition}",
            [merchant_id, *parameters],
        )
        rows = cursor.fetchall()
    return {row[1]: HeldOffer._make(row) for row in rows}


def note_seen(offer_ids: Sequence[int], now: dt.datetime, feed_id: int | None = None) -> None:
    """These offers say what they said: only the time is noted, and the feed that says so. One statement.

    What somebody saw later stands: an import that began before vouches for nothing since, nor for what a look at the
    shop's page changed after the row was compared, which leaves the offer without a fingerprint.
    """
    if not offer_ids:
        return
    condition, parameters = among("id", offer_ids)
    at = stored(now)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE catalogue_offer SET price_seen_at = %s, last_seen_at = %s, feed_id = COALESCE(%s, feed_id)"  # noqa: S608
            f" WHERE last_seen_at <= %s AND (price_seen_at IS NULL OR price_seen_at <= %s)"
            f" AND row_hash <> '' AND {condition}",
            [at, at, feed_id, at, at, *parameters],
        )


def mark_gone(merchant_id: int, now: dt.datetime, *, besides: Sequence[str], feed_id: int | None = None) -> list[int]:
    """Offers of the merchant not seen since `now` are gone, those with the numbers `besides` apart; their keys.

    With `feed_id` only those that this feed listed. What a person entered by hand no file can lack. Two statements.
    """
    listed, parameters = among("external_id", besides)
    at = stored(now)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM catalogue_offer WHERE merchant_id = %s AND gone_at IS NULL AND last_seen_at < %s"  # noqa: S608
            f" AND source_kind <> 'hand' AND (%s IS NULL OR feed_id = %s) AND NOT ({listed}) ORDER BY id",
            [merchant_id, at, feed_id, feed_id, *parameters],
        )
        gone = [pk for (pk,) in cursor.fetchall()]
    note_gone(gone, now)
    return gone


def note_gone(offer_ids: Sequence[int], now: dt.datetime) -> None:
    """These offers are not listed any more. One statement."""
    if not offer_ids:
        return
    condition, parameters = among("id", offer_ids)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE catalogue_offer SET gone_at = %s WHERE {condition}", [stored(now), *parameters])  # noqa: S608


def new_keys(table: str, count: int) -> range | list[int]:
    """Keys for rows that are about to be inserted."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count]
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
    first = (found[0] if found else 0) + 1
    return range(first, first + count)


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write many rows. Values must have gone through `stored`."""
    if not rows:
        return
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Django's cursor does not translate what the driver raises in here.
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def update_offers(rows: Sequence[Sequence[Any]]) -> None:
    """Write STATED_COLUMNS and the key behind them for offers that are there, unless somebody saw them later."""
    if not rows:
        return
    assignments = ", ".join(f'"{column}" = %s' for column in STATED_COLUMNS)
    with connection.cursor() as cursor:
        seen_at = STATED_COLUMNS.index("last_seen_at")
        cursor.executemany(
            f"UPDATE catalogue_offer SET {assignments} WHERE id = %s AND last_seen_at <= %s",  # noqa: S608
            [[*row, row[seen_at]] for row in rows],
        )
