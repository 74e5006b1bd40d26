"""Bringing the books to where orders stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from affiliates.earnings.domain.ledger import moves
from affiliates.earnings.domain.states import Stage, Status, stage_of
from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.selectors.ledger import Booked
from affiliates.earnings.services.ledger import Booking
from affiliates.earnings.services.pricing import target_of


def settle_state(conversion: Conversion, *, status: Status, now: dt.datetime) -> None:
    """Set the order's state and the moments that belong to it; nothing is saved."""
    if status is not Status.APPROVED:
        conversion.approved_at = conversion.released_at = None
    elif conversion.approved_at is None:
        conversion.approved_at = now
    conversion.status = status
    stage = stage_of(
        status,
        available_on=conversion.available_on,
        released=conversion.released_at is not None,
        today=now.date(),
    )
    if stage is Stage.AVAILABLE and conversion.released_at is None:
        conversion.released_at = now


def bookings_for(
    conversion: Conversion,
    lines: Sequence[ConversionLine],
    booked: Booked,
    *,
    now: dt.datetime,
) -> list[Booking]:
    """What is missing from the books for the order's present state; counts up its bookings when anything is.

    An order whose currency was restated is taken back in the old currency and booked in the new one.
    """
    wanted = {conversion.currency: target_of(conversion, lines, today=now.date())}
    found: list[Booking] = []
    for currency in sorted({*booked, *wanted}):
        steps = moves(booked.get(currency, {}), wanted.get(currency, {}))
        if steps:
            key = f"{conversion.merchant_id}:{conversion.order_id}:{conversion.booking + 1}:{currency}"
            found.append(Booking(moves=steps, currency=currency, key=key, conversion=conversion))
    if found:
        conversion.booking += 1
    return found
