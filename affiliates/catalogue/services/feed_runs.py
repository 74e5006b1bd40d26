"""Imports as the worker's queue: the run's row is the order, its heartbeat the proof that somebody is at it."""

from __future__ import annotations

import datetime as dt
import logging
import os
import time
import traceback
from dataclasses import dataclass
from typing import BinaryIO, cast

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.catalogue.models import FeedRun
from affiliates.catalogue.models.feeds import FeedRunQuerySet
from affiliates.catalogue.services.feed_fetching import note_feed_failure, note_feed_success
from affiliates.catalogue.services.feeds import FeedRefused, import_feed
from cms.core import periodic
from cms.core.masking import mask_text

logger = logging.getLogger("vitrina.feeds")
SILENCE = dt.timedelta(minutes=2)
ATTEMPTS = 3
BEAT_EVERY_SECONDS = 1.0
REFUSED_FILES_ARE_KEPT = dt.timedelta(days=14)
FOLDER = "feeds"


#: Imported or refused, but the worker died before it said so to the feed and put the file away.
UNFINISHED = Q(status__in=[FeedRun.Status.DONE, FeedRun.Status.REFUSED]) & ~Q(phase="") & ~Q(file="")


class RunLost(Exception):
    """Another worker took the run up, since nothing was heard of this one."""


def waiting_runs() -> int:
    """Imports that wait, and those whose worker fell silent. One query."""
    waits = Q(status=FeedRun.Status.QUEUED) | _silent(timezone.now()) | UNFINISHED
    return FeedRun.objects.filter(waits).count()


def _silent(now: dt.datetime) -> Q:
    """Runs with a file whose worker is gone. One without a file is an import by hand, at somebody's terminal."""
    unheard = Q(heartbeat_at__lt=now - SILENCE) | Q(heartbeat_at__isnull=True, started_at__lt=now - SILENCE)
    return Q(unheard, status=FeedRun.Status.RUNNING) & ~Q(file="")


def process_due_runs() -> int:
    """Import what waits, the oldest first, one at a time; returns how many. May be repeated and killed at any moment.

    A run that broke off is taken up again from its start, which changes nothing twice; after three times it is refused.
    """
    for left in FeedRun.objects.filter(UNFINISHED).select_related("feed"):
        if left.status == FeedRun.Status.DONE:
            _finish(left)
        else:
            _finish_refusal(left, left.reason)
    done = 0
    while (run := _claim(timezone.now())) is not None:
        _process(run)
        done += 1
        periodic.pulse()
    return done


def _claim(now: dt.datetime) -> FeedRun | None:
    for run in FeedRun.objects.filter(_silent(now)).order_by("created_at", "pk")[:20]:
        if run.attempts >= ATTEMPTS:
            if _seize(run, now, status=FeedRun.Status.REFUSED, reason=_broke_off(), finished_at=now):
                _finish_refusal(run, _broke_off())
        elif _seize(run, now, **_fresh(run, now)):
            return _read(run)
    for run in FeedRun.objects.waiting().order_by("created_at", "pk")[:20]:
        if _seize(run, now, **_fresh(run, now)):
            return _read(run)
    return None


def _seize(run: FeedRun, now: dt.datetime, **values: object) -> bool:
    """Change the run as it was seen; False where somebody else did so before."""
    seen = FeedRun.objects.filter(pk=run.pk, status=run.status, attempts=run.attempts, heartbeat_at=run.heartbeat_at)
    return seen.update(**values) == 1


def _fresh(run: FeedRun, now: dt.datetime) -> dict[str, object]:
    counts = dict.fromkeys(("rows", "created", "updated", "unchanged", "gone", "bad", "phase_done", "phase_total"), 0)
    return {
        **counts, "faults": [], "status": FeedRun.Status.RUNNING, "attempts": run.attempts + 1, "started_at": now,
        "heartbeat_at": now, "phase": "read",
    }  # fmt: skip


def _read(run: FeedRun) -> FeedRun:
    related = FeedRun.objects.select_related("merchant", "feed__merchant", "mapping", "policy")
    return related.get(pk=run.pk)


def _process(run: FeedRun) -> None:
    try:
        with run.file.open("rb") as file:
            # Parsers get the file itself; Django's wrapper breaks lines in its own way.
            source = cast(BinaryIO, getattr(file.file, "file", file))
            import_feed(
                merchant=run.merchant, source=source, format=run.format, now=run.started_at, source_name=run.source,
                complete=run.is_complete, policy=run.policy, mapping=run.mapping, run=run,
                progress=_Progress.of(run, source),
            )  # fmt: skip
    except FeedRefused as refusal:
        _finish_refusal(run, refusal.run.reason)
    except periodic.Interrupted:
        _mine(run).update(status=FeedRun.Status.QUEUED, attempts=run.attempts - 1, heartbeat_at=None, phase="")
        raise
    except RunLost:
        return
    except Exception as error:  # noqa: BLE001  one file's fault is none of the next one's
        _break_off(run, error)
    else:
        _finish(run)


def _mine(run: FeedRun) -> FeedRunQuerySet:
    return FeedRun.objects.filter(pk=run.pk, status=FeedRun.Status.RUNNING, attempts=run.attempts)


def _finish(run: FeedRun) -> None:
    # The feed first: its file is what shows that this is still to be done.
    if run.feed is not None:
        note_feed_success(feed=run.feed, now=run.started_at)
    name = run.file.name or ""
    FeedRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), phase="", file="")
    run.file.storage.delete(name)


def _break_off(run: FeedRun, error: Exception) -> None:
    """Put it back into the queue, or refuse it when that was tried often enough."""
    way = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    logger.error("feed import %s broke off: %s\n%s", run.pk, mask_text(f"{type(error).__name__}: {error}"), way)
    if run.attempts < ATTEMPTS:
        FeedRun.objects.filter(pk=run.pk).update(
            status=FeedRun.Status.QUEUED, heartbeat_at=None, phase="", reason="", finished_at=None
        )
        return
    reason = f"{_broke_off()} ({type(error).__name__})"
    FeedRun.objects.filter(pk=run.pk).update(status=FeedRun.Status.REFUSED, reason=reason[:300])
    _finish_refusal(run, reason)


def _broke_off() -> str:
    return _("The import broke off three times; a part of the file may have been applied.")


def _finish_refusal(run: FeedRun, reason: str) -> None:
    now = timezone.now()
    if run.feed is not None:
        note_feed_failure(feed=run.feed, reason=reason, now=now)
    FeedRun.objects.filter(pk=run.pk).update(finished_at=now, phase="")


@dataclass
class _Progress:
    """Writes down how far a run is, once a second, and finds out whether it is still this worker's."""

    run: FeedRun
    source: BinaryIO
    size: int
    beaten: float
    rows_read: int = 0

    @classmethod
    def of(cls, run: FeedRun, source: BinaryIO) -> _Progress:
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        return cls(run, source, size, time.monotonic())

    def __call__(self, step: str, count: int) -> None:
        if step == "read":
            self.rows_read = count
        periodic.pulse()
        if time.monotonic() - self.beaten < BEAT_EVERY_SECONDS:
            return
        self.beaten = time.monotonic()
        reading = step == "read"
        done, total = (self._position(), self.size) if reading else (count, self.rows_read)
        held = _mine(self.run).update(
            heartbeat_at=timezone.now(), phase=step[:8], phase_done=done, phase_total=total,
            rows=self.rows_read,
        )  # fmt: skip
        if not held:
            raise RunLost

    def _position(self) -> int:
        try:
            return min(self.source.tell(), self.size)
        except (OSError, ValueError):
            return 0


def remove_old_files(*, now: dt.datetime) -> int:
    """Delete files of imports refused two weeks ago, and files that no import knows; returns how many. May be repeated.

    A refused file is kept for a while so that somebody can look at it.
    """
    storage = FeedRun._meta.get_field("file").storage
    removed = 0
    refused = FeedRun.objects.filter(status=FeedRun.Status.REFUSED, finished_at__lt=now - REFUSED_FILES_ARE_KEPT)
    for run in refused.exclude(file=""):
        storage.delete(run.file.name or "")
        removed += FeedRun.objects.filter(pk=run.pk).update(file="")
    if not storage.exists(FOLDER):
        return removed
    names = [f"{FOLDER}/{name}" for name in storage.listdir(FOLDER)[1]]
    known = set(FeedRun.objects.exclude(file="").values_list("file", flat=True))
    for name in set(names) - known:
        if storage.get_modified_time(name) < now - REFUSED_FILES_ARE_KEPT:
            storage.delete(name)
            removed += 1
    return removed


def tidy_files() -> None:
    """What the worker does once a day. May be repeated."""
    remove_old_files(now=timezone.now())
