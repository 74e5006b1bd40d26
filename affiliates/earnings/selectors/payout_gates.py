"""Other rules that hold a creator's payouts back. Whoever has one registers it in `ready()`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

#: creators and a day → those who are held back, each with the reason in the reader's language.
Gate = Callable[[Collection[int], dt.date], dict[int, str]]
_gates: dict[str, Gate] = {}


def register(name: str, gate: Gate) -> None:
    """Ask this gate before a creator is paid. May be repeated; a name has one gate."""
    _gates[name] = gate


def held_back(creator_ids: Collection[int], on: dt.date) -> dict[int, str]:
    """creator → why another rule holds their payouts back; the first that does. Its queries are the gates'."""
    found: dict[int, str] = {}
    for name in sorted(_gates):
        found = _gates[name](creator_ids, on) | found
    return found
