"""Closed months and statements, held against the transfers they were made from."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from affiliates.earnings.models import Period, Statement, Transfer
from affiliates.earnings.selectors.statements import Key, gaps_in_numbers, months_of
from affiliates.earnings.selectors.violations import Violation

CHUNK = 200


def months_are_shut() -> Iterator[Violation]:
    """M2: closed months follow on each other, and nothing was booked into them later. Two queries a month."""
    before: Period | None = None
    for period in Period.objects.order_by("ends_at"):
        subject = f"month {period.month}"
        if before and before.as_month().next != period.as_month():
            yield Violation("M2", subject, f"does not follow on {before.month}")
        late = Transfer.objects.filter(seq__gt=period.through_seq, effective_at__lt=period.ends_at)
        if found := late.order_by("seq").first():
            yield Violation("M2", f"transfer {found.seq}", f"was booked into {period.month} after it was closed")
        before = period


def statements_reproduce() -> Iterator[Violation]:
    """M11: each statement is what its transfers say, opens with the last closing, and numbers have no gaps."""
    for kind, number in gaps_in_numbers():
        yield Violation("M11", f"{kind} {number}", "is missing in the row of numbers")
    closing: dict[Key, int] = {}
    for period in Period.objects.order_by("ends_at"):
        last = 0
        while rows := list(
            Statement.objects.filter(period=period, pk__gt=last).select_related("period").order_by("pk")[:CHUNK]
        ):
            last = rows[-1].pk
            computed = months_of([(row.creator_id, row.currency) for row in rows], period.as_month())
            for row in rows:
                subject, key = f"statement {row.ref}", (row.creator_id, row.currency)
                if hashlib.sha256(row.body.encode()).hexdigest() != row.digest:
                    yield Violation("M2", subject, "its body is not what was frozen")
                if row.opening_minor != closing.get(key, 0):
                    yield Violation("M11", subject, "does not open with the closing before it")
                closing[key] = row.closing_minor
                figures = computed[key].figures if key in computed else None
                stored = (row.opening_minor, row.earned_minor, row.adjusted_minor, row.paid_minor, row.net_minor)
                if figures is None or stored != (
                    figures.opening_minor,
                    figures.earned_minor,
                    figures.adjusted_minor,
                    figures.paid_minor,
                    figures.net_minor,
                ):
                    yield Violation("M11", subject, "its figures are not those of its transfers")
