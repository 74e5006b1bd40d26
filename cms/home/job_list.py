"""What the page of jobs shows: each job with how it is, and each feed."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.models import Feed
from cms.core import periodic
from cms.core.leases import is_overdue
from cms.core.models import JobState
from cms.core.periodic import Job, Text

logger = logging.getLogger("vitrina.worker")
#: State → (the word, the icon, the colour's class).
MARKS: dict[str, tuple[Text, str, str]] = {
    "overdue": (_("Overdue"), "flag", "gone"),
    "failing": (_("Fails"), "cross", "gone"),
    "running": (_("At work"), "clock", "pending"),
    "never": (_("Never ran"), "question", "unknown"),
    "well": (_("In order"), "check", "ok"),
    "off": (_("Switched off"), "minus", "unknown"),
}


@dataclass(frozen=True)
class JobRow:
    """One job on the page."""

    job: Job
    state: JobState | None
    mark: str
    waiting: int | None

    @property
    def word(self) -> Text:
        return MARKS[self.mark][0]

    @property
    def icon(self) -> str:
        return MARKS[self.mark][1]

    @property
    def colour(self) -> str:
        return MARKS[self.mark][2]

    @property
    def took_seconds(self) -> float | None:
        took = self.state.took_ms if self.state else None
        return None if took is None else took / 1000


@dataclass(frozen=True)
class FeedLine:
    """One feed on the page."""

    feed: Feed
    mark: str

    word, icon, colour = JobRow.word, JobRow.icon, JobRow.colour


def job_rows(now: dt.datetime) -> list[JobRow]:
    """Every job, those that need somebody first. One query, and one or two for each job that counts what waits."""
    states = {state.name: state for state in JobState.objects.all()}
    rows = [_row(job, states.get(job.name), now) for job in periodic.jobs()]
    return sorted(rows, key=lambda row: (list(MARKS).index(row.mark) > 1, str(row.job.title).casefold()))


def _row(job: Job, state: JobState | None, now: dt.datetime) -> JobRow:
    return JobRow(job, state, _mark(job, state, now), _waiting(job))


def _mark(job: Job, state: JobState | None, now: dt.datetime) -> str:
    if state is None:
        return "never"
    if is_overdue(job, state, now):
        return "overdue"
    if state.failures:
        return "failing"
    if state.leased_until and state.leased_until >= now:
        return "running"
    return "well" if state.succeeded_at else "never"


def _waiting(job: Job) -> int | None:
    if job.backlog is None:
        return None
    try:
        return job.backlog()
    except Exception as error:  # noqa: BLE001  a count that fails must not hide the other jobs
        logger.error("what waits for %s could not be counted: %s", job.name, type(error).__name__)
        return None


def feed_lines(now: dt.datetime) -> list[FeedLine]:
    """Every feed with its shop. One query."""
    return [FeedLine(feed, _feed_mark(feed, now)) for feed in Feed.objects.select_related("merchant")]


def _feed_mark(feed: Feed, now: dt.datetime) -> str:
    if not (feed.is_active and feed.merchant.is_active):
        return "off"
    if feed.failures:
        return "failing"
    if feed.is_overdue(now):
        return "overdue"
    return "well" if feed.succeeded_at else "never"
