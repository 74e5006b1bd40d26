"""Judging every stored click again by the present rules.

Visitor keys live one UTC day, so each day is judged by itself, in one pass and in order. Verdicts and tallies change in
the same transaction; a run that was stopped goes on with the days that still carry another rules version.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Max, Min

from affiliates.tracking.domain.validity import RULES_VERSION, ClickFacts, Judge, Reason, Verdict
from affiliates.tracking.models import Click, ClickVerdict
from affiliates.tracking.services import click_store as store
from affiliates.tracking.services.click_store import StoredClick
from affiliates.tracking.services.judging import correct_stored
from affiliates.tracking.services.loader import loader_lock

CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class DayDone:
    """One day's outcome."""

    day: dt.date
    clicks: int
    changed: int


def days_to_judge(*, every: bool = False) -> list[dt.date]:
    """Days with clicks whose verdicts carry another rules version; all days with `every`."""
    span = Click.objects.aggregate(first=Min("at"), last=Max("at"))
    if span["first"] is None:
        return []
    first, last = span["first"].date(), span["last"].date()
    days = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    return [day for day in days if every or _has_other_version(day)]


def _bounds(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    start = dt.datetime.combine(day, dt.time(), dt.UTC)
    return start, start + dt.timedelta(days=1)


def _has_other_version(day: dt.date) -> bool:
    start, end = _bounds(day)
    return (
        ClickVerdict.objects.filter(click__at__gte=start, click__at__lt=end)
        .exclude(rules_version=RULES_VERSION)
        .exists()
    )


def reclassify(*, every: bool = False) -> Iterator[DayDone]:
    """Judge day after day; yields each finished day. May be stopped anywhere and repeated."""
    for day in days_to_judge(every=every):
        yield reclassify_day(day=day)


def reclassify_day(*, day: dt.date) -> DayDone:
    """Judge one day's clicks again. The loader waits meanwhile, so that nothing arrives in between."""
    start, end = _bounds(day)
    clicks = changed = 0
    judge = Judge()
    with loader_lock(wait=120.0):
        rows = (
            Click.objects.filter(at__gte=start, at__lt=end)
            .order_by("at", "click_id")
            .values_list(
                "pk", "click_id", "at", "visitor_key", "link_id", "method", "agent", "flags",
                "verdict__reason", "verdict__counted_at", "verdict__rules_version",
            )
        )  # fmt: skip
        after: tuple[dt.datetime, str] | None = None
        while True:
            part = list(_following(rows, after)[:CHUNK])
            if not part:
                break
            after = (part[-1][2], part[-1][1])
            clicks += len(part)
            changed += _judge_part(judge, part)
    return DayDone(day, clicks, changed)


def _following(rows, after):  # type: ignore[no-untyped-def]
    """The rows after a (time, click id)."""
    if after is None:
        return rows
    at, click_id = after
    return rows.filter(at__gte=at).exclude(at=at, click_id__lte=click_id)


def _judge_part(judge: Judge, part) -> int:  # type: ignore[no-untyped-def]
    """Write what differs; how many reasons changed."""
    differing: list[tuple[StoredClick, Verdict]] = []
    changed = 0
    for pk, click_id, at, visitor, link, method, agent, flags, reason, counted_at, version in part:
        facts = ClickFacts(click_id, store.microseconds(at), visitor, link, method, agent, flags)
        verdict = judge(facts)
        before = Verdict(Reason(reason), store.microseconds(counted_at) if counted_at else None)
        if verdict != before or version != RULES_VERSION:
            differing.append((StoredClick(pk, click_id, facts.at, visitor, link, before), verdict))
            changed += verdict.reason != before.reason
    with transaction.atomic():
        store.take_lock()
        correct_stored(differing, judged_at=time.time_ns() // 1000)
    return changed
