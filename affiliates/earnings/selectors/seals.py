"""Sealed stretches of the books, and whether they are still as they were."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from affiliates.earnings.domain.seals import START, SealedRow, first_difference, seal
from affiliates.earnings.models import Seal, Transfer
from affiliates.earnings.selectors.violations import Violation

_COLUMNS = (
    "seq", "group", "debit_id", "credit_id", "amount_minor", "currency", "kind", "source_key",
    "conversion_id", "payout_id", "effective_at", "created_at", "actor_id", "bonus_id",
)  # fmt: skip


def rows_between(after_seq: int, through_seq: int | None = None, *, limit: int | None = None) -> Iterator[SealedRow]:
    """The transfers after one and through another, in order, as they are sealed. One query."""
    found = Transfer.objects.filter(seq__gt=after_seq).order_by("seq")
    if through_seq is not None:
        found = found.filter(seq__lte=through_seq)
    rows = found.values_list(*_COLUMNS)[:limit] if limit else found.values_list(*_COLUMNS)
    for seq, group, *others in rows.iterator(chunk_size=2000):
        yield SealedRow(seq, group.hex, *others)


def last_seal() -> Seal | None:
    """The head of the chain. One query."""
    return Seal.objects.defer("leaves").order_by("-number").first()


def seals_hold() -> Iterator[Violation]:
    """M2: what was sealed is what is there; names the first transfer of each seal that is not. Two queries a seal."""
    previous, through = START, 0
    for number, found in enumerate(Seal.objects.order_by("number").iterator(chunk_size=20), 1):
        subject = f"seal {found.number}"
        if found.number != number or found.previous != previous or found.through_seq <= through:
            yield Violation("M2", subject, "does not follow from the seal before it")
        rows: Iterable[SealedRow] = list(rows_between(through, found.through_seq))
        difference = first_difference(bytes(found.leaves), rows)
        if difference:
            yield Violation("M2", f"transfer {difference[0]}", f"{difference[1]} (seal {found.number})")
        elif seal(found.previous, rows).digest != found.digest:
            yield Violation("M2", subject, "its digest is not that of its transfers")
        previous, through = found.digest, found.through_seq
