"""The clicks an order may be credited to."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from django.db import connection

from affiliates.earnings.domain.attribution import MOST_TOUCHES, Touch
from affiliates.earnings.domain.reports import CLOCK_TOLERANCE, ConversionReport
from affiliates.tracking.models import Click
from affiliates.tracking.services.loader import find_click

#: The other clicks of a click's visitor on links to its merchant: per click a bounded walk down one index,
#: whatever the number of stored clicks. SQLite has no LATERAL, PostgreSQL would try every pair for the IN.
_WALK = """
    SELECT s.{column} FROM tracking_click s
    WHERE s.visitor_key = r.visitor_key AND s.merchant_id = r.merchant_id AND s.at <= %s
    ORDER BY s.at DESC LIMIT {most}
"""
_SAME_VISITOR = {
    "sqlite": (
        "SELECT r.click_id, o.click_id FROM tracking_click r "  # noqa: S608
        "JOIN tracking_click o ON o.id IN (" + _WALK.format(column="id", most=MOST_TOUCHES) + ")"
    ),
    "postgresql": (
        "SELECT r.click_id, o.click_id FROM tracking_click r "  # noqa: S608
        "CROSS JOIN LATERAL (" + _WALK.format(column="click_id", most=MOST_TOUCHES) + ") o"
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Clicks by id, and for each the ids of the other clicks of its visitor."""

    touches: dict[str, Touch] = field(default_factory=dict)
    rows: dict[str, Click] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)

    def reported(self, report: ConversionReport) -> Touch | None:
        """The click a report names, if there is one."""
        return self.touches.get(report.click_id)

    def same_visitor(self, report: ConversionReport) -> list[Touch]:
        """The other clicks of its visitor up to the order."""
        latest = report.occurred_at + CLOCK_TOLERANCE
        found = (self.touches[click_id] for click_id in self.others.get(report.click_id, ()))
        return [touch for touch in found if touch.at <= latest]

    def with_enrolment(self, shut_out: Iterable[int]) -> Found:
        """The same clicks, those of creators who may not earn here marked."""
        out = set(shut_out)
        if not out:
            return self
        marked = {key: replace(touch, enrolled=touch.creator_id not in out) for key, touch in self.touches.items()}
        return Found(marked, self.rows, self.others)


def find_touches(*, reports: Sequence[ConversionReport]) -> Found:
    """The clicks that reports name, and those of the same visitors. Three queries, more for clicks not loaded
    yet.

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
    if not rows:
        return Found()
    until = max(report.occurred_at for report in reports if report.click_id in rows) + CLOCK_TOLERANCE
    others = _same_visitor(sorted(rows), until)
    rows |= _clicks({click_id for found in others.values() for click_id in found} - rows.keys())
    return Found({click_id: _touch(click) for click_id, click in rows.items()}, rows, others)


def _clicks(click_ids: set[str]) -> dict[str, Click]:
    if not click_ids:
        return {}
    found = Click.objects.filter(click_id__in=click_ids).select_related("placement", "verdict")
    return {click.click_id: click for click in found.defer("agent", "referrer_host")}


def _same_visitor(click_ids: list[str], until: dt.datetime) -> dict[str, list[str]]:
    marks = ", ".join(["%s"] * len(click_ids))
    sql = (
        f"{_SAME_VISITOR[connection.vendor]} "
        f"WHERE r.visitor_key <> '' AND o.click_id <> r.click_id AND r.click_id IN ({marks})"
    )
    found: dict[str, list[str]] = defaultdict(list)
    moment = connection.ops.adapt_datetimefield_value(until)
    with connection.cursor() as cursor:
        cursor.execute(sql, [moment, *click_ids])
        for reported, other in cursor.fetchall():
            found[reported].append(other)
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
    )
