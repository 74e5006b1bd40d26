"""However many workers there are, a job of the site is done by one of them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator

from django.db import connection

import pytest

from cms.core import leases
from cms.core.models import JobState
from cms.core.periodic import Job

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
JOB = Job("test.job", 60, lambda: None)
NODE = Job("test.node", 60, lambda: None, per_node=True)


def seconds(number: float) -> dt.timedelta:
    return dt.timedelta(seconds=number)


def state() -> JobState:
    return JobState.objects.get(name=JOB.name)


@pytest.mark.django_db
def test_a_job_is_taken_once() -> None:
    assert leases.take(job=JOB, by="one", now=NOW)
    assert not leases.take(job=JOB, by="two", now=NOW)


@pytest.mark.django_db
def test_a_job_that_was_done_is_not_due_before_its_time() -> None:
    leases.take(job=JOB, by="one", now=NOW)
    leases.note_success(job=JOB, by="one", now=NOW, took_ms=5)
    assert not leases.take(job=JOB, by="two", now=NOW + seconds(59))
    assert leases.take(job=JOB, by="two", now=NOW + seconds(60))


@pytest.mark.django_db
def test_the_job_of_a_worker_that_died_is_taken_over_when_its_lease_ran_out() -> None:
    leases.take(job=JOB, by="dead", now=NOW)
    assert not leases.take(job=JOB, by="two", now=NOW + leases.LEASE)
    assert leases.take(job=JOB, by="two", now=NOW + leases.LEASE + seconds(1))


@pytest.mark.django_db
def test_a_lease_that_is_renewed_does_not_run_out() -> None:
    leases.take(job=JOB, by="one", now=NOW)
    assert leases.renew(names=[JOB.name], by="one", now=NOW + seconds(100)) == set()
    assert not leases.take(job=JOB, by="two", now=NOW + seconds(200))


@pytest.mark.django_db
def test_who_lost_a_lease_is_told_so() -> None:
    leases.take(job=JOB, by="slow", now=NOW)
    leases.take(job=JOB, by="two", now=NOW + seconds(200))
    assert leases.renew(names=[JOB.name], by="slow", now=NOW + seconds(201)) == {JOB.name}


@pytest.mark.django_db
def test_who_lost_a_lease_notes_nothing() -> None:
    leases.take(job=JOB, by="slow", now=NOW)
    leases.take(job=JOB, by="two", now=NOW + seconds(200))
    leases.note_success(job=JOB, by="slow", now=NOW + seconds(201), took_ms=5)
    assert (state().leased_by, state().succeeded_at) == ("two", None)


@pytest.mark.django_db
def test_a_job_that_is_given_back_is_due_at_once() -> None:
    leases.take(job=JOB, by="one", now=NOW)
    leases.give_back(job=JOB, by="one", now=NOW)
    assert leases.take(job=JOB, by="two", now=NOW)


@pytest.mark.django_db
def test_a_job_that_fails_again_waits_twice_as_long() -> None:
    waits = []
    now = NOW
    for _ in range(3):
        assert leases.take(job=JOB, by="one", now=now)
        leases.note_failure(job=JOB, by="one", now=now, took_ms=5, error=OSError("no"))
        waits.append((state().next_run_at - now).total_seconds())
        now = state().next_run_at
    assert waits == [60, 120, 240]


@pytest.mark.django_db
def test_an_error_is_kept_without_the_key_in_its_address() -> None:
    leases.take(job=JOB, by="one", now=NOW)
    error = OSError("cannot open https://user:pass@shop.example:444/feed?apikey=secret today")
    leases.note_failure(job=JOB, by="one", now=NOW, took_ms=5, error=error)
    assert state().last_error == "OSError: cannot open https://shop.example:444/… today"


@pytest.mark.django_db
def test_success_forgets_failures_and_that_somebody_was_told() -> None:
    JobState.objects.create(name=JOB.name, failures=7, last_error="x", told_overdue_at=NOW)
    leases.take(job=JOB, by="one", now=NOW)
    leases.note_success(job=JOB, by="one", now=NOW, took_ms=5)
    assert (state().failures, state().last_error, state().told_overdue_at) == (0, "", None)


@pytest.mark.django_db
def test_having_nothing_to_do_leaves_a_running_job_alone() -> None:
    JobState.objects.create(name=JOB.name, leased_by="one", leased_until=NOW + seconds(60), failures=3)
    leases.note_idle(job=JOB, now=NOW)
    assert (state().failures, state().succeeded_at) == (3, None)


@pytest.mark.django_db
def test_a_job_of_each_node_is_noted_without_a_lease() -> None:
    leases.note_success(job=NODE, by="one", now=NOW, took_ms=5)
    leases.note_failure(job=NODE, by="two", now=NOW, took_ms=5, error=ValueError())
    noted = JobState.objects.get(name=NODE.name)
    assert (noted.succeeded_at, noted.failures, noted.last_error) == (NOW, 1, "ValueError")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"next_run_at": NOW}, False),
        ({"next_run_at": NOW - leases.PATIENCE - seconds(1)}, True),
        ({"next_run_at": NOW - seconds(9999), "leased_until": NOW, "started_at": NOW}, False),
        ({"leased_until": NOW, "started_at": NOW - leases.LONGEST_RUN - seconds(1)}, True),
        ({}, False),
    ],
)
def test_a_job_is_overdue_when_nobody_does_it(fields: dict[str, dt.datetime], expected: bool) -> None:
    assert leases.is_overdue(JOB, JobState(name=JOB.name, **fields), NOW) is expected


# In a pair: it happens without the lease, it does not with it -----------------------------------------------------


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        JobState.objects.all().delete()
        JobState.objects.create(name=JOB.name, next_run_at=NOW)
        yield
        JobState.objects.all().delete()


def _two_workers(take: Callable[[str], bool]) -> int:
    """How many of two workers that come at the same moment would run the job."""
    ran: list[str] = []

    def work(name: str) -> None:
        try:
            if take(name):
                ran.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(ran)


@pytest.mark.postgres
def test_two_workers_that_only_look_run_a_job_twice(committed: None) -> None:
    both_looked = threading.Barrier(2)

    def look_then_write(name: str) -> bool:
        found = JobState.objects.get(name=JOB.name)
        both_looked.wait(5)
        if found.leased_until is not None or found.next_run_at > NOW:
            return False
        found.leased_by, found.leased_until = name, NOW + leases.LEASE
        found.save()
        return True

    assert _two_workers(look_then_write) == 2


def test_two_workers_with_a_lease_run_a_job_once(committed: None) -> None:
    for round_ in range(20):
        JobState.objects.update(leased_by="", leased_until=None, next_run_at=NOW)
        start = threading.Barrier(2)

        def take(name: str, start: threading.Barrier = start) -> bool:
            connection.ensure_connection()
            start.wait(5)
            return leases.take(job=JOB, by=name, now=NOW)

        assert _two_workers(take) == 1, round_


def test_two_workers_that_make_the_first_row_run_a_job_once(committed: None) -> None:
    JobState.objects.all().delete()
    assert _two_workers(lambda name: leases.take(job=JOB, by=name, now=NOW)) == 1
