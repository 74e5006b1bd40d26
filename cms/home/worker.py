"""How one worker goes about its jobs.

Quick jobs have the worker's own loop for themselves, so a click is stored at once whatever else goes on; every other
job runs in a thread of its own with a connection of its own, a few beside each other, none beside itself.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
import traceback

from django.db import close_old_connections, connection, connections
from django.utils import timezone

from cms.core import leases, periodic
from cms.core.periodic import Interrupted, Job

logger = logging.getLogger("vitrina.worker")
LONGEST_PAUSE_SECONDS = 0.25
#: Jobs beside each other, besides the quick ones.
THREADS = 4
RENEW_EVERY_SECONDS = 20.0
#: A job that did not get its lease asks again after its own time, but no later than this, should the other one die.
ASK_AGAIN_SECONDS = 10.0
#: How often it is written down that a job of each node, or one with nothing to do, is well.
NOTE_EVERY_SECONDS = 60.0
AFTER_FAILURE_SECONDS = 2.0
STOPPING_SECONDS = 8.0


class Worker:
    """Does what is due until it is told to stop."""

    def __init__(self, name: str = "") -> None:
        self.name = name or f"{socket.gethostname()[:50]}-{os.getpid()}-{secrets.token_hex(3)}"
        self.stopping = threading.Event()
        self.due: dict[str, float] = {}
        self.noted: dict[str, float] = {}
        self.running: dict[str, threading.Thread] = {}
        self.leased: set[str] = set()
        self.lost: set[str] = set()
        self.lock = threading.Lock()
        #: Set while no quick job runs.
        self.quiet = threading.Event()
        self.quiet.set()
        self.renewed = time.monotonic()

    def stop(self) -> None:
        """End soon. Safe in a signal handler."""
        self.stopping.set()

    def work(self) -> None:
        """Until stopped; jobs that cannot end in time are left, and their leases given back."""
        while not self.stopping.is_set():
            pause = self.turn()
            # Not the event's own wait: a signal handler that sets an event its own thread waits for can block.
            time.sleep(pause)
        self._wind_up()

    def turn(self) -> float:
        """Start what is due; returns how long to wait for the next. May be repeated."""
        for job in sorted(periodic.jobs(), key=lambda job: self.due.get(job.name, 0.0)):
            if self.stopping.is_set() or time.monotonic() < self.due.get(job.name, 0.0):
                continue
            if job.quick:
                self._run_quick(job)
            else:
                self._start(job)
        if time.monotonic() - self.renewed >= RENEW_EVERY_SECONDS:
            self._renew()
        now = time.monotonic()
        with self.lock:
            ahead = [due - now for due in self.due.values() if due > now]
        return max(0.01, min([*ahead, LONGEST_PAUSE_SECONDS]))

    # In the loop ----------------------------------------------------------------------------------------------------

    def _run_quick(self, job: Job) -> None:
        close_old_connections()
        self.quiet.clear()
        well = False
        try:
            well = self._do(job)
        except Exception as error:  # noqa: BLE001  the database is away; the worker outlives that
            _log(error, f"job {job.name} could not be noted")
        finally:
            self.quiet.set()
        pause = job.seconds if well else max(job.seconds, AFTER_FAILURE_SECONDS)
        with self.lock:
            self.due[job.name] = time.monotonic() + pause

    def _renew(self) -> None:
        self.renewed = time.monotonic()
        close_old_connections()
        with self.lock:
            names = sorted(self.leased)
        if not names:
            return
        try:
            lost = leases.renew(names=names, by=self.name, now=timezone.now())
        except Exception as error:  # noqa: BLE001  the database is away for a moment; the lease lasts for several tries
            _log(error, "leases could not be renewed")
            return
        with self.lock:
            self.lost |= lost & self.leased

    # In threads -----------------------------------------------------------------------------------------------------

    def _start(self, job: Job) -> None:
        with self.lock:
            if job.name in self.running or len(self.running) >= THREADS:
                return
            thread = threading.Thread(target=self._run_in_thread, args=(job,), name=job.name, daemon=True)
            self.running[job.name] = thread
        thread.start()

    def _run_in_thread(self, job: Job) -> None:
        again = job.seconds
        try:
            periodic.set_pulse(lambda: self._pulse(job))
            again = self._run_if_ours(job)
        except Exception as error:  # noqa: BLE001  the database is away; the worker outlives that
            _log(error, f"job {job.name} could not be begun or noted")
        finally:
            connections.close_all()
            with self.lock:
                self.due[job.name] = time.monotonic() + again
                self.running.pop(job.name, None)

    def _run_if_ours(self, job: Job) -> float:
        """Run it where it is due and ours; returns when to ask again."""
        if job.when_waiting and job.backlog is not None and not job.backlog():
            if self._is_time_to_note(job):
                leases.note_idle(job=job, now=timezone.now())
            return job.seconds
        if job.per_node:
            self._do(job)
            return job.seconds
        if not leases.take(job=job, by=self.name, now=timezone.now()):
            return min(job.seconds, ASK_AGAIN_SECONDS)
        with self.lock:
            self.leased.add(job.name)
        try:
            self._do(job)
        finally:
            with self.lock:
                self.leased.discard(job.name)
                self.lost.discard(job.name)
        return min(job.seconds, ASK_AGAIN_SECONDS)

    def _pulse(self, job: Job) -> None:
        if self.stopping.is_set() or job.name in self.lost:
            raise Interrupted
        # SQLite has one writer, and one that writes without a break lets nobody else in.
        if connection.vendor == "sqlite" and not connection.in_atomic_block:
            time.sleep(0.02)
            self.quiet.wait(2.0)

    # Both -----------------------------------------------------------------------------------------------------------

    def _do(self, job: Job) -> bool:
        """Run it and note what came of it; returns whether it is well."""
        began = time.monotonic()
        try:
            job.run()
        except Interrupted:
            leases.give_back(job=job, by=self.name, now=timezone.now())
            return True
        except Exception as error:  # noqa: BLE001  one job's fault is none of the others'
            _log(error, f"job {job.name} failed")
            close_old_connections()
            leases.note_failure(
                job=job, by=self.name, now=timezone.now(), took_ms=_milliseconds_since(began), error=error
            )
            self.noted.pop(job.name, None)
            return False
        if not job.per_node or self._is_time_to_note(job):
            leases.note_success(job=job, by=self.name, now=timezone.now(), took_ms=_milliseconds_since(began))
        return True

    def _is_time_to_note(self, job: Job) -> bool:
        if time.monotonic() - self.noted.get(job.name, float("-inf")) < max(NOTE_EVERY_SECONDS, job.seconds):
            return False
        self.noted[job.name] = time.monotonic()
        return True

    def _wind_up(self) -> None:
        deadline = time.monotonic() + STOPPING_SECONDS
        for thread in list(self.running.values()):
            thread.join(max(0.0, deadline - time.monotonic()))
        with self.lock:
            left = [job for job in periodic.jobs() if job.name in self.leased]
        for job in left:
            leases.give_back(job=job, by=self.name, now=timezone.now())


def _milliseconds_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


def _log(error: BaseException, what: str) -> None:
    """With its way through the code; its words only without addresses, which can be keys."""
    way = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    logger.error("%s: %s\n%s", what, leases.describe(error), way)
