"""What a bank's file says, in our words, and what in a line's words names something of ours."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

#: How far apart in days the books and the bank may date one movement.
DAYS_APART = 5
_REF = re.compile(r"(?<![0-9a-f])[0-9a-f]{12}(?![0-9a-f])")


class BankFileFault(Exception):
    """What is wrong with a file, each with its row; nothing of it is taken."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = list(faults)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One movement as the file states it. Positive came in."""

    row: int
    bank_ref: str
    booked_on: dt.date
    amount_minor: int
    party: str = ""
    end_to_end: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class ReadStatement:
    """A statement as the file states it; balances where it has any."""

    account: str
    currency: str
    number: str
    lines: list[ReadLine] = field(default_factory=list)
    opening_minor: int | None = None
    closing_minor: int | None = None


def refs_in(*texts: str) -> set[str]:
    """Our references in a bank's words, which may be broken by blanks and in capitals."""
    found: set[str] = set()
    for text in texts:
        low = text.lower()
        found.update(_REF.findall(low))
        found.update(_REF.findall("".join(low.split())))
    return found


@dataclass(frozen=True, slots=True)
class Suggestion:
    """What a line may be. `is_certain` where a reference of ours or a day and amount nobody else has says so."""

    action: str
    words: str
    is_certain: bool = False


def unambiguous(found: Sequence[Suggestion]) -> Suggestion | None:
    """The one thing a line is, if exactly one is certain."""
    certain = [one for one in found if one.is_certain]
    return certain[0] if len(certain) == 1 else None
