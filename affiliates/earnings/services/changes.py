"""Every change of an order is a row. `docs/money/validation.md`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from affiliates.earnings.domain.states import Stage, Status
from affiliates.earnings.models import Conversion, ConversionLine, OrderChange
from community.models import User


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An order at a moment: its state, whom it is credited to, and its amounts."""

    status: str
    stage: str
    creator_id: int | None
    currency: str
    amount_minor: int
    refunded_minor: int
    commission_minor: int
    creator_minor: int


@dataclass(frozen=True, slots=True)
class Change:
    """An order as it is about to be saved, and what it was before."""

    conversion: Conversion
    lines: Sequence[ConversionLine]
    before: Snapshot | None
    channel: str
    actor: User | None = None
    note: str = ""


def snapshot(conversion: Conversion, lines: Sequence[ConversionLine]) -> Snapshot:
    """The order as these objects have it now."""
    stage = Stage.PENDING
    if conversion.status == Status.APPROVED:
        stage = Stage.AVAILABLE if conversion.released_at else Stage.APPROVED
    return Snapshot(
        status=conversion.status,
        stage=stage,
        creator_id=conversion.creator_id,
        currency=conversion.currency,
        amount_minor=sum(line.amount_minor for line in lines),
        refunded_minor=sum(line.refunded_minor for line in lines),
        commission_minor=sum(line.commission_minor for line in lines),
        creator_minor=sum(line.creator_minor for line in lines),
    )


def record_changes(*, changes: Sequence[Change], now: dt.datetime) -> int:
    """Write a row for each order that is not what it was; returns how many. One query, inside the transaction
    that changes the orders. Not repeatable.
    """
    rows = [row for change in changes if (row := _row(change, now)) is not None]
    OrderChange.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _row(change: Change, now: dt.datetime) -> OrderChange | None:
    conversion, before, after = change.conversion, change.before, snapshot(change.conversion, change.lines)
    if before == after:
        return None
    is_reversal = after.status == Status.REVERSED and (before is None or before.status != Status.REVERSED)
    return OrderChange(
        conversion=conversion,
        at=now,
        actor=change.actor,
        channel=change.channel,
        old_status=before.status if before else "",
        status=after.status,
        stage=after.stage,
        creator_id=after.creator_id,
        reason_code=conversion.reason_code if is_reversal else "",
        note=change.note or (conversion.note if is_reversal else ""),
        old_currency=before.currency if before else "",
        currency=after.currency,
        old_amount_minor=before.amount_minor if before else 0,
        amount_minor=after.amount_minor,
        old_refunded_minor=before.refunded_minor if before else 0,
        refunded_minor=after.refunded_minor,
        old_commission_minor=before.commission_minor if before else 0,
        commission_minor=after.commission_minor,
        old_creator_minor=before.creator_minor if before else 0,
        creator_minor=after.creator_minor,
    )
