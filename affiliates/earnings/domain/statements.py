"""What a transfer means on a creator's statement, and which document a month makes. `docs/money/periods.md`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

PENDING, APPROVED, AVAILABLE, IN_TRANSIT = STAGES = ("pending", "approved", "available", "in_transit")
#: What is billed once it is there: everything but pending.
BILLED = frozenset({APPROVED, AVAILABLE, IN_TRANSIT})
_STAGE_OF = {
    "creator_pending": PENDING,
    "creator_approved": APPROVED,
    "creator_available": AVAILABLE,
    "payout_in_transit": IN_TRANSIT,
}
INVOICE, CREDIT_NOTE = "invoice", "credit_note"
ORDER, PAYOUT, ADJUSTMENT = "order", "payout", "adjustment"


def stage_of_account(kind: str) -> str:
    """The column an account of a creator's money stands in; empty for all others."""
    return _STAGE_OF.get(kind, "")


@dataclass(frozen=True, slots=True)
class Step:
    """One transfer as it touches one creator: out of one column, into another; "" is elsewhere."""

    out_of: str
    into: str
    amount_minor: int
    cause: str

    @property
    def total_minor(self) -> int:
        """By how much it changes what the creator has in all."""
        return self.amount_minor * (bool(self.into) - bool(self.out_of))

    @property
    def billed_minor(self) -> int:
        """By how much it changes what is billed to the platform: only orders are."""
        if self.cause != ORDER:
            return 0
        return self.amount_minor * ((self.into in BILLED) - (self.out_of in BILLED))


@dataclass(frozen=True, slots=True)
class Account:
    """A statement's figures. The columns are opening and closing by stage, in the order of STAGES."""

    opening: tuple[int, int, int, int]
    closing: tuple[int, int, int, int]
    earned_minor: int
    adjusted_minor: int
    paid_minor: int
    net_minor: int

    @property
    def opening_minor(self) -> int:
        return sum(self.opening)

    @property
    def closing_minor(self) -> int:
        return sum(self.closing)

    @property
    def document(self) -> str:
        """invoice, credit_note, or nothing where there is nothing to bill."""
        if self.net_minor == 0:
            return ""
        return INVOICE if self.net_minor > 0 else CREDIT_NOTE


def account_for(opening: tuple[int, int, int, int], steps: Iterable[Step]) -> Account:
    """The figures that these steps make of an opening."""
    columns = dict(zip(STAGES, opening, strict=True))
    sums = dict.fromkeys((ORDER, PAYOUT, ADJUSTMENT), 0)
    net = 0
    for step in steps:
        if step.out_of:
            columns[step.out_of] -= step.amount_minor
        if step.into:
            columns[step.into] += step.amount_minor
        sums[step.cause] += step.total_minor
        net += step.billed_minor
    closing = (columns[PENDING], columns[APPROVED], columns[AVAILABLE], columns[IN_TRANSIT])
    return Account(opening, closing, sums[ORDER], sums[ADJUSTMENT], -sums[PAYOUT], net)
