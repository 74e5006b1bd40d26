"""The click journal: a click is on disk before its reader is answered.

Requests hand their payload to one writer thread; the writer appends what has gathered in one write and one `fdatasync`
and only then lets their answers go (group commit): it wakes the threads that wait, and sends the answers that were left
with it. With `sync="interval"` a request thread appends its own frame and
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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from affiliates.tracking.domain.frames import LONGEST_PAYLOAD, frame
from affiliates.tracking.services.segments import OpenSegment, journal_bytes

logger = logging.getLogger("vitrina.journal")

Sync = Literal["fsync", "interval"]
Answer = Callable[[], object]
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
    """One waiting thread: the lock on which it sleeps, and whether its click was written."""

    __slots__ = ("lock", "ok", "waiting")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.ok = False
        self.waiting = True


#: A payload with who waits for it: a thread's ticket, or a list that holds the answer until somebody takes it out and
#: sends it. Taking from a list is atomic, so an answer is sent once.
_Item = tuple[bytes, "_Ticket | list[Answer]"]


def _send(waiting: list[Answer]) -> bool:
    """Send an answer, unless somebody else has."""
    try:
        answer = waiting.pop()
    except IndexError:
        return False
    try:
        answer()
    except Exception:  # a reader who has gone away must not hold up the others
        logger.debug("An answer could not be sent.", exc_info=True)
    return True


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
        self._queue: deque[_Item] = deque()
        self._group: list[_Item] = []
        self._group_since = 0.0
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
        if sync == "fsync":
            threading.Thread(target=self._watch, name="click-journal-watch", daemon=True).start()

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
        if self._stalled:
            self._leave(payload)
            return True
        self._queue.append((payload, ticket))
        if self._idle:
            self._rouse()
        if ticket.lock.acquire(timeout=LONGEST_WAIT):
            return ticket.ok
        return self._give_up(ticket)

    def append_then(self, payload: bytes, answer: Answer) -> None:
        """Send `answer` once the payload is on disk, from the writer's thread; nobody waits.

        With `sync="interval"` it is sent at once, from this thread. It is sent in any case: where the payload cannot be
        written, that is counted, and where the disk hangs, after LONGEST_WAIT.
        """
        if self.sync != "fsync":
            self._append_now(payload)
            answer()
        elif len(self._queue) >= LONGEST_QUEUE:
            self._lost(1, "the queue is full")
            answer()
        elif self._stalled:
            self._leave(payload)
            answer()
        else:
            self._queue.append((payload, [answer]))
            if self._idle:
                self._rouse()

    def _leave(self, payload: bytes) -> None:
        """The disk hangs: queue the click without waiting for it."""
        self._queue.append((payload, []))
        self._rouse()
        with self._count_lock:
            self.state.answered_early += 1

    def _give_up(self, ticket: _Ticket) -> bool:
        """The disk is slower than a reader's patience. The ticket stays queued; the writer counts it if it fails."""
        with self._count_lock:
            if ticket.lock.acquire(blocking=False):
                return ticket.ok
            ticket.waiting = False
            self.state.answered_early += 1
        self._local.ticket = _Ticket()
        self._stall()
        return True

    def _stall(self) -> None:
        self._stalled = True
        self._complain("The click journal has not answered for %.1f s; readers go on without waiting.", LONGEST_WAIT)

    def _watch(self) -> None:
        """Send the answers that a hanging disk holds back. Their clicks stay queued; the writer counts what fails."""
        while not self._closing:
            time.sleep(LONGEST_WAIT / 4)
            since = self._group_since
            if not since or time.monotonic() - since < LONGEST_WAIT:
                continue
            self._stall()
            for _payload, waiting in [*self._group, *self._queue]:
                if isinstance(waiting, list) and _send(waiting):
                    with self._count_lock:
                        self.state.answered_early += 1

    def _rouse(self) -> None:
        try:
            self._wake.release()
        except RuntimeError:  # already roused
            return

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
            self._group_since = time.monotonic()
            self._group = group = [take() for _ in range(len(queue))]
            try:
                written = self._write_group(group)
            except Exception:  # the writer must outlive anything
                logger.exception("The click journal's writer failed.")
                written = False
            self._group_since = 0.0
            self._let_go(group, written)
            self._group = []

    def _let_go(self, group: list[_Item], written: bool) -> None:
        """Wake the threads and send the answers of a group; count it, whatever became of it."""
        state = self.state
        state.writable = written
        self._stalled = False
        if written:
            state.recorded += len(group)
        else:
            self._lost(len(group), "the journal could not be written")
        for _payload, waiting in group:
            if isinstance(waiting, list):
                _send(waiting)
            elif waiting.waiting:
                waiting.ok = written
                waiting.lock.release()

    def _write_group(self, group: list[_Item]) -> bool:
        for _attempt in (1, 2):
            segment = self._current()
            if segment is None:
                return False
            seed = segment.seed
            try:
                segment.write_and_sync(b"".join([frame(payload, seed) for payload, _waiting in group]))
                return True
            except OSError as error:
                self._give_up_segment(segment, error)
        return False

    def _give_up_segment(self, segment: OpenSegment, error: OSError) -> None:
        """After an error nothing more is acknowledged on a descriptor: nobody knows what it would lose."""
        self.state.failed_syncs += 1
        segment.failed = True
        self._segment = None
        logger.error("Click journal segment %s failed and is given up: %s", segment.name, error)
        try:
            segment.cut_back()
        except OSError:
            logger.error("It could not be cut back; clicks in it may be stored though they are counted as lost.")

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
            try:
                segment.append(frame(payload, segment.seed))
            except OSError as error:
                with self._segment_lock:
                    if self._segment is segment:
                        segment.failed = True
                        self._segment = None
                        logger.error("Click journal segment %s failed and is given up: %s", segment.name, error)
                continue
            self._dirty = True
            if self._idle:
                self._rouse()
            return True
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
                logger.error("Click journal segment %s could not be synced and is given up: %s", segment.name, error)
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
                self._segment = OpenSegment(self.directory, shared=self.sync != "fsync")
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
