"""A worker does what is due, quick things at once, and outlives every fault of a job."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from cms.core import periodic
from cms.core.models import JobState
from cms.home.worker import Worker


@pytest.fixture
def jobs(django_db_setup, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """No jobs but those a test registers; what workers commit is removed afterwards."""
    monkeypatch.setattr(periodic, "_jobs", {})
    with django_db_blocker.unblock():
        JobState.objects.all().delete()
        yield periodic.register
        JobState.objects.all().delete()


def work_until(done: Callable[[], bool], workers: int = 1, *, seconds: float = 8.0) -> None:
    """Let workers work until something holds; then stop them."""
    crew = [Worker(f"worker-{number}") for number in range(workers)]
    deadline = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < deadline, "it never came about"
        for worker in crew:
            worker.turn()
        time.sleep(0.01)
    for worker in crew:
        worker.stop()
        worker.work()


def test_a_job_is_done_and_noted(jobs) -> None:
    done = threading.Event()
    jobs("one", 60, done.set)
    work_until(lambda: JobState.objects.filter(name="one", succeeded_at__isnull=False).exists())
    state = JobState.objects.get(name="one")
    assert done.is_set()
    assert (state.leased_until, state.failures) == (None, 0)
    assert state.took_ms is not None


def test_two_workers_do_a_job_of_the_site_once(jobs) -> None:
    calls: list[int] = []
    jobs("one", 60, lambda: calls.append(1))
    jobs("other", 0.1, lambda: None)
    work_until(lambda: bool(calls) and JobState.objects.filter(name="other", succeeded_at__isnull=False).exists(), 2)
    assert calls == [1]


def test_two_workers_each_do_a_job_of_the_node(jobs) -> None:
    calls: list[int] = []
    jobs("each", 60, lambda: calls.append(1), per_node=True)
    work_until(lambda: len(calls) == 2, 2)


def test_a_long_job_holds_up_no_other(jobs) -> None:
    release, quick, other = threading.Event(), [], []
    jobs("a long one", 60, lambda: release.wait(8))
    jobs("clicks", 0.05, lambda: quick.append(time.monotonic()), per_node=True, quick=True)
    jobs("other", 60, lambda: other.append(1))
    work_until(lambda: len(quick) >= 5 and bool(other) and (release.set() or True))
    assert quick[4] - quick[0] < 2


def test_a_fault_is_noted_and_does_not_stop_the_others(jobs) -> None:
    def fail() -> None:
        raise ValueError("see https://shop.example/?key=secret")

    later: list[int] = []
    jobs("bad", 0.05, fail)
    jobs("bad and quick", 0.05, fail, per_node=True, quick=True)
    jobs("good", 0.05, lambda: later.append(1))
    work_until(lambda: len(later) > 1 and JobState.objects.filter(failures__gte=1).count() == 2)
    assert JobState.objects.get(name="bad").last_error == "ValueError: see https://shop.example/…"


def test_a_fault_is_logged_without_the_key_in_its_address(jobs, caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise ValueError("https://shop.example/?key=secret")

    jobs("bad", 60, fail)
    work_until(lambda: JobState.objects.filter(failures=1).exists())
    assert "https://shop.example/…" in caplog.text
    assert "secret" not in caplog.text.replace('"https://shop.example/?key=secret"', "")


def test_a_job_with_nothing_to_do_is_not_called(jobs) -> None:
    calls: list[int] = []
    jobs("idle", 0.05, lambda: calls.append(1), backlog=lambda: 0, when_waiting=True)
    work_until(lambda: JobState.objects.filter(name="idle", succeeded_at__isnull=False).exists())
    assert calls == []


def test_a_long_job_ends_when_the_worker_stops_and_is_due_again(jobs) -> None:
    began = threading.Event()

    def long() -> None:
        began.set()
        while True:
            periodic.pulse()
            time.sleep(0.01)

    jobs("long", 3600, long)
    work_until(began.is_set)
    state = JobState.objects.get(name="long")
    assert (state.leased_until, state.failures) == (None, 0)


def test_a_worker_whose_lease_was_taken_over_ends_its_job(jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    ended = threading.Event()

    def long() -> None:
        JobState.objects.filter(name="long").update(leased_by="somebody else")
        try:
            while True:
                periodic.pulse()
                time.sleep(0.01)
        except periodic.Interrupted:
            ended.set()
            raise

    monkeypatch.setattr("cms.home.worker.RENEW_EVERY_SECONDS", 0.05)
    jobs("long", 3600, long)
    work_until(ended.is_set)
    assert JobState.objects.get(name="long").leased_by == "somebody else"


def test_a_pulse_outside_of_a_worker_does_nothing() -> None:
    periodic.pulse()


def test_a_quick_job_of_the_whole_site_cannot_be_registered(jobs) -> None:
    with pytest.raises(ValueError, match="never quick"):
        jobs("x", 1, lambda: None, quick=True)
