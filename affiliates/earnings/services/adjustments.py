"""Finance moves money by hand: one person proposes, another approves, it is booked once."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.earnings.domain.ledger import ADJUSTMENT, Move, Slot
from affiliates.earnings.domain.validation import CREATOR_AVAILABLE, LONGEST_NOTE, may_adjust
from affiliates.earnings.models import Adjustment
from affiliates.earnings.services.ledger import Booking, book
from community.models import Creator, User


class AdjustmentRefused(Exception):
    """A step that may not be taken; the message says why, in the reader's language."""


def propose_adjustment(
    *,
    creator: Creator,
    currency: str,
    debit_kind: str,
    credit_kind: str,
    amount_minor: int,
    reason: str,
    by: User,
    now: dt.datetime,
) -> Adjustment:
    """Write down what should be moved and why; nothing is booked yet. Each call proposes once more.

    AdjustmentRefused for accounts that are not allowed, without a reason or amount, and for one's own money.
    """
    if not may_adjust(debit_kind, credit_kind):
        raise AdjustmentRefused(_("Money cannot be moved between these accounts by hand."))
    if amount_minor <= 0:
        raise AdjustmentRefused(_("An adjustment is a positive amount."))
    if not reason.strip():
        raise AdjustmentRefused(_("Say why the money is moved."))
    if creator.user_id == by.pk:
        raise AdjustmentRefused(_("This is your own money, so somebody else has to propose it."))
    return Adjustment.objects.create(
        creator=creator,
        currency=currency,
        debit_kind=debit_kind,
        credit_kind=credit_kind,
        amount_minor=amount_minor,
        reason=reason.strip()[:LONGEST_NOTE],
        proposed_by=by,
        proposed_at=now,
    )


def _open(adjustment: Adjustment) -> Adjustment:
    fresh = Adjustment.objects.select_for_update(of=("self",)).select_related("creator").get(pk=adjustment.pk)
    if fresh.state != "proposed":
        raise AdjustmentRefused(_("This adjustment was decided already."))
    return fresh


@transaction.atomic
def approve_adjustment(*, adjustment: Adjustment, by: User, now: dt.datetime) -> Adjustment:
    """Book the adjustment. Once: AdjustmentRefused when it was decided, for whoever proposed it, and for the creator
    whose money it is.
    """
    fresh = _open(adjustment)
    if fresh.proposed_by_id == by.pk:
        raise AdjustmentRefused(_("You proposed this adjustment, so somebody else has to approve it."))
    if fresh.creator.user_id == by.pk:
        raise AdjustmentRefused(_("This is your own money, so somebody else has to approve it."))
    fresh.decided_by, fresh.approved_at = by, now
    fresh.save(update_fields=["decided_by", "approved_at"])
    move = Move(_slot(fresh, fresh.debit_kind), _slot(fresh, fresh.credit_kind), fresh.amount_minor, ADJUSTMENT)
    key = f"adjustment:{fresh.ref}"
    book(bookings=[Booking(moves=[move], currency=fresh.currency, key=key, actor=by)], now=now)
    return fresh


@transaction.atomic
def reject_adjustment(*, adjustment: Adjustment, by: User, now: dt.datetime) -> Adjustment:
    """Close the proposal without booking; whoever proposed it may do so too. AdjustmentRefused when it was decided."""
    fresh = _open(adjustment)
    fresh.decided_by, fresh.rejected_at = by, now
    fresh.save(update_fields=["decided_by", "rejected_at"])
    return fresh


def _slot(adjustment: Adjustment, kind: str) -> Slot:
    return Slot(kind, creator_id=adjustment.creator_id if kind == CREATOR_AVAILABLE else 0)
