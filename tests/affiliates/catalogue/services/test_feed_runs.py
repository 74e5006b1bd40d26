"""A queued import is done once, survives the death of its worker, and leaves no file behind."""

from __future__ import annotations

import datetime as dt
import io
import os
from pathlib import Path
from typing import Any

from django.utils import timezone

import pytest

from affiliates.catalogue.models import FeedRun, Offer
from affiliates.catalogue.services import feed_runs
from affiliates.catalogue.services.feed_fetching import queue_run
from affiliates.catalogue.services.feed_runs import process_due_runs, remove_old_files, waiting_runs
from cms.core import periodic
from tests.factories.catalogue import make_feed
from tests.factories.parties import make_merchant

GOOD = (
    b"id\ttitle\tlink\tprice\tavailability\n"
    b"A1\tKettle\thttps://kaufgarten.example/a1\t49.90 EUR\tin stock\n"
    b"A2\tLamp\thttps://kaufgarten.example/a2\t19.90 EUR\tin stock\n"
)
BAD = b"this is no feed"
pytestmark = pytest.mark.django_db


def queue(content: bytes = GOOD, **fields: Any) -> FeedRun:
    merchant = fields.pop("merchant", None) or make_merchant("kaufgarten")
    return queue_run(
        merchant=merchant, format="google", file=io.BytesIO(content), source="feed.tsv", now=timezone.now(), **fields
    )


def fall_silent(run: FeedRun, attempts: int = 1) -> None:
    """As its worker's death leaves it."""
    long_ago = timezone.now() - dt.timedelta(minutes=3)
    FeedRun.objects.filter(pk=run.pk).update(status="running", attempts=attempts, heartbeat_at=long_ago, phase="apply")


def break_it(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def broken(**options: Any) -> None:
        raise error

    monkeypatch.setattr(feed_runs, "import_feed", broken)


def test_a_queued_import_is_done_and_its_file_deleted(folder: Path) -> None:
    run = queue()
    assert process_due_runs() == 1
    run.refresh_from_db()
    assert (run.status, run.rows, run.created, run.phase) == ("done", 2, 2, "")
    assert (run.file.name, list(folder.iterdir())) == ("", [])
    assert Offer.objects.count() == 2


def test_the_oldest_import_is_done_first(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = queue(), queue(merchant=make_merchant("second"))
    order: list[int] = []
    monkeypatch.setattr(feed_runs, "_process", lambda run: order.append(run.pk))
    process_due_runs()
    assert order == [first.pk, second.pk]


def test_nothing_waits_when_all_is_done() -> None:
    queue()
    process_due_runs()
    assert waiting_runs() == 0


def test_an_import_is_claimed_by_one_of_two_workers() -> None:
    queue()
    now = timezone.now()
    assert feed_runs._claim(now) is not None
    assert feed_runs._claim(now) is None


def test_a_broken_file_is_refused_and_kept_for_a_look(folder: Path) -> None:
    run = queue(BAD)
    process_due_runs()
    run.refresh_from_db()
    assert (run.status, run.reason != "", len(list(folder.iterdir()))) == ("refused", True, 1)
    assert not Offer.objects.exists()


def test_an_import_whose_worker_died_is_taken_up_again() -> None:
    run = queue()
    fall_silent(run)
    assert waiting_runs() == 1
    process_due_runs()
    run.refresh_from_db()
    assert (run.status, run.attempts, run.created) == ("done", 2, 2)


def test_an_import_whose_worker_is_alive_is_left_alone() -> None:
    run = queue()
    FeedRun.objects.filter(pk=run.pk).update(status="running", heartbeat_at=timezone.now())
    assert process_due_runs() == 0


def test_an_import_by_hand_is_nobody_elses_however_silent() -> None:
    old = timezone.now() - dt.timedelta(hours=1)
    FeedRun.objects.create(merchant=make_merchant(), format="google", source="x", status="running", started_at=old)
    assert process_due_runs() == 0


def test_an_import_that_broke_off_three_times_is_refused() -> None:
    run = queue()
    fall_silent(run, attempts=3)
    process_due_runs()
    run.refresh_from_db()
    assert run.status == "refused"
    assert "three times" in run.reason


def test_an_error_of_ours_is_tried_three_times_and_named(monkeypatch: pytest.MonkeyPatch, caplog) -> None:
    run = queue()
    break_it(monkeypatch, OSError("https://shop.example/?key=secret"))
    assert process_due_runs() == 3
    run.refresh_from_db()
    assert (run.status, run.reason.endswith("(OSError)")) == ("refused", True)
    assert "secret" not in caplog.text


def test_an_interrupted_import_goes_back_into_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue()
    break_it(monkeypatch, periodic.Interrupted())
    with pytest.raises(periodic.Interrupted):
        process_due_runs()
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("queued", 0)


def test_a_worker_that_was_given_up_writes_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue()

    def taken_over(*, progress: Any, **options: Any) -> None:
        FeedRun.objects.filter(pk=run.pk).update(attempts=2)
        progress("read", 1)

    monkeypatch.setattr(feed_runs, "import_feed", taken_over)
    monkeypatch.setattr(feed_runs, "BEAT_EVERY_SECONDS", 0)
    monkeypatch.setattr(feed_runs, "_finish", lambda run: pytest.fail("it is not ours any more"))
    process_due_runs()
    run.refresh_from_db()
    assert (run.status, run.attempts) == ("running", 2)


def test_a_running_import_says_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    run = queue()
    seen: list[tuple[str, int, int]] = []

    def look(*, progress: Any, **options: Any) -> None:
        for step, count in (("read", 10), ("apply", 5)):
            progress(step, count)
            seen.append(FeedRun.objects.values_list("phase", "phase_done", "phase_total").get(pk=run.pk))

    monkeypatch.setattr(feed_runs, "import_feed", look)
    monkeypatch.setattr(feed_runs, "BEAT_EVERY_SECONDS", 0)
    process_due_runs()
    assert seen == [("read", 0, len(GOOD)), ("apply", 5, 10)]


def test_a_feed_succeeds_when_its_file_was_imported() -> None:
    feed = make_feed(merchant=make_merchant("kaufgarten"), failures=3, last_error="x")
    run = queue(merchant=feed.merchant, feed=feed)
    process_due_runs()
    feed.refresh_from_db()
    run.refresh_from_db()
    assert (feed.succeeded_at, feed.failures, feed.last_error) == (run.started_at, 0, "")
    assert set(Offer.objects.values_list("last_seen_at", flat=True)) == {feed.succeeded_at}


def test_a_feed_whose_file_was_refused_is_read_anew_next_time() -> None:
    feed = make_feed(merchant=make_merchant("kaufgarten"), etag="7", content_hash="x")
    queue(BAD, merchant=feed.merchant, feed=feed)
    process_due_runs()
    feed.refresh_from_db()
    assert (feed.failures, feed.etag, feed.content_hash, feed.last_error != "") == (1, "", "", True)


@pytest.mark.parametrize(("status", "failures"), [("done", 0), ("refused", 4)])
def test_what_a_worker_did_not_live_to_note_is_noted_later(status: str, failures: int) -> None:
    feed = make_feed(merchant=make_merchant("kaufgarten"), failures=3)
    run = queue(merchant=feed.merchant, feed=feed)
    FeedRun.objects.filter(pk=run.pk).update(status=status, phase="apply", reason="because")
    assert waiting_runs() == 1
    process_due_runs()
    feed.refresh_from_db()
    assert (feed.failures, waiting_runs()) == (failures, 0)


def test_files_of_refused_imports_and_of_none_are_deleted_after_two_weeks(folder: Path) -> None:
    now = timezone.now()
    old = queue(BAD)
    process_due_runs()
    FeedRun.objects.filter(pk=old.pk).update(finished_at=now - dt.timedelta(days=15))
    queue(merchant=make_merchant("second"))
    stray, new_stray = folder / "stray.feed", folder / "new.feed"
    for path in (stray, new_stray):
        path.write_bytes(b"x")
    long_ago = (now - dt.timedelta(days=15)).timestamp()
    os.utime(stray, (long_ago, long_ago))
    assert remove_old_files(now=now) == 2
    assert len(list(folder.iterdir())) == 2
