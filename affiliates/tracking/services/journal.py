"""The click journal: a click is on disk before its reader is answered.

Request threads hand their payload to one writer thread and wait; the writer appends what has gathered in one write and
one `fdatasync`, then wakes them all (group commit). With `sync="interval"` a request thread appends its own frame and
answers; the disk is synced within ten milliseconds, which a killed process survives and a power cut may not.

No click is lost silently. What could not be written is counted exactly, logged and shown by `/readyz`; the reader is
redirected all the same. After a failed sync the descriptor is never trusted again: its unanswered frames are cut off,
if the disk still allows it, and go to a new segment.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from affiliates.tracking.domain.frames import LONGEST_PAYLOAD, frame
from affiliates.tracking.services.segments import OpenSegment, journal_bytes

logger = logging.getLogger("vitrina.journal")

Sync = Literal["fsync", "interval"]
SYNC_EVERY = 0.010
LONGEST_WAIT = 3.0
LONGEST_QUEUE = 20_000
SEGMENT_BYTES = 16 * 1024 * 1024
SEGMENT_SECONDS = 60.0
JOURNAL_BYTES = 2 * 1024**3
COMPLAIN_EVERY = 1.0


@dataclass
class JournalState:
    """Numbers of one process since it started, for `/readyz` and tests."""

    recorded: int = 0
    unrecorded: int = 0
    answered_early: int = 0
    failed_syncs: int = 0
    writable: bool = True


class _Ticket:
    """One thread's place in the queue: its payload, and the lock on which it sleeps."""

    __slots__ = ("lock", "ok", "payload", "waiting")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.ok = False
        self.waiting = True
        self.payload = b""


class Journal:
    """The journal of one process, in a directory that all processes of the machine share."""

    def __init__(
        self,
        directory: Path,
        *,
        sync: Sync = "fsync",
        segment_bytes: int = SEGMENT_BYTES,
        segment_seconds: float = SEGMENT_SECONDS,
        journal_bytes: int = JOURNAL_BYTES,
    ) -> None:
        self.directory = directory
        self.sync = sync
        self.state = JournalState()
        self._segment_bytes = segment_bytes
        self._segment_seconds = segment_seconds
        self._journal_bytes = journal_bytes
        self._segment: OpenSegment | None = None
        self._opened_at = 0.0
        self._queue: deque[_Ticket] = deque()
        self._wake = threading.Lock()
        self._wake.acquire()
        self._idle = False
        self._stalled = False
        self._dirty = False
        self._closing = False
        self._local = threading.local()
        self._segment_lock = threading.Lock()
        self._count_lock = threading.Lock()
        self._complained_at = 0.0
        self.append = self._append_and_wait if sync == "fsync" else self._append_now
        self._thread = threading.Thread(target=self._run, name="click-journal", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write what is queued, sync and close. Nothing may be appended afterwards."""
        self._closing = True
        self._rouse()
        self._thread.join(timeout=LONGEST_WAIT)
        self._segment = None

    # Waiting for the group's sync ----------------------------------------------------------------------------------

    def _append_and_wait(self, payload: bytes) -> bool:
        """True once the payload is on disk; False if it could not be written, which is counted."""
        local = self._local
        try:
            ticket: _Ticket = local.ticket
        except AttributeError:
            ticket = local.ticket = _Ticket()
        if len(self._queue) >= LONGEST_QUEUE:
            self._lost(1, "the queue is full")
            return False
        ticket.payload = payload
        if self._stalled:
            return self._leave(payload)
        self._queue.append(ticket)
        if self._idle:
            self._rouse()
        if ticket.lock.acquire(timeout=LONGEST_WAIT):
            return ticket.ok
        return self._give_up(ticket)

    def _leave(self, payload: bytes) -> bool:
        """The disk hangs: queue the click without waiting for it."""
        ticket = _Ticket()
        ticket.payload = payload
        ticket.waiting = False
        self._queue.append(ticket)
        self._rouse()
        with self._count_lock:
            self.state.answered_early += 1
        return True

    def _give_up(self, ticket: _Ticket) -> bool:
        """The disk is slower than a reader's patience. The ticket stays queued; the writer counts it if it fails."""
        with self._count_lock:
            if ticket.lock.acquire(blocking=False):
                return ticket.ok
            ticket.waiting = False
            self.state.answered_early += 1
        self._local.ticket = _Ticket()
        self._stalled = True
        logger.error(
            "The click journal has not answered for %.0f s; readers are redirected without waiting.",
            LONGEST_WAIT,
        )
        return True

    def _rouse(self) -> None:
        try:
            self._wake.release()
        except RuntimeError:
            pass  # already roused

    # The writer ----------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        loop = self._run_groups if self.sync == "fsync" else self._run_interval
        loop()
        self._segment = None

    def _run_groups(self) -> None:
        queue = self._queue
        take = queue.popleft
        while True:
            if not queue:
                if self._closing:
                    return
                self._idle = True
                if not queue:
                    self._wake.acquire(timeout=1.0)
                self._idle = False
                if not queue:
                    self._retire_when_old()
                    continue
            group = [take() for _ in range(len(queue))]
            try:
                written = self._write_group(group)
            except Exception:  # the writer must outlive anything
                logger.exception("The click journal's writer failed.")
                written = False
            self._answer(group, written)

    def _answer(self, group: list[_Ticket], written: bool) -> None:
        lost = 0
        self._stalled = False
        self.state.writable = written
        if written:
            self.state.recorded += len(group)
        for ticket in group:
            if ticket.waiting:
                ticket.ok = written
                ticket.lock.release()
            if not written:
                lost += 1
        if lost:
            self._lost(lost, "the journal could not be written")

    def _write_group(self, group: list[_Ticket]) -> bool:
        for _attempt in (1, 2):
            segment = self._current()
            if segment is None:
                return False
            seed = segment.seed
            data = b"".join([frame(ticket.payload, seed) for ticket in group])
            if self._write_and_sync(segment, data):
                segment.size += len(data)
                return True
        return False

    def _write_and_sync(self, segment: OpenSegment, data: bytes) -> bool:
        """Whether all of `data` is on disk. Otherwise the segment is given up, cut back to its last good frame."""
        try:
            if os.write(segment.fd, data) != len(data):
                raise OSError(28, "short write")
            os.fdatasync(segment.fd)
        except OSError as error:
            self.state.failed_syncs += 1
            segment.failed = True
            self._segment = None
            logger.error("Click journal segment %s failed and is given up: %s", segment.name, error)
            try:
                os.ftruncate(segment.fd, segment.size)
            except OSError:
                logger.error(
                    "Segment %s could not be cut back; clicks in it may be stored though counted lost.",
                    segment.name,
                )
            return False
        return True

    # Answering before the sync -------------------------------------------------------------------------------------

    def _append_now(self, payload: bytes) -> bool:
        """True once the payload is with the operating system; False if it could not be written, which is counted."""
        for _attempt in (1, 2):
            segment = self._segment
            if segment is None:
                with self._segment_lock:
                    segment = self._current()
                if segment is None:
                    break
            data = frame(payload, segment.seed)
            try:
                if os.write(segment.fd, data) == len(data):
                    segment.size += len(data)  # approximate under threads; only rotation looks at it
                    self._dirty = True
                    if self._idle:
                        self._rouse()
                    return True
                reason = "short write"
            except OSError as error:
                reason = str(error)
            with self._segment_lock:
                if self._segment is segment:
                    segment.failed = True
                    self._segment = None
                    logger.error("Click journal segment %s failed and is given up: %s", segment.name, reason)
        self.state.writable = False
        self._lost(1, "the journal could not be written")
        return False

    def _run_interval(self) -> None:
        while True:
            if not self._dirty:
                if self._closing:
                    return
                self._idle = True
                if not self._dirty:
                    self._wake.acquire(timeout=1.0)
                self._idle = False
                if not self._dirty:
                    with self._segment_lock:
                        self._retire_when_old()
                    continue
            time.sleep(SYNC_EVERY / 2)
            self._dirty = False
            with self._segment_lock:
                segment = self._segment
            if segment is None:
                continue
            try:
                os.fdatasync(segment.fd)
                self.state.writable = True
            except OSError as error:
                self.state.failed_syncs += 1
                logger.error(
                    "Click journal segment %s could not be synced and is given up: %s", segment.name, error
                )
                with self._segment_lock:
                    if self._segment is segment:
                        self._segment = None
            del segment
            with self._segment_lock:
                self._retire_when_full()

    # Segments ------------------------------------------------------------------------------------------------------

    def _current(self) -> OpenSegment | None:
        """The segment to write to, a new one where needed; None if none can be made."""
        self._retire_when_full()
        if self._segment is None:
            try:
                self.directory.mkdir(parents=True, exist_ok=True)
                if journal_bytes(self.directory) >= self._journal_bytes:
                    raise OSError(
                        28, f"the journal has reached its {self._journal_bytes} bytes; is the loader running?"
                    )
                self._segment = OpenSegment(self.directory)
                self._opened_at = time.monotonic()
            except OSError as error:
                self._complain("The click journal cannot open a segment: %s", error)
        return self._segment

    def _retire_when_full(self) -> None:
        segment = self._segment
        if segment is not None and (
            segment.size >= self._segment_bytes or time.monotonic() - self._opened_at > self._segment_seconds
        ):
            self._segment = None

    def _retire_when_old(self) -> None:
        if self._segment is not None and time.monotonic() - self._opened_at > self._segment_seconds:
            self._segment = None

    # What went wrong -----------------------------------------------------------------------------------------------

    def _lost(self, count: int, reason: str) -> None:
        with self._count_lock:
            self.state.unrecorded += count
            total = self.state.unrecorded
        self._complain("%d clicks of this process were redirected but not recorded: %s", total, reason)

    def _complain(self, message: str, *arguments: object) -> None:
        """Log an error, at most once a second: a full disk must not be filled with its own complaints."""
        now = time.monotonic()
        if now - self._complained_at >= COMPLAIN_EVERY or not self._complained_at:
            self._complained_at = now
            logger.error(message, *arguments)


def fits(payload: bytes) -> bool:
    """Whether a payload is short enough for a frame."""
    return len(payload) <= LONGEST_PAYLOAD
