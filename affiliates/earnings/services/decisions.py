"""A person decides about an order: approves it, reverses it with a reason, amends it, or undoes a reversal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from affiliates.earnings.domain.states import Status
from affiliates.earnings.domain.validation import BY_HAND, LONGEST_NOTE, Channel, Reason
from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.selectors.ledger import booked_for
from affiliates.earnings.services.booking import bookings_for, settle_state
from affiliates.earnings.services.caps import cut_lines, room_around
from affiliates.earnings.services.changes import Change, record_changes, snapshot
from affiliates.earnings.services.ledger import book
from affiliates.earnings.services.pricing import price_line
from affiliates.earnings.services.volume_tiers import bonus_bookings, touched_by
from community.models import User


class DecisionRefused(Exception):
    """A decision that may not be taken; the message says why, in the reader's language."""


def _refuse_locked(conversion: Conversion) -> None:
    if conversion.locked_at:
        day = date_format(conversion.locked_at.date(), "j F Y")
        raise DecisionRefused(_("This order was locked on %(day)s and can no longer change.") % {"day": day})


@transaction.atomic
def _decide(
    conversion: Conversion,
    *,
    change: Callable[[Conversion, list[ConversionLine]], None],
    by: User | None,
    channel: str,
    note: str,
    now: dt.datetime,
    even_locked: bool = False,
) -> Conversion:
    found = Conversion.objects.select_for_update(of=("self",)).prefetch_related("lines__rule")
    fresh = found.get(pk=conversion.pk)
    if not even_locked:
        _refuse_locked(fresh)
    lines = list(fresh.lines.all())
    before, sales = snapshot(fresh, lines), touched_by(fresh)
    room = room_around(conversion=fresh, lines=lines)
    change(fresh, lines)
    for line in lines:
        price_line(line=line, conversion=fresh)
    cut_lines(lines=lines, conversion=fresh, room=room)
    for line in lines:
        line.save()
    fresh.updated_at = now
    bookings = bookings_for(fresh, lines, booked_for([fresh.pk])[fresh.pk], now=now, actor=by)
    fresh.save()
    bookings += bonus_bookings(keys=sales | touched_by(fresh), now=now)
    book(bookings=bookings, now=now)
    record_changes(changes=[Change(fresh, lines, before, channel, by, note[:LONGEST_NOTE])], now=now)
    return fresh


def approve_order(
    *, conversion: Conversion, by: User | None, now: dt.datetime, channel: str = Channel.PORTAL
) -> Conversion:
    """Approve a pending order: its money is held until its day. May be repeated.

    DecisionRefused for a locked order and for one that was reversed.
    """

    def change(order: Conversion, lines: list[ConversionLine]) -> None:
        if order.status == Status.REVERSED:
            raise DecisionRefused(_("This order was reversed; only an answer to a dispute undoes that."))
        settle_state(order, status=Status.APPROVED, now=now)
        order.reported_status = Status.APPROVED

    return _decide(conversion, change=change, by=by, channel=channel, note="", now=now)


def reverse_order(
    *,
    conversion: Conversion,
    reason: str,
    now: dt.datetime,
    by: User | None = None,
    note: str = "",
    channel: str = Channel.PORTAL,
) -> Conversion:
    """Take back all that an order earned, whatever was paid already; the reason is kept. May be repeated.

    DecisionRefused for a locked order, without a reason of the list, and for another reason without words.
    """
    if reason not in BY_HAND:
        raise DecisionRefused(_("Choose why the order is reversed."))
    if reason == Reason.OTHER and not note.strip():
        raise DecisionRefused(_("Say in words why the order is reversed."))

    def change(order: Conversion, lines: list[ConversionLine]) -> None:
        if order.status != Status.REVERSED:
            order.note = note.strip()[:200]
        settle_state(order, status=Status.REVERSED, now=now, reason_code=reason)
        order.reported_status = Status.REVERSED

    return _decide(conversion, change=change, by=by, channel=channel, note=note.strip(), now=now)


def amend_refund(
    *,
    conversion: Conversion,
    line_id: str,
    refunded_minor: int,
    by: User | None,
    now: dt.datetime,
    note: str = "",
    channel: str = Channel.FILE,
) -> Conversion:
    """Set how much of a line was refunded in all; the commission follows at the line's own terms. May be
    repeated.

    DecisionRefused for a locked order, an unknown line, and more than the line's amount.
    """

    def change(order: Conversion, lines: list[ConversionLine]) -> None:
        line = next((line for line in lines if line.line_id == line_id), None)
        if line is None:
            raise DecisionRefused(_("This order has no line %(line)s.") % {"line": line_id})
        if not 0 <= refunded_minor <= line.amount_minor:
            raise DecisionRefused(_("A refund cannot exceed its line."))
        line.refunded_minor = refunded_minor

    return _decide(conversion, change=change, by=by, channel=channel, note=note, now=now)


def undo_reversal(
    *, conversion: Conversion, to: Status, by: User, note: str, channel: str, now: dt.datetime
) -> Conversion:
    """Bring a reversed order back to the state it had; its money is booked again. May be repeated.

    Whoever decides a dispute calls this, also for an order that was locked before the dispute.
    """

    def change(order: Conversion, lines: list[ConversionLine]) -> None:
        if order.status == Status.REVERSED:
            settle_state(order, status=to, now=now)
            order.reported_status = to

    return _decide(conversion, change=change, by=by, channel=channel, note=note, now=now, even_locked=True)
