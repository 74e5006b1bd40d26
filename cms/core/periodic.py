"""What the worker does again and again. Apps register their jobs in `ready()`; `manage.py work` calls them when due.

A job finds its work in the state of its rows, so a missed or doubled call loses nothing. What several workers do about
one job is decided in `cms.core.leases`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True)
class Job:
    """A named function called about every `seconds`.

    A job is of the whole site: however many workers there are, one of them does it. One that is `per_node` is done by
    each of them, because it is about something on this machine. Jobs run beside each other, except a `quick` one,
    which has the worker's own loop for itself and must return within a moment. `backlog` counts what waits for the
    job; with `when_waiting` it is not called at all while that is nothing.
    """

    name: str
    seconds: float
    run: Callable[[], object]
    label: Text = ""
    backlog: Callable[[], int] | None = None
    per_node: bool = False
    quick: bool = False
    when_waiting: bool = False

    @property
    def title(self) -> Text:
        """What people call it."""
        return self.label or self.name


class Interrupted(Exception):
    """The worker is to stop, or another worker took this job over: leave it; what was begun is done again later."""


_jobs: dict[str, Job] = {}
_thread = threading.local()


def register(
    name: str,
    seconds: float,
    run: Callable[[], object],
    *,
    label: Text = "",
    backlog: Callable[[], int] | None = None,
    per_node: bool = False,
    quick: bool = False,
    when_waiting: bool = False,
) -> None:
    """Add a job; a second registration under the name replaces the first."""
    if when_waiting and backlog is None:
        raise ValueError(f"{name}: what waits is counted by `backlog`")
    if quick and not per_node:
        raise ValueError(f"{name}: a job of the whole site waits for its lease, so it is never quick")
    _jobs[name] = Job(name, seconds, run, label, backlog, per_node, quick, when_waiting)


def jobs() -> list[Job]:
    """All jobs, by name."""
    return [_jobs[name] for name in sorted(_jobs)]


def pulse() -> None:
    """Long jobs call this between two steps, outside of transactions: it lets quick jobs go first.

    Raises Interrupted where the job should end. Outside of a worker it does nothing.
    """
    if (on_pulse := getattr(_thread, "on_pulse", None)) is not None:
        on_pulse()


def set_pulse(on_pulse: Callable[[], None] | None) -> None:
    """For the worker: what `pulse()` does in this thread."""
    _thread.on_pulse = on_pulse
