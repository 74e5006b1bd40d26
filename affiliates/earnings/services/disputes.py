"""Creators object to reversals and claim sales that were never reported; brands answer, finance where they do not."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.earnings.domain.states import Status
from affiliates.earnings.domain.validation import ANSWER_DAYS, LONGEST_NOTE
from affiliates.earnings.models import Conversion, Dispute, OrderChange, SaleClaim
from affiliates.earnings.services.decisions import undo_reversal
from community.models import Creator, User


class DisputeRefused(Exception):
    """A step that may not be taken; the message says why, in the reader's language."""


@transaction.atomic
def open_dispute(
    *, conversion: Conversion, creator: Creator, evidence: str, now: dt.datetime, document: str = ""
) -> Dispute:
    """The creator objects to an order's reversal; the brand has until the deadline to answer, and the order is not
    locked until then.

    Not repeatable: DisputeRefused for somebody else's order, one that is not reversed or is locked, and a reversal that
    was disputed already, and an order with an open dispute.
    """
    fresh = Conversion.objects.select_for_update(of=("self",)).get(pk=conversion.pk)
    if fresh.creator_id != creator.pk:
        raise DisputeRefused(_("This order is not yours."))
    if fresh.status != Status.REVERSED:
        raise DisputeRefused(_("Only a reversed order can be disputed."))
    if fresh.locked_at:
        raise DisputeRefused(_("This order is locked and can no longer change."))
    reversals = OrderChange.objects.filter(conversion=fresh, status=Status.REVERSED).exclude(old_status=Status.REVERSED)
    change = reversals.order_by("pk").last()
    if change is None:
        raise DisputeRefused(_("Only a reversed order can be disputed."))
    if Dispute.objects.filter(change=change).exists():
        raise DisputeRefused(_("This reversal was disputed already."))
    if fresh.disputes.filter(decided_at__isnull=True).exists():
        raise DisputeRefused(_("Your dispute of an earlier reversal of this order is still open."))
    return Dispute.objects.create(
        conversion=fresh,
        change=change,
        creator=creator,
        evidence=evidence,
        document=document,
        opened_at=now,
        answer_by=now + dt.timedelta(days=ANSWER_DAYS),
    )


@transaction.atomic
def answer_dispute(
    *, dispute: Dispute, granted: bool, answer: str, by: User, channel: str, now: dt.datetime
) -> Dispute:
    """Undo the reversal or let it stand; who, when and in which words is kept. Once.

    DisputeRefused when it was decided already, when it went to finance and a brand answers, when the creator
    decides in their own case, and without words for a refusal.
    """
    fresh = (
        Dispute.objects.select_for_update(of=("self",))
        .select_related("conversion", "change", "creator")
        .get(pk=dispute.pk)
    )
    refuse_answer(fresh, by=by, granted=granted, answer=answer, channel=channel)
    close_case(fresh, granted=granted, answer=answer, by=by, now=now)
    if granted:
        before = Status(fresh.change.old_status or Status.PENDING)
        undo_reversal(conversion=fresh.conversion, to=before, by=by, note=answer, channel=channel, now=now)
    return fresh


def refuse_answer(case: Dispute | SaleClaim, *, by: User, granted: bool, answer: str, channel: str) -> None:
    """DisputeRefused where this person may not give this answer now."""
    if case.decided_at is not None:
        raise DisputeRefused(_("This was decided already."))
    if case.escalated_at is not None and channel != "admin":
        raise DisputeRefused(_("The time to answer is over; finance decides now."))
    if case.creator.user_id == by.pk:
        raise DisputeRefused(_("This is your own case, so somebody else has to decide it."))
    if not granted and not answer.strip():
        raise DisputeRefused(_("Say in words why not."))


def close_case(case: Dispute | SaleClaim, *, granted: bool, answer: str, by: User, now: dt.datetime) -> None:
    """Write down who decided, when, and in which words."""
    case.decided_at, case.decided_by, case.granted = now, by, granted
    case.answer = answer.strip()[:LONGEST_NOTE]
    case.save(update_fields=["decided_at", "decided_by", "granted", "answer"])


def escalate_due(*, now: dt.datetime) -> int:
    """Hand to finance what a brand did not answer in time; returns how many. May be repeated."""
    moved = 0
    for kind in (Dispute, SaleClaim):
        due = kind.objects.filter(decided_at__isnull=True, escalated_at__isnull=True, answer_by__lte=now)
        moved += due.update(escalated_at=now)
    return moved


def tick() -> None:
    """As the worker does. May be repeated."""
    escalate_due(now=timezone.now())
