"""What a payment provider has to be able to do for us."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What a provider can say about a payout. SILENCE is also whatever went wrong on the way to it or back."""

    PAID = "paid"
    REFUSED = "refused"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    UNKNOWN_REF = "not_known"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's answer: the outcome, its own reference, and why where it went wrong."""

    outcome: Outcome
    reference: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Order:
    """What a provider is told. `ref` is the idempotency key: two orders of one reference are one payment."""

    ref: str
    account: str
    name: str
    currency: str
    amount_minor: int


class Provider(Protocol):
    """A payment provider. Each call returns within a minute or raises; what it raises counts as silence."""

    def send(self, order: Order) -> Answer:
        """Ask for a payment. UNKNOWN_REF is no answer to this."""

    def query(self, ref: str) -> Answer:
        """What became of a reference; UNKNOWN_REF only when it surely never arrived."""
