"""No acknowledged click is lost, and none is lost silently."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from affiliates.tracking.domain.frames import SEGMENT_HEADER, scan
from affiliates.tracking.services import journal as journal_module
from affiliates.tracking.services import segments
from affiliates.tracking.services.journal import Journal
from affiliates.tracking.services.segments import ReadableSegment, segment_paths

Make = Callable[..., Journal]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Journal] = []

    def make_journal(**options: object) -> Journal:
        made.append(Journal(tmp_path / "journal", **options))  # type: ignore[arg-type]
        return made[-1]

    yield make_journal
    for one in made:
        one.close()


@pytest.fixture(params=["fsync", "interval"])
def journal(request: pytest.FixtureRequest, make: Make) -> Journal:
    return make(sync=request.param)


def stored(directory: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in segment_paths(directory):
        segment = ReadableSegment(path)
        read = scan(segment.read(SEGMENT_HEADER.size, segment.size()), segment.seed())
        assert not read.damaged
        found += [payload for payload, _ in read.frames]
        segment.close()
    return found


def append_from_threads(journal: Journal, threads: int, each: int) -> list[bool]:
    answers: list[bool] = []

    def work(number: int) -> None:
        for n in range(each):
            answers.append(journal.append(b"click %d %d" % (number, n)))

    workers = [threading.Thread(target=work, args=(number,)) for number in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return answers


def test_an_acknowledged_click_is_in_the_file_already(journal: Journal) -> None:
    assert journal.append(b"one")
    assert stored(journal.directory) == [b"one"]


def test_many_threads_lose_and_double_nothing(journal: Journal) -> None:
    answers = append_from_threads(journal, threads=16, each=50)
    assert answers == [True] * 800
    assert sorted(stored(journal.directory)) == sorted(b"click %d %d" % (t, n) for t in range(16) for n in range(50))


def test_threads_share_a_sync(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    syncs: list[int] = []

    def slow_sync(fd: int) -> None:
        syncs.append(fd)
        time.sleep(0.005)

    monkeypatch.setattr(journal_module.os, "fdatasync", slow_sync)
    append_from_threads(make(), threads=16, each=10)
    assert len(syncs) < 60


def test_a_click_is_answered_only_after_its_sync(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    may_sync = threading.Event()
    monkeypatch.setattr(journal_module.os, "fdatasync", lambda fd: may_sync.wait(5))
    journal, answered = make(), threading.Event()
    thread = threading.Thread(target=lambda: (journal.append(b"x"), answered.set()))
    thread.start()
    assert not answered.wait(0.1)
    may_sync.set()
    assert answered.wait(2)
    thread.join()


def test_a_full_segment_is_followed_by_another(make: Make) -> None:
    journal = make(segment_bytes=500)
    for _ in range(20):
        journal.append(b"x" * 90)
    assert len(segment_paths(journal.directory)) >= 4
    assert len(stored(journal.directory)) == 20


def test_a_busy_segment_is_written_ahead_and_cut_in_the_end(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "BUSY_BYTES", 1000)
    journal = make()
    written = [b"click %d " % n * 20 for n in range(100)]
    assert all(journal.append(one) for one in written)
    path = segment_paths(journal.directory)[0]
    assert path.stat().st_size > 500_000
    assert stored(journal.directory) == written
    journal.close()
    assert path.stat().st_size < 20_000
    assert stored(journal.directory) == written


def test_an_answer_goes_out_after_its_sync_and_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    may_sync, real = threading.Event(), os.fdatasync
    monkeypatch.setattr(segments.os, "fdatasync", lambda fd: (may_sync.wait(5), real(fd)))
    journal, sent, answered = make(), [], threading.Event()
    journal.append_then(b"x", lambda: (sent.append(1), answered.set()))
    assert not answered.wait(0.1)
    may_sync.set()
    assert answered.wait(2)
    assert (stored(journal.directory), sent) == ([b"x"], [1])


def test_an_answer_that_cannot_be_sent_holds_up_no_other(make: Make) -> None:
    journal, answered = make(), threading.Event()
    journal.append_then(b"gone", lambda: 1 / 0)
    journal.append_then(b"here", answered.set)
    assert answered.wait(2)
    assert stored(journal.directory) == [b"gone", b"here"]


def test_an_answer_goes_out_though_the_click_is_lost(make: Make, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    journal, answered = make(), threading.Event()
    journal.append_then(b"x", answered.set)
    assert answered.wait(2)
    assert journal.state.unrecorded == 1
    (tmp_path / "journal").unlink()


def test_an_answer_does_not_wait_for_a_hanging_disk(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LONGEST_WAIT", 0.2)
    released, real = threading.Event(), os.fdatasync
    monkeypatch.setattr(segments.os, "fdatasync", lambda fd: (released.wait(5), real(fd)))
    journal, sent = make(), []
    for n in range(3):
        journal.append_then(b"click %d" % n, lambda n=n: sent.append(n))
        time.sleep(0.02)
    time.sleep(0.5)
    assert sorted(sent) == [0, 1, 2]
    released.set()
    journal.close()
    assert sorted(sent) == [0, 1, 2]
    assert len(stored(journal.directory)) == 3


def test_an_old_segment_is_let_go_while_nothing_happens(make: Make) -> None:
    journal = make(segment_seconds=0.2)
    journal.append(b"x")
    time.sleep(1.5)
    segment = ReadableSegment(segment_paths(journal.directory)[0])
    assert not segment.is_live
    segment.close()


def test_a_segment_is_locked_while_it_is_written(make: Make) -> None:
    journal = make()
    journal.append(b"x")
    assert ReadableSegment(segment_paths(journal.directory)[0]).is_live
    journal.close()
    assert not ReadableSegment(segment_paths(journal.directory)[0]).is_live


@pytest.mark.parametrize("sync", ["fsync", "interval"])
def test_what_cannot_be_written_is_counted_one_by_one(make: Make, tmp_path: Path, sync: str) -> None:
    (tmp_path / "journal").write_text("a file where the directory should be")
    journal = make(sync=sync)
    assert append_from_threads(journal, threads=4, each=5) == [False] * 20
    assert (journal.state.unrecorded, journal.state.recorded) == (20, 0)
    assert not journal.state.writable
    (tmp_path / "journal").unlink()


def test_it_recovers_when_the_disk_does(make: Make, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    journal = make()
    assert not journal.append(b"lost")
    (tmp_path / "journal").unlink()
    assert journal.append(b"kept")
    assert stored(journal.directory) == [b"kept"]
    assert journal.state.writable


def failing_sync(times: int) -> Callable[[int], None]:
    left = [times]
    real = os.fdatasync

    def sync(fd: int) -> None:
        if left[0] > 0:
            left[0] -= 1
            raise OSError(5, "Input/output error")
        real(fd)

    return sync


def test_after_a_failed_sync_the_click_goes_to_a_new_segment_once(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = make()
    journal.append(b"before")
    descriptor = journal._segment.fd  # type: ignore[union-attr]
    monkeypatch.setattr(journal_module.os, "fdatasync", failing_sync(1))
    assert journal.append(b"after")
    assert sorted(stored(journal.directory)) == [b"after", b"before"]
    assert journal._segment.fd != descriptor or len(segment_paths(journal.directory)) == 2  # type: ignore[union-attr]
    assert journal.state.failed_syncs == 1


def test_two_failed_syncs_are_a_counted_loss_and_leave_no_trace(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = make()
    journal.append(b"before")
    monkeypatch.setattr(journal_module.os, "fdatasync", failing_sync(2))
    assert not journal.append(b"lost")
    assert journal.append(b"after")
    assert sorted(stored(journal.directory)) == [b"after", b"before"]
    assert journal.state.unrecorded == 1


@pytest.mark.parametrize("failures", range(1, 9))
def test_redirects_are_frames_plus_counted_losses(make: Make, monkeypatch: pytest.MonkeyPatch, failures: int) -> None:
    journal = make()
    monkeypatch.setattr(journal_module.os, "fdatasync", failing_sync(failures))
    answers = append_from_threads(journal, threads=4, each=5)
    assert len(stored(journal.directory)) == sum(answers)
    assert len(stored(journal.directory)) + journal.state.unrecorded == 20


@pytest.mark.parametrize("sync", ["fsync", "interval"])
def test_a_short_write_spoils_no_later_click(make: Make, monkeypatch: pytest.MonkeyPatch, sync: str) -> None:
    journal = make(sync=sync)
    journal.append(b"before")
    name = "pwrite" if sync == "fsync" else "write"
    real, left = getattr(os, name), [1]

    def short(fd: int, data: bytes, *where: int) -> int:
        if left and data.endswith(b"after"):
            left.pop()
            return int(real(fd, data[:-3], *where))
        return int(real(fd, data, *where))

    monkeypatch.setattr(segments.os, name, short)
    assert journal.append(b"after")
    journal.close()
    assert sorted(stored(journal.directory)) == [b"after", b"before"]


def test_a_hanging_disk_holds_nobody_longer_than_the_limit(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LONGEST_WAIT", 0.1)
    released = threading.Event()
    real = os.fdatasync
    monkeypatch.setattr(journal_module.os, "fdatasync", lambda fd: (released.wait(5), real(fd)))
    journal = make()
    started = time.monotonic()
    assert append_from_threads(journal, threads=4, each=3) == [True] * 12
    assert time.monotonic() - started < 2
    released.set()
    journal.close()
    assert len(stored(journal.directory)) == 12
    assert journal.state.answered_early == 12


def test_a_full_queue_is_a_counted_loss(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_module, "LONGEST_QUEUE", 0)
    journal = make()
    assert not journal.append(b"x")
    assert journal.state.unrecorded == 1


def test_the_journal_does_not_outgrow_its_bounds(make: Make) -> None:
    journal = make(segment_bytes=300, journal_bytes=1000)
    answers = [journal.append(b"x" * 200) for _ in range(20)]
    assert answers[0]
    assert not answers[-1]
    assert answers.count(False) == journal.state.unrecorded


def test_losses_are_logged_but_do_not_flood_the_log(
    make: Make, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "journal").write_text("in the way")
    journal = make()
    for _ in range(50):
        journal.append(b"x")
    assert 1 <= len(caplog.records) <= 3
    (tmp_path / "journal").unlink()


def test_a_new_segment_is_seen_only_once_it_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    real = segments.fcntl.flock
    monkeypatch.setattr(
        segments.fcntl, "flock", lambda fd, how: (seen.append(len(segment_paths(tmp_path))), real(fd, how))
    )
    segments.OpenSegment(tmp_path)
    assert seen == [0]
