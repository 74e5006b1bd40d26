"""Bringing the books to where orders stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from affiliates.earnings.domain.ledger import moves
from affiliates.earnings.domain.states import Stage, Status, stage_of
from affiliates.earnings.domain.validation import Reason
from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.selectors.ledger import Booked
from affiliates.earnings.services.ledger import Booking
from affiliates.earnings.services.pricing import target_of
from community.models import User


def settle_state(
    conversion: Conversion,
    *,
    status: Status,
    now: dt.datetime,
    reason_code: str = Reason.REPORTED,
    brand_has_paid: bool = False,
) -> None:
    """Set the order's state and the moments that belong to it; nothing is saved.

    An order whose brand must pay first becomes available only to a caller who says that it has.
    """
    if status is not Status.APPROVED:
        conversion.approved_at = conversion.released_at = None
    elif conversion.approved_at is None:
        conversion.approved_at = now
    if status is not Status.REVERSED:
        conversion.reversed_at, conversion.reason_code = None, ""
    elif conversion.reversed_at is None:
        conversion.reversed_at, conversion.reason_code = now, reason_code
    conversion.status = status
    stage = stage_of(
        status,
        available_on=conversion.available_on,
        released=conversion.released_at is not None,
        today=now.date(),
        brand_must_pay=conversion.is_gated and not brand_has_paid,
    )
    if stage is Stage.AVAILABLE and conversion.released_at is None:
        conversion.released_at = now


def bookings_for(
    conversion: Conversion,
    lines: Sequence[ConversionLine],
    booked: Booked,
    *,
    now: dt.datetime,
    actor: User | None = None,
) -> list[Booking]:
    """What is missing from the books for the order's present state; counts up its bookings when anything is.

    An order whose currency was restated is taken back in the old currency and booked in the new one.
    """
    wanted = {conversion.currency: target_of(conversion, lines)}
    found: list[Booking] = []
    for currency in sorted({*booked, *wanted}):
        steps = moves(booked.get(currency, {}), wanted.get(currency, {}))
        if steps:
            key = f"{conversion.merchant_id}:{conversion.order_id}:{conversion.booking + 1}:{currency}"
            found.append(Booking(moves=steps, currency=currency, key=key, conversion=conversion, actor=actor))
    if found:
        conversion.booking += 1
    return found
