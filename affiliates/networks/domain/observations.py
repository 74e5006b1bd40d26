"""What a network says about a transaction, in our words. `docs/money/reports.md` has the tables."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, NamedTuple, Protocol

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.networks.domain.mappings import TableMapping
from cms.core.domain.money import CURRENCIES, LARGEST_MINOR, exponent

LONGEST_ID = 100
LONGEST_TEXT = 200
_NUMBER = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,12}))?", re.ASCII)


class State(StrEnum):
    """How far a transaction has come at its network. Empty where its word is not known."""

    UNKNOWN = ""
    TRACKED = "tracked"
    PENDING = "pending"
    APPROVED = "approved"
    LOCKED = "locked"
    PAYABLE = "payable"
    PAID = "paid"
    DECLINED = "declined"
    DELETED = "deleted"


class Kind(StrEnum):
    """What a transaction is about. Empty where its word is not known."""

    UNKNOWN = ""
    SALE = "sale"
    LEAD = "lead"
    BONUS = "bonus"


#: State → what it makes of our order.
STATUS: dict[State, str] = {
    State.TRACKED: "pending",
    State.PENDING: "pending",
    State.APPROVED: "approved",
    State.LOCKED: "approved",
    State.PAYABLE: "approved",
    State.PAID: "approved",
    State.DECLINED: "reversed",
    State.DELETED: "reversed",
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A signed amount as reported: a plain decimal and its currency."""

    text: str
    currency: str

    @property
    def minor(self) -> int | None:
        """Its minor units, where they are exact."""
        match = _NUMBER.fullmatch(self.text)
        if match is None:
            return None
        digits, fraction = exponent(self.currency), (match[3] or "").rstrip("0")
        if len(fraction) > digits:
            return None
        minor = int(match[2] + fraction.ljust(digits, "0"))
        return None if minor > LARGEST_MINOR else (-minor if match[1] else minor)


def read_amount(text: str, currency: str, field: str) -> Amount:
    """The amount in a plain decimal string. FieldFault for anything else."""
    if currency not in CURRENCIES:
        raise FieldFault("currency", f"{currency[:10]!r} is not a currency we know" if currency else "is missing")
    match = _NUMBER.fullmatch(text)
    if match is None or int(match[2]) > LARGEST_MINOR:
        raise FieldFault(field, f"{text[:40]!r} is not an amount")
    whole = match[2].lstrip("0") or "0"
    plain = f"{whole}.{match[3]}" if match[3] else whole
    return Amount(match[1] + plain if plain.strip("0.") else plain, currency)


@dataclass(frozen=True, slots=True)
class Said:
    """One statement about one transaction. Times are in UTC."""

    external_id: str
    state: State
    kind: Kind
    sale: Amount
    event_at: dt.datetime
    commission: Amount | None = None
    order_id: str = ""
    state_word: str = ""
    kind_word: str = ""
    click_at: dt.datetime | None = None
    updated_at: dt.datetime | None = None
    sub_id: str = ""
    coupon: str = ""
    country: str = ""
    reason_code: str = ""
    reason_text: str = ""
    advertiser: str = ""

    @property
    def digest(self) -> str:
        """Equal for equal statements, however they were written."""
        amounts = [
            [self._exact(amount), amount.currency] if amount else None for amount in (self.sale, self.commission)
        ]
        times = [at.isoformat() if at else None for at in (self.event_at, self.click_at, self.updated_at)]
        said = [
            self.external_id, self.state, self.state_word, self.kind, self.kind_word, amounts, times, self.order_id,
            self.sub_id, self.coupon, self.country, self.reason_code, self.reason_text,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()

    @staticmethod
    def _exact(amount: Amount) -> str:
        whole, _, fraction = amount.text.partition(".")
        return f"{whole}.{fraction.rstrip('0')}"


def why_parked(said: Said) -> str:
    """Why a statement cannot be booked, or nothing."""
    if said.kind is Kind.BONUS:
        return "bonus"
    if said.kind is Kind.UNKNOWN:
        return "unknown_kind"
    if said.state is State.UNKNOWN:
        return "unknown_state"
    if said.sale.minor is None:
        return "finer_than_currency"
    return "negative_amount" if said.sale.minor < 0 else ""


def order_status(states: Sequence[State]) -> str:
    """The status of an order whose transactions are in these states."""
    standing = {STATUS[state] for state in states} - {"reversed"}
    if not standing:
        return "reversed"
    return "pending" if "pending" in standing else "approved"


def clean(value: str, field: str, most: int) -> str:
    """A text without space around it. FieldFault when it is too long, or holds what is no text."""
    text = value.strip()
    if len(text) > most:
        raise FieldFault(field, f"has more than {most} characters")
    if any(ord(char) < 32 or 127 <= ord(char) < 160 or 0xD800 <= ord(char) <= 0xDFFF for char in text):
        raise FieldFault(field, "holds control characters")
    return text


@dataclass(frozen=True, slots=True)
class Context:
    """What a parser may lean on: the account's currency, and the mapping of a table."""

    currency: str = ""
    mapping: TableMapping | None = None


class ReadRow(NamedTuple):
    """A row of a file: its number from 1, its bytes, and what it says or what is wrong with it."""

    number: int
    raw: bytes
    said: Said | FieldFault
    external_id: str = ""


class Parser(Protocol):
    """A network's `parser.py`."""

    VERSION: int
    #: Whether the network's transaction ids are its own, so that one never belongs to two merchants.
    IDS_ARE_THE_NETWORKS: bool
    NEEDS_MAPPING: bool

    def read(self, source: BinaryIO, context: Context) -> Iterator[ReadRow]:
        """The rows of a file. StructuralFault where it cannot be believed."""
