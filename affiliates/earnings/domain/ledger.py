"""Which transfers bring the books to where they should be.

An order's money is described by what its accounts should hold because of it (`target`). What is booked
already comes from the transfers it caused. `moves` is the difference, so whatever was reported in whatever
order and however often, the books end where the order's last state says.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from affiliates.earnings.domain.states import Stage

MERCHANT_RECEIVABLE = "merchant_receivable"
PLATFORM_PENDING = "platform_pending"
PLATFORM_MARGIN = "platform_margin"

ACCRUAL, APPROVAL, RELEASE, RETURN, REVERSAL, RECREDIT = (
    "accrual", "approval", "release", "back_to_pending", "reversal", "recredit",
)  # fmt: skip
PAYOUT, PAYOUT_SENT, PAYOUT_REJECTED, PAYOUT_RETURNED, PAYOUT_EXCHANGE = (
    "payout", "payout_sent", "payout_rejected", "payout_returned", "payout_exchange",
)  # fmt: skip
BRAND_PAYMENT, ADJUSTMENT = "brand_payment", "adjustment"
#: Money that nobody can explain yet, and where it turned out to belong.
SUSPENSE, SUSPENSE_END = "suspense", "suspense_end"

_HEIGHT = {
    MERCHANT_RECEIVABLE: 0,
    "creator_pending": 1,
    PLATFORM_PENDING: 1,
    "creator_approved": 2,
    "creator_available": 3,
    PLATFORM_MARGIN: 3,
}


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """An account without its currency: what it is and whose. 0 stands for nobody."""

    kind: str
    merchant_id: int = 0
    creator_id: int = 0

    @property
    def party(self) -> tuple[int, int]:
        """Whose money it is; (0, 0) is the platform."""
        return self.merchant_id, self.creator_id


@dataclass(frozen=True, slots=True)
class Move:
    """A transfer to be: a positive amount from one slot to another."""

    debit: Slot
    credit: Slot
    amount_minor: int
    kind: str


def target(
    *, merchant_id: int, creator_id: int | None, creator_minor: int, platform_minor: int, stage: Stage
) -> dict[Slot, int]:
    """What an order's accounts should hold because of it: credits less debits, adding up to nothing."""
    platform = PLATFORM_PENDING if stage is Stage.PENDING else PLATFORM_MARGIN
    wanted = {
        Slot(MERCHANT_RECEIVABLE, merchant_id=merchant_id): -(creator_minor + platform_minor),
        Slot(platform): platform_minor,
    }
    if creator_id is not None:
        wanted[Slot(f"creator_{stage}", creator_id=creator_id)] = creator_minor
    elif creator_minor:
        raise ValueError("money for a creator without a creator")
    return {slot: amount for slot, amount in wanted.items() if amount}


def _kind(debit: Slot, credit: Slot) -> str:
    if debit.kind == MERCHANT_RECEIVABLE:
        return ACCRUAL
    if credit.kind == MERCHANT_RECEIVABLE:
        return REVERSAL
    if debit.party != credit.party:
        return RECREDIT
    if _HEIGHT[credit.kind] < _HEIGHT[debit.kind]:
        return RETURN
    return RELEASE if debit.kind == "creator_approved" else APPROVAL


def moves(booked: Mapping[Slot, int], wanted: Mapping[Slot, int]) -> list[Move]:
    """The fewest moves that turn what is booked into what is wanted; none when they agree.

    Money first moves between accounts of the same party, so that an approval reads as one; only what is left
    is settled with another party. ValueError when one of the two does not add up to nothing, since then money
    would come from nowhere.
    """
    if sum(booked.values()) or sum(wanted.values()):
        raise ValueError("an order's accounts must add up to nothing")
    change = {slot: wanted.get(slot, 0) - booked.get(slot, 0) for slot in sorted({*booked, *wanted})}
    found: list[Move] = []
    for same_party in (True, False):
        for debit in change:
            for credit in change:
                if same_party and debit.party != credit.party:
                    continue
                amount = min(-change[debit], change[credit])
                if amount > 0:
                    found.append(Move(debit, credit, amount, _kind(debit, credit)))
                    change[debit] += amount
                    change[credit] -= amount
    return found
