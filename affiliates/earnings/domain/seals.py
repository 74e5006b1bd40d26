"""The hash chain over transfers. `docs/money/periods.md`."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

START = "0" * 64
#: Bytes of a leaf: the transfer's number, and the beginning of the hash of its line.
_NUMBER, _HASH = 8, 8
LEAF = _NUMBER + _HASH


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A transfer as it is sealed."""

    seq: int
    group: str
    debit_id: int
    credit_id: int
    amount_minor: int
    currency: str
    kind: str
    source_key: str
    conversion_id: int | None
    payout_id: int | None
    effective_at: dt.datetime
    created_at: dt.datetime
    actor_id: int | None
    bonus_id: int | None = None

    def line(self) -> bytes:
        """Its canonical bytes. The bonus stands last and only where there is one: what was sealed before there were
        bonuses keeps its bytes.
        """
        cells: list[object] = [
            self.seq, self.group, self.debit_id, self.credit_id, self.amount_minor, self.currency, self.kind,
            self.source_key, self.conversion_id, self.payout_id, _moment(self.effective_at),
            _moment(self.created_at), self.actor_id,
        ]  # fmt: skip
        if self.bonus_id is not None:
            cells.append(self.bonus_id)
        return json.dumps(cells, ensure_ascii=True, separators=(",", ":")).encode() + b"\n"


def _moment(at: dt.datetime) -> str:
    return at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal keeps of the rows it covers."""

    digest: str
    leaves: bytes
    count: int
    through_seq: int


def _leaf(row: SealedRow) -> bytes:
    return row.seq.to_bytes(_NUMBER, "big") + hashlib.sha256(row.line()).digest()[:_HASH]


def seal(previous: str, rows: Iterable[SealedRow]) -> Sealed:
    """The digest over the previous one and the rows, in the order given."""
    whole, leaves, last = hashlib.sha256(bytes.fromhex(previous)), bytearray(), 0
    for row in rows:
        whole.update(row.line())
        leaves += _leaf(row)
        last = row.seq
    return Sealed(whole.hexdigest(), bytes(leaves), len(leaves) // LEAF, last)


def first_difference(leaves: bytes, rows: Iterable[SealedRow]) -> tuple[int, str] | None:
    """The first number at which the rows are not those that were sealed, and how; None when all are."""
    sealed = _known(leaves)
    expected = next(sealed, None)
    for row in rows:
        if expected is None or row.seq < expected[0]:
            return row.seq, "was put in after the seal"
        if row.seq > expected[0]:
            return expected[0], "was sealed and is missing"
        if _leaf(row)[_NUMBER:] != expected[1]:
            return row.seq, "is not as it was sealed"
        expected = next(sealed, None)
    return (expected[0], "was sealed and is missing") if expected else None


def _known(leaves: bytes) -> Iterator[tuple[int, bytes]]:
    for start in range(0, len(leaves), LEAF):
        yield int.from_bytes(leaves[start : start + _NUMBER], "big"), leaves[start + _NUMBER : start + LEAF]
