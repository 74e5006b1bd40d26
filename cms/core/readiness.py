"""What `/readyz` asks. Apps register a named question; its answer is data, and whether it stops the site is theirs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Question = Callable[[], tuple[bool, Any]]
_questions: dict[str, Question] = {}


def register(name: str, question: Question) -> None:
    """`question()` answers (ready, data to show)."""
    _questions[name] = question


def report() -> dict[str, Any]:
    """Every answer's data by name."""
    return {name: question()[1] for name, question in sorted(_questions.items())}


def all_ready() -> bool:
    """Whether every question is answered with ready."""
    return all(question()[0] for question in _questions.values())
