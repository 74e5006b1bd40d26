"""Clicks, verdicts and tallies as rows: the plain SQL of the loader, for SQLite and PostgreSQL.

Everything here runs inside the caller's transaction, which on PostgreSQL holds one advisory lock and on SQLite the
database's only write lock, so that ids can be given out beforehand and verdicts see a still picture.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

from django.db import connection

from affiliates.tracking.domain.validity import CREDITABLE, RULES_VERSION, Reason, Verdict

CLICK_COLUMNS = (
    "id", "click_id", "at", "link_id", "creator_id", "merchant_id", "offer_id", "placement_id", "block", "country",
    "device", "agent", "referrer_host", "method", "flags", "visitor_key", "network_class",
)  # fmt: skip
VERDICT_COLUMNS = ("click_id", "is_valid", "reason", "counted_at", "rules_version", "judged_at")
TALLY_COLUMNS = (
    "key", "day", "creator_id", "merchant_id", "placement_id", "link_id", "product_id", "country", "reason", "count",
)  # fmt: skip
ADVISORY_LOCK = 0x636C69636B73  # "clicks"
_PERSONAL = ("", *sorted(reason.value for reason in CREDITABLE))
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


class TallyKey(NamedTuple):
    """All that two clicks must share to be counted together."""

    day: str
    link_id: int
    placement_id: int | None
    product_id: int | None
    country: str
    reason: str
    creator_id: int | None
    merchant_id: int

    def text(self) -> str:
        """The key as one text, unique per tally."""
        return f"{self.day}/{self.link_id}/{self.placement_id or 0}/{self.product_id or 0}/{self.country}/{self.reason}"


class StoredClick(NamedTuple):
    """A click that is in the database already, as judging needs it."""

    pk: int
    click_id: str
    at: int
    visitor: str
    link: int
    verdict: Verdict


def moment(at: int) -> dt.datetime:
    """Microseconds since 1970 as a time."""
    return _EPOCH + dt.timedelta(microseconds=at)


def microseconds(value: dt.datetime | str) -> int:
    """A time as the database gave it, in microseconds since 1970."""
    if isinstance(value, str):
        value = dt.datetime.fromisoformat(value)
    if value.tzinfo is None:
        value = value.replace(tzinfo=dt.UTC)
    return (value - _EPOCH) // dt.timedelta(microseconds=1)


@lru_cache(maxsize=4096)
def _second(second: int) -> str:
    return (_EPOCH + dt.timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")


def stored_time(at: int) -> str:
    """A time as text in UTC: as Django stores it in SQLite, and as PostgreSQL reads it in our sessions."""
    second, rest = divmod(at, 1_000_000)
    return f"{_second(second)}.{rest:06d}" if rest else _second(second)


def day_of(at: int) -> str:
    """The UTC day of a click as ISO text."""
    return _second(at // 1_000_000)[:10]


def take_lock() -> None:
    """Let no other node judge clicks until this transaction ends. SQLite needs no word: the transaction writes."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def member_of(column: str, values: Iterable[Any]) -> tuple[str, Any]:
    """SQL and its one parameter for "column is among values", however many there are."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)", list(values)
    return f"{column} IN (SELECT value FROM json_each(%s))", json.dumps(list(values))  # noqa: S608  (our own names)


def known_click_ids(click_ids: Sequence[str]) -> set[str]:
    """Those of the ids that are stored already. One query."""
    condition, parameter = member_of("click_id", click_ids)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT click_id FROM tracking_click WHERE {condition}", [parameter])  # noqa: S608
        return {row[0] for row in cursor.fetchall()}


def reserve_ids(count: int) -> list[int]:
    """Primary keys for `count` new clicks. One query."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('tracking_click', 'id')) FROM generate_series(1, %s)",
                [count],
            )
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM tracking_click")
        first = cursor.fetchone()[0] + 1
        return list(range(first, first + count))


def _insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Plain inserts of many rows: `COPY` on PostgreSQL, one prepared statement on SQLite."""
    names = ", ".join(f'"{column}"' for column in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)  # noqa: S608


def insert_clicks(rows: Sequence[Sequence[Any]]) -> None:
    """New clicks, in the order of CLICK_COLUMNS. IntegrityError if one of them is stored already."""
    _insert("tracking_click", CLICK_COLUMNS, rows)


def insert_verdicts(verdicts: Iterable[tuple[int, Verdict]], judged_at: int) -> None:
    """Verdicts on new clicks."""
    judged = stored_time(judged_at)
    rows = [
        (
            pk,
            not verdict.reason,
            verdict.reason._value_,  # several times as fast as .value
            stored_time(verdict.counted_at) if verdict.counted_at is not None else None,
            RULES_VERSION,
            judged,
        )
        for pk, verdict in verdicts
    ]
    _insert("tracking_clickverdict", VERDICT_COLUMNS, rows)


def update_verdicts(verdicts: Iterable[tuple[int, Verdict]], judged_at: int) -> None:
    """Other verdicts on stored clicks."""
    judged = stored_time(judged_at)
    rows = [
        (
            not verdict.reason,
            verdict.reason._value_,  # several times as fast as .value
            stored_time(verdict.counted_at) if verdict.counted_at is not None else None,
            RULES_VERSION,
            judged,
            pk,
        )
        for pk, verdict in verdicts
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE tracking_clickverdict SET is_valid = %s, reason = %s, counted_at = %s, rules_version = %s, "
            "judged_at = %s WHERE click_id = %s",
            rows,
        )


def add_to_tallies(changes: Mapping[TallyKey, int]) -> None:
    """Raise and lower tallies. Keys go in order, so that two transactions cannot wait for each other in a ring."""
    ordered = sorted((key.text(), key, change) for key, change in changes.items() if change)
    raised = [
        (
            text,
            key.day,
            key.creator_id,
            key.merchant_id,
            key.placement_id,
            key.link_id,
            key.product_id,
            key.country,
            key.reason,
            change,
        )
        for text, key, change in ordered
        if change > 0
    ]
    lowered = [(change, text) for text, _key, change in ordered if change < 0]
    names = ", ".join(f'"{column}"' for column in TALLY_COLUMNS)
    marks = ", ".join(["%s"] * len(TALLY_COLUMNS))
    with connection.cursor() as cursor:
        if raised:
            cursor.executemany(
                f"INSERT INTO tracking_clicktally ({names}) VALUES ({marks}) "  # noqa: S608
                'ON CONFLICT ("key") DO UPDATE SET "count" = tracking_clicktally."count" + excluded."count"',
                raised,
            )
        if lowered:
            cursor.executemany('UPDATE tracking_clicktally SET "count" = "count" + %s WHERE "key" = %s', lowered)


# What is stored of visitors -----------------------------------------------------------------------------------------

_STORED = (
    "SELECT c.id, c.click_id, c.at, c.visitor_key, c.link_id, v.reason, v.counted_at FROM tracking_click c "
    "JOIN tracking_clickverdict v ON v.click_id = c.id WHERE v.reason IN (%s, %s, %s, %s)"
)


def _stored_clicks(condition: str, parameters: Sequence[Any]) -> list[StoredClick]:
    with connection.cursor() as cursor:
        cursor.execute(f"{_STORED} AND {condition}", [*_PERSONAL, *parameters])
        return [
            StoredClick(
                pk,
                click_id,
                microseconds(at),
                visitor,
                link,
                Verdict(Reason(reason), microseconds(counted_at) if counted_at is not None else None),
            )
            for pk, click_id, at, visitor, link, reason, counted_at in cursor.fetchall()
        ]


def clicks_of_visitors(visitors: Iterable[str], *, after: int, limit: int) -> list[StoredClick]:
    """Personal clicks of many visitors after a moment, in order. One query."""
    condition, parameter = member_of("c.visitor_key", visitors)
    return _stored_clicks(
        f"{condition} AND c.at > %s ORDER BY c.at, c.click_id LIMIT %s",
        [parameter, stored_time(after), limit],
    )


def visitors_seen(visitors: Iterable[str], *, after: int) -> list[str]:
    """Those of the visitors who have any click after a moment. One query."""
    condition, parameter = member_of("visitor_key", visitors)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT visitor_key FROM tracking_click WHERE {condition} AND at > %s",  # noqa: S608
            [parameter, stored_time(after)],
        )
        return [row[0] for row in cursor.fetchall()]


def latest_before(visitor: str, *, at: int, click_id: str, limit: int) -> list[StoredClick]:
    """A visitor's last personal clicks before another, oldest first. One query."""
    found = _stored_clicks(
        "c.visitor_key = %s AND (c.at < %s OR (c.at = %s AND c.click_id < %s)) "
        "ORDER BY c.at DESC, c.click_id DESC LIMIT %s",
        [visitor, stored_time(at), stored_time(at), click_id, limit],
    )
    return found[::-1]


def latest_on_link(visitor: str, link: int, *, after: int, at: int, click_id: str) -> StoredClick | None:
    """A visitor's last personal click on a link before another, if it came after a moment. One query."""
    found = _stored_clicks(
        "c.visitor_key = %s AND c.link_id = %s AND c.at > %s AND (c.at < %s OR (c.at = %s AND c.click_id < %s)) "
        "ORDER BY c.at DESC, c.click_id DESC LIMIT 1",
        [visitor, link, stored_time(after), stored_time(at), stored_time(at), click_id],
    )
    return found[0] if found else None


def all_after(visitor: str, *, at: int, click_id: str) -> list[StoredClick]:
    """A visitor's personal clicks after another, in order. One query."""
    return _stored_clicks(
        "c.visitor_key = %s AND (c.at > %s OR (c.at = %s AND c.click_id > %s)) ORDER BY c.at, c.click_id",
        [visitor, stored_time(at), stored_time(at), click_id],
    )


def tally_facts(
    pks: Sequence[int],
) -> dict[int, tuple[str, int, int | None, int | None, str, int | None, int]]:
    """pk → (day, link, placement, product, country, creator, merchant) of stored clicks. One query."""
    condition, parameter = member_of("c.id", pks)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.id, c.at, c.link_id, c.placement_id, o.product_id, c.country, c.creator_id, c.merchant_id "  # noqa: S608
            f"FROM tracking_click c LEFT JOIN catalogue_offer o ON o.id = c.offer_id WHERE {condition}",
            [parameter],
        )
        return {
            pk: (day_of(microseconds(at)), link, placement, product, country, creator, merchant)
            for pk, at, link, placement, product, country, creator, merchant in cursor.fetchall()
        }
