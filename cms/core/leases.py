"""Which worker does a job of the whole site: whoever gets its lease.

A lease is one row, taken by one UPDATE that states what it expects to find, so of two workers that come at the same
moment one changes a row and the other none; that holds on PostgreSQL and on SQLite alike. A worker renews the leases of
what it is doing; the leases of one that died run out, and another takes over.
"""

from __future__ import annotations

import datetime as dt

from django.db.models import Q

from cms.core.masking import mask_text
from cms.core.models import JobState
from cms.core.periodic import Job

LEASE = dt.timedelta(minutes=2)
LONGEST_BACKOFF_SECONDS = 3600
#: A job may be this late before anybody is told; short ones are given more than a few of their rounds.
PATIENCE = dt.timedelta(minutes=10)
FAILURES_UNTIL_TOLD = 5
LONGEST_RUN = dt.timedelta(hours=6)


def take(*, job: Job, by: str, now: dt.datetime) -> bool:
    """Whether the job is due and now this worker's. Repeated within the lease the answer is no."""
    if _take(job, by, now):
        return True
    if JobState.objects.filter(name=job.name).exists():
        return False
    JobState.objects.get_or_create(name=job.name, defaults={"next_run_at": now})
    return _take(job, by, now)


def _is_free(now: dt.datetime) -> Q:
    return Q(leased_until__isnull=True) | Q(leased_until__lt=now)


def _take(job: Job, by: str, now: dt.datetime) -> bool:
    due = Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)
    taken = JobState.objects.filter(_is_free(now), due, name=job.name).update(
        leased_by=by, leased_until=now + LEASE, started_at=now
    )
    return taken == 1


def renew(*, names: list[str], by: str, now: dt.datetime) -> set[str]:
    """Hold on to these jobs; returns those that another worker took over meanwhile."""
    JobState.objects.filter(name__in=names, leased_by=by).update(leased_until=now + LEASE)
    kept = JobState.objects.filter(name__in=names, leased_by=by).values_list("name", flat=True)
    return set(names) - set(kept)


def give_back(*, job: Job, by: str, now: dt.datetime) -> None:
    """The job was left in the middle and is due at once. May be repeated."""
    JobState.objects.filter(name=job.name, leased_by=by).update(leased_by="", leased_until=None, next_run_at=now)


def note_success(*, job: Job, by: str, now: dt.datetime, took_ms: int) -> None:
    """The job is done, its lease free, and whoever was told of a fault will be told of the next. May be repeated."""
    _note(
        job, by, now, job.seconds,
        took_ms=took_ms, succeeded_at=now, failures=0, last_error="", told_overdue_at=None,
    )  # fmt: skip


def note_failure(*, job: Job, by: str, now: dt.datetime, took_ms: int, error: BaseException) -> None:
    """The job failed, its lease is free, and it is tried again, after each failure twice as long afterwards."""
    failures = JobState.objects.filter(name=job.name).values_list("failures", flat=True).first() or 0
    pause = max(job.seconds, min(job.seconds * 2 ** min(failures, 20), LONGEST_BACKOFF_SECONDS))
    _note(
        job, by, now, pause,
        took_ms=took_ms, failed_at=now, failures=failures + 1, last_error=describe(error),
    )  # fmt: skip


def _note(job: Job, by: str, now: dt.datetime, pause: float, **values: object) -> None:
    values["next_run_at"] = now + dt.timedelta(seconds=pause)
    if job.per_node:
        JobState.objects.update_or_create(name=job.name, defaults={"started_at": now, **values})
        return
    # Whoever lost the lease meanwhile has nothing to say any more.
    JobState.objects.filter(name=job.name, leased_by=by).update(leased_by="", leased_until=None, **values)


def note_idle(*, job: Job, now: dt.datetime) -> None:
    """Nothing waits for the job, which is a success too. May be repeated."""
    JobState.objects.get_or_create(name=job.name)
    JobState.objects.filter(_is_free(now), name=job.name).update(
        succeeded_at=now, next_run_at=now, failures=0, last_error="", told_overdue_at=None
    )


def describe(error: BaseException) -> str:
    """An error in one line, without addresses."""
    return mask_text(f"{type(error).__name__}: {error}".strip().rstrip(":"))[:300]


def is_overdue(job: Job, state: JobState, now: dt.datetime) -> bool:
    """Whether nobody did the job for longer than can be explained."""
    if state.leased_until and state.leased_until >= now:
        return bool(state.started_at and state.started_at + LONGEST_RUN < now)
    if state.next_run_at is None:
        return False
    return state.next_run_at + max(PATIENCE, dt.timedelta(seconds=job.seconds)) < now


def needs_a_person(job: Job, state: JobState, now: dt.datetime) -> bool:
    """Whether the operator should hear of it."""
    return state.failures >= FAILURES_UNTIL_TOLD or is_overdue(job, state, now)
