"""How far a long command is: a bar that is written over on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Protocol

#: Told of a step, how much of it is done, of how much (0: nobody knows), and what is counted.
Report = Callable[[str, int, int, str], None]
_BAR, _WIDTH = 24, 78


class _Stream(Protocol):
    def write(self, text: str, *, ending: str = ...) -> object: ...
    def flush(self) -> None: ...
    def isatty(self) -> bool: ...


def silent(step: str, done: int, of: int, what: str) -> None:
    """For whoever need not know."""


class Meter:
    """Writes progress to a command's output."""

    def __init__(self, stream: _Stream, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream, self._clock = stream, clock
        self._on_terminal = stream.isatty()
        self._every = 0.2 if self._on_terminal else 5.0
        self._step, self._begun, self._last, self._drawn = "", 0.0, 0.0, False

    def __call__(self, step: str, done: int, of: int, what: str) -> None:
        now = self._clock()
        if step != self._step:
            self._step, self._begun, self._last = step, now, now - (self._every if self._on_terminal else 0)
        finished = 0 < of <= done
        if now - self._last < self._every and not (finished and self._drawn):
            return
        self._last = now
        self._write(self._line(step, done, of, what, now - self._begun))

    def _line(self, step: str, done: int, of: int, what: str, seconds: float) -> str:
        share = min(1.0, done / of) if of else 0.0
        bar = f"[{'#' * int(share * _BAR):<{_BAR}}] " if self._on_terminal and of else ""
        percent = f"{share:4.0%} " if of else ""
        pace = f", {done / seconds:,.0f} a second" if seconds > 1 else ""
        return f"{step}: {bar}{percent}{done:,}{f' of {of:,}' if of else ''} {what}{pace}"

    def _write(self, line: str) -> None:
        if self._on_terminal:
            self._stream.write(f"\r{line[:_WIDTH]:<{_WIDTH}}", ending="")
            self._stream.flush()
            self._drawn = True
        else:
            self._stream.write(line)

    def close(self) -> None:
        """Take the bar away."""
        if self._drawn:
            self._stream.write(f"\r{'':<{_WIDTH}}\r", ending="")
            self._stream.flush()
            self._drawn = False
