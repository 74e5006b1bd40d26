"""Whether anybody runs this site yet."""

from __future__ import annotations

from community.models import User

_somebody_is_there = False


def first_run_is_open() -> bool:
    """Whether the site still waits for its first person. One query while it does, none after."""
    global _somebody_is_there  # a fact that only ever becomes true
    if not _somebody_is_there:
        _somebody_is_there = User.objects.exists()
    return not _somebody_is_there


def forget() -> None:
    """Ask the database again. For tests."""
    global _somebody_is_there
    _somebody_is_there = False
