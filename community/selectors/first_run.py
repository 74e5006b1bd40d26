"""Whether anybody runs this site yet."""

from __future__ import annotations

from community.models import User

_set_up = False


def site_is_set_up() -> bool:
    """Whether there is a person. One query until there is, none after."""
    global _set_up
    if not _set_up:
        _set_up = User.objects.exists()
    return _set_up


def forget() -> None:
    """Ask the database again. For tests."""
    global _set_up
    _set_up = False
