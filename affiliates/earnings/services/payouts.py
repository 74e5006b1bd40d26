"""Money is sent to creators: one person proposes, another approves, then it is sent.
`docs/money/payout.md`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.domain.ledger import Move, Slot
from affiliates.earnings.domain.payouts import batch_digest, minimum_minor
from affiliates.earnings.models import Account, Conversion, ConversionLine, Payout, PayoutBatch
from affiliates.earnings.selectors.ledger import (
    available_balances,
    last_seq,
    paid_for,
    released_between,
)
from affiliates.earnings.services.ledger import Booking, book, lock_accounts
from affiliates.earnings.services.pricing import spread_paid
from community.models import User

IN_TRANSIT = Slot("payout_in_transit")
BANK = Slot("bank")


class PayoutRefused(Exception):
    """A step that may not be taken; the message says why, in the reader's language."""


def _available(creator_id: int) -> Slot:
    return Slot("creator_available", creator_id=creator_id)


@transaction.atomic
def propose_payouts(*, by: User, currency: str, now: dt.datetime) -> PayoutBatch | None:
    """Put everything that is available and reaches the minimum into a new batch; None when there is nothing.

    Afterwards the money is in transit and in nobody's next batch. Two runs at once pay once: both lock the
    accounts, and the second finds them empty. A creator whose last payout is still open waits for it.
    """
    accounts = Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE, currency=currency)
    lock_accounts(accounts=list(accounts))
    waiting = set(
        Payout.objects.filter(
            currency=currency, batch__sent_at__isnull=True, batch__rejected_at__isnull=True
        ).values_list("creator_id", flat=True)
    )
    due = {
        creator_id: balance
        for creator_id, (_account, balance) in available_balances(currency).items()
        if balance >= minimum_minor(currency) and creator_id not in waiting
    }
    if not due:
        return None
    batch = PayoutBatch.objects.create(
        currency=currency, total_minor=sum(due.values()), proposed_by=by, proposed_at=now
    )
    through = last_seq()
    payouts = Payout.objects.bulk_create(
        Payout(batch=batch, creator_id=creator_id, currency=currency, amount_minor=amount, through_seq=through)
        for creator_id, amount in sorted(due.items())
    )
    _book(payouts, "payout", kinds.PAYOUT, by, now)
    return batch


def _book(payouts: Sequence[Payout], key: str, kind: str, by: User, now: dt.datetime) -> None:
    ways = {
        kinds.PAYOUT: lambda payout: (_available(payout.creator_id), IN_TRANSIT),
        kinds.PAYOUT_SENT: lambda payout: (IN_TRANSIT, BANK),
        kinds.PAYOUT_REJECTED: lambda payout: (IN_TRANSIT, _available(payout.creator_id)),
    }
    bookings = [
        Booking(
            moves=[Move(*ways[kind](payout), payout.amount_minor, kind)],
            currency=payout.currency,
            key=f"{key}:{payout.ref}",
            payout=payout,
            actor=by,
        )
        for payout in payouts
    ]
    book(bookings=bookings, now=now)


def digest_of(payouts: Sequence[Payout]) -> str:
    """The fingerprint of a batch's items as they are stored."""
    return batch_digest((p.ref, str(p.creator_id), p.currency, p.amount_minor) for p in payouts)


def _locked(batch: PayoutBatch) -> tuple[PayoutBatch, list[Payout]]:
    fresh = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    return fresh, list(fresh.payouts.select_related("creator").order_by("pk"))


@transaction.atomic
def approve_batch(*, batch: PayoutBatch, by: User, now: dt.datetime) -> PayoutBatch:
    """Freeze the batch's items and let it be sent. May be repeated by the same person.

    PayoutRefused for whoever proposed it, for anybody whom it pays, and for a batch that is not open any
    more.
    """
    fresh, payouts = _locked(batch)
    if fresh.approved_by_id == by.pk and fresh.rejected_at is None:
        return fresh
    if fresh.state != "proposed":
        raise PayoutRefused(_("This batch is not waiting for approval any more."))
    if fresh.proposed_by_id == by.pk:
        raise PayoutRefused(_("You proposed this batch, so somebody else has to approve it."))
    if any(payout.creator.user_id == by.pk for payout in payouts):
        raise PayoutRefused(_("This batch pays you, so somebody else has to approve it."))
    if sum(payout.amount_minor for payout in payouts) != fresh.total_minor:
        raise PayoutRefused(_("The items do not add up to the batch's total."))
    fresh.approved_by, fresh.approved_at, fresh.digest = by, now, digest_of(payouts)
    fresh.save(update_fields=["approved_by", "approved_at", "digest"])
    return fresh


@transaction.atomic
def reject_batch(*, batch: PayoutBatch, by: User, reason: str, now: dt.datetime) -> PayoutBatch:
    """Give the batch's money back to its creators' available accounts. May be repeated.

    PayoutRefused once it was sent.
    """
    fresh, payouts = _locked(batch)
    if fresh.rejected_at is not None:
        return fresh
    if fresh.sent_at is not None:
        raise PayoutRefused(_("This batch was sent already."))
    _book(payouts, "payout-rejected", kinds.PAYOUT_REJECTED, by, now)
    fresh.rejected_by, fresh.rejected_at, fresh.rejection = by, now, reason[:200]
    fresh.save(update_fields=["rejected_by", "rejected_at", "rejection"])
    return fresh


@transaction.atomic
def mark_batch_sent(*, batch: PayoutBatch, by: User, now: dt.datetime, reference: str = "") -> PayoutBatch:
    """Note that the bank has the batch: its money leaves transit and its orders count as paid. May be
    repeated.

    PayoutRefused unless it was approved and its items are still those that were approved.
    """
    fresh, payouts = _locked(batch)
    if fresh.sent_at is not None:
        return fresh
    if fresh.state != "approved":
        raise PayoutRefused(_("This batch was not approved."))
    if digest_of(payouts) != fresh.digest:
        raise PayoutRefused(_("The items are not those that were approved."))
    _book(payouts, "payout-sent", kinds.PAYOUT_SENT, by, now)
    fresh.sent_by, fresh.sent_at = by, now
    fresh.save(update_fields=["sent_by", "sent_at"])
    for payout in payouts:
        payout.sent_reference = reference[:80]
    Payout.objects.bulk_update(payouts, ["sent_reference"])
    for payout in payouts:
        _note_paid(payout)
    return fresh


def _note_paid(payout: Payout) -> None:
    """Write onto the lines of the orders behind a payout what was paid for them."""
    before = (
        Payout.objects.filter(
            creator_id=payout.creator_id,
            currency=payout.currency,
            batch__sent_at__isnull=False,
            through_seq__lt=payout.through_seq,
        )
        .order_by("-through_seq")
        .values_list("through_seq", flat=True)
        .first()
    )
    touched = released_between(
        creator_id=payout.creator_id,
        currency=payout.currency,
        after_seq=before or 0,
        through_seq=payout.through_seq,
    )
    orders = list(
        Conversion.objects.filter(pk__in=touched, creator_id=payout.creator_id)
        .select_for_update(of=("self",))
        .order_by("pk")
        .prefetch_related("lines")
    )
    paid = paid_for([conversion.pk for conversion in orders])
    lines: list[ConversionLine] = []
    for conversion in orders:
        own = list(conversion.lines.all())
        spread_paid(own, paid.get((conversion.pk, payout.creator_id), 0))
        lines += own
    ConversionLine.objects.rewrite(lines, ["paid_minor"])
