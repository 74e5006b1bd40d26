"""What the worker does again and again. Apps register their jobs in `ready()`; `manage.py work` calls them when due.

A job finds its work in the state of its rows, so a missed or doubled call loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Job:
    """A named function called about every `seconds`."""

    name: str
    seconds: float
    run: Callable[[], object]


_jobs: dict[str, Job] = {}


def register(name: str, seconds: float, run: Callable[[], object]) -> None:
    """Add a job; a second registration under the name replaces the first."""
    _jobs[name] = Job(name, seconds, run)


def jobs() -> list[Job]:
    """All jobs, by name."""
    return [_jobs[name] for name in sorted(_jobs)]
