"""The clicks an order may be credited to."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from affiliates.earnings.domain.attribution import DAY, MOST_TOUCHES, READER, Code, Touch
from affiliates.earnings.domain.reports import CLOCK_TOLERANCE, ConversionReport
from affiliates.tracking.domain.visitors import is_reader_key
from affiliates.tracking.models import Click
from affiliates.tracking.services.loader import find_click

#: The other clicks of a click's visitor on links to its merchant, from either end of the order's window: per order two
#: bounded walks along one index, whatever the number of stored clicks. SQLite has no LATERAL, and takes CROSS JOIN as
#: the order to join in; PostgreSQL would try every pair for the IN.
_WALK = (
    "SELECT s.id, s.click_id FROM tracking_click s WHERE s.visitor_key = r.visitor_key "  # noqa: S608
    "AND s.merchant_id = r.merchant_id AND s.at >= w.since AND s.at <= w.until ORDER BY s.at {way} "
    f"LIMIT {MOST_TOUCHES + 1}"
)
_BOTH_ENDS = f"SELECT * FROM ({_WALK.format(way='DESC')}) a UNION SELECT * FROM ({_WALK.format(way='ASC')}) b"  # noqa: S608
_WANTED = "WITH wanted (number, click_id, since, until) AS (VALUES {rows}) SELECT w.number, o.click_id FROM wanted w "
_ROW = {"sqlite": "(%s, %s, %s, %s)", "postgresql": "(%s::int, %s::text, %s::timestamptz, %s::timestamptz)"}
_REPORTED = "JOIN tracking_click r ON r.click_id = w.click_id AND r.visitor_key <> ''"
_SAME_VISITOR = {
    "sqlite": f"CROSS {_REPORTED} CROSS JOIN tracking_click o ON o.id IN (SELECT id FROM ({_BOTH_ENDS}))",  # noqa: S608
    "postgresql": f"{_REPORTED} CROSS JOIN LATERAL ({_BOTH_ENDS}) o",
}


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of the clicks and codes that reports name. `others` are the other clicks of a reported click's
    visitor by (click id, the order's time), `codes` by (code as reported, the order's time).
    """

    touches: dict[str, Touch] = field(default_factory=dict)
    rows: dict[str, Click] = field(default_factory=dict)
    others: dict[tuple[str, dt.datetime], list[str]] = field(default_factory=dict)
    codes: Mapping[tuple[str, dt.datetime], Code] = field(default_factory=dict)

    def reported(self, report: ConversionReport) -> Touch | None:
        """The click a report names, if there is one."""
        return self.touches.get(report.click_id)

    def same_visitor(self, report: ConversionReport) -> list[Touch]:
        """The other clicks of its visitor up to the order."""
        return [self.touches[key] for key in self.others.get((report.click_id, report.occurred_at), ())]

    def code(self, report: ConversionReport) -> Code | None:
        """What is known of the code a report names."""
        return self.codes.get((report.coupon, report.occurred_at))

    def creators(self) -> set[int]:
        """Everybody who might be credited."""
        found = {touch.creator_id for touch in self.touches.values()}
        found |= {code.creator_id for code in self.codes.values()}
        return {creator_id for creator_id in found if creator_id is not None}

    def with_enrolment(self, was_in: Callable[[int | None, dt.datetime], bool]) -> Found:
        """The same, marked with who was in the programme: at the time of the click, or of the order with the code."""
        marked = {
            key: touch if was_in(touch.creator_id, touch.at) else replace(touch, enrolled=False)
            for key, touch in self.touches.items()
        }
        codes = {
            key: code if was_in(code.creator_id, key[1]) else replace(code, enrolled=False)
            for key, code in self.codes.items()
        }
        return Found(marked, self.rows, self.others, codes)


def find_touches(*, reports: Sequence[ConversionReport]) -> Found:
    """The clicks that reports name. One query, more for clicks not loaded yet.

    A click that still lies in this machine's journal is loaded first, so call this before opening a
    transaction.
    """
    wanted = {report.click_id for report in reports if report.click_id}
    if not wanted:
        return Found()
    rows = _clicks(wanted)
    for click_id in sorted(wanted - rows.keys()):
        if click := find_click(click_id):
            rows[click_id] = click
    return Found({click_id: _touch(click) for click_id, click in rows.items()}, rows)


def join_touches(*, found: Found, windows: Iterable[tuple[ConversionReport, int]]) -> Found:
    """The same clicks and the others of their visitors; `windows` are reports with their programme's days. Two
    queries.
    """
    asked = {
        (report.click_id, report.occurred_at): dt.timedelta(days=days)
        for report, days in windows
        if report.click_id in found.rows
    }
    if not asked:
        return found
    others = _same_visitor(asked)
    rows = found.rows | _clicks({key for keys in others.values() for key in keys} - found.rows.keys())
    touches = {click_id: _touch(click) for click_id, click in rows.items()}
    return Found(touches, rows, others, found.codes)


def _clicks(click_ids: set[str]) -> dict[str, Click]:
    if not click_ids:
        return {}
    found = Click.objects.filter(click_id__in=click_ids).select_related("placement", "verdict")
    return {click.click_id: click for click in found.defer("agent", "referrer_host")}


def _same_visitor(asked: Mapping[tuple[str, dt.datetime], dt.timedelta]) -> dict[tuple[str, dt.datetime], list[str]]:
    keys = list(asked)
    adapt = connection.ops.adapt_datetimefield_value
    values: list[Any] = []
    for number, (click_id, moment) in enumerate(keys):
        since, until = moment - asked[click_id, moment], moment + CLOCK_TOLERANCE
        values += [number, click_id, adapt(since), adapt(until)]
    sql = _WANTED.format(rows=", ".join([_ROW[connection.vendor]] * len(keys))) + _SAME_VISITOR[connection.vendor]
    found: dict[tuple[str, dt.datetime], list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        for number, other in cursor.fetchall():
            if other != keys[number][0]:
                found[keys[number]].append(other)
    return found


def _touch(click: Click) -> Touch:
    verdict = getattr(click, "verdict", None)
    return Touch(
        click_id=click.click_id,
        at=click.at,
        merchant_id=click.merchant_id,
        creator_id=click.creator_id,
        flaw=verdict.reason if verdict else "",
        placement_id=click.placement_id,
        placement_ref=click.placement.ref if click.placement else "",
        guide=click.placement.title if click.placement else "",
        join=READER if is_reader_key(click.visitor_key) else DAY,
    )
