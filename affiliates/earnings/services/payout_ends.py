"""How a payout ends: paid, returned or rejected. Each end is a move between accounts. `docs/money/payout.md`."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.domain.ledger import Move, Slot
from affiliates.earnings.domain.payout_methods import Method
from affiliates.earnings.domain.payouts import spans_of
from affiliates.earnings.models import Conversion, ConversionLine, Payout, PayoutBatch, VolumeBonus
from affiliates.earnings.selectors.ledger import paid_for, paid_for_bonuses, payout_runs, released_between
from affiliates.earnings.services.ledger import Booking, book
from affiliates.earnings.services.pricing import spread_paid
from community.models import User

IN_TRANSIT = Slot("payout_in_transit")
BANK = Slot("bank")
CLEARING = Slot("fx_clearing")


class PayoutRefused(Exception):
    """A step that may not be taken; the message says why, in the reader's language."""


def _available(payout: Payout) -> Slot:
    return Slot("creator_available", creator_id=payout.creator_id)


def book_payouts(payouts: Sequence[Payout], *, kind: str, by: User | None, now: dt.datetime) -> None:
    """Move the money of payouts one step; over the exchange account where a quote lies between.

    Call it inside the transaction that locked them. Not repeatable: the database refuses a step that was taken.
    """
    bookings: list[Booking] = []
    for payout in payouts:
        away = BANK if payout.paid_at else IN_TRANSIT
        group = uuid.uuid4()

        def side(
            name: str,
            debit: Slot,
            credit: Slot,
            *,
            arriving: bool,
            step: str,
            of: Payout = payout,
            one: uuid.UUID = group,
        ) -> Booking:
            amount, currency = (of.pay_minor, of.pay_currency) if arriving else (of.amount_minor, of.currency)
            return Booking(
                moves=[Move(debit, credit, amount, step)],
                currency=currency,
                key=f"{name}:{of.ref}",
                payout=of,
                actor=by,
                group=one,
            )

        name = {
            kinds.PAYOUT: "payout",
            kinds.PAYOUT_SENT: "payout-sent",
            kinds.PAYOUT_RETURNED: "payout-returned",
            kinds.PAYOUT_REJECTED: "payout-rejected",
        }[kind]
        if kind == kinds.PAYOUT_SENT:
            bookings.append(side(name, IN_TRANSIT, BANK, arriving=True, step=kind))
        elif payout.quote_id is None:
            ends = (_available(payout), IN_TRANSIT) if kind == kinds.PAYOUT else (away, _available(payout))
            bookings.append(side(name, *ends, arriving=False, step=kind))
        elif kind == kinds.PAYOUT:
            bookings.append(side(name, _available(payout), CLEARING, arriving=False, step=kind))
            bookings.append(side(f"{name}-exchange", CLEARING, IN_TRANSIT, arriving=True, step=kinds.PAYOUT_EXCHANGE))
        else:
            bookings.append(side(f"{name}-exchange", away, CLEARING, arriving=True, step=kinds.PAYOUT_EXCHANGE))
            bookings.append(side(name, CLEARING, _available(payout), arriving=False, step=kind))
    book(bookings=bookings, now=now)


def locked(payout: Payout) -> tuple[PayoutBatch, Payout]:
    """The batch and the payout as they are now, nobody else's until the transaction ends. The batch comes first."""
    batch = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=payout.batch_id)
    fresh = Payout.objects.select_for_update(of=("self",)).select_related("profile", "creator").get(pk=payout.pk)
    return batch, fresh


def _by_hand(payout: Payout, by: User | None) -> None:
    if by is not None and payout.is_open and payout.handed_at and payout.method == Method.PROVIDER:
        raise PayoutRefused(
            _("Payout %(ref)s: the provider has it, and says itself how it ends.") % {"ref": payout.ref}
        )


@transaction.atomic
def confirm_payout(*, payout: Payout, by: User | None, now: dt.datetime, reference: str = "") -> Payout:
    """Note that the money arrived: it leaves transit for the bank, and the orders behind it count as paid.

    May be repeated. PayoutRefused before it was handed over, and where it ended otherwise.
    """
    batch, fresh = locked(payout)
    if fresh.state == "paid":
        return fresh
    _by_hand(fresh, by)
    if not fresh.is_open:
        raise PayoutRefused(_("Payout %(ref)s ended otherwise.") % {"ref": fresh.ref})
    if fresh.handed_at is None:
        raise PayoutRefused(_("Payout %(ref)s was not handed over yet.") % {"ref": fresh.ref})
    end_as_paid([fresh], by=by, now=now, reference=reference)
    close_batch(batch, by=by, now=now)
    return fresh


def end_as_paid(payouts: Sequence[Payout], *, by: User | None, now: dt.datetime, reference: str) -> None:
    """Book payouts that are locked and open as paid."""
    book_payouts(payouts, kind=kinds.PAYOUT_SENT, by=by, now=now)
    for payout in payouts:
        payout.paid_at, payout.told_at = now, None
        payout.handed_at = payout.handed_at or now
        payout.sent_reference = reference[:80]
    Payout.objects.bulk_update(payouts, ["paid_at", "told_at", "handed_at", "sent_reference"])
    for payout in payouts:
        _note_paid(payout)


@transaction.atomic
def return_payout(*, payout: Payout, by: User | None, now: dt.datetime, reason: str) -> Payout:
    """Note that the money came back, before or after it was confirmed: it is the creator's again, in the currency in
    which it was earned and at the quote it went out with.

    May be repeated. PayoutRefused before it was handed over, without a reason, and where it never left.
    """
    batch, fresh = locked(payout)
    if fresh.state == "returned":
        return fresh
    _by_hand(fresh, by)
    if fresh.state == "rejected":
        raise PayoutRefused(_("Payout %(ref)s ended otherwise.") % {"ref": fresh.ref})
    if fresh.handed_at is None:
        raise PayoutRefused(_("Payout %(ref)s was not handed over yet.") % {"ref": fresh.ref})
    _needs_reason(fresh, reason)
    was_paid = fresh.paid_at is not None
    book_payouts([fresh], kind=kinds.PAYOUT_RETURNED, by=by, now=now)
    fresh.returned_at, fresh.reason, fresh.told_at = now, reason.strip()[:200], None
    fresh.save(update_fields=["returned_at", "reason", "told_at"])
    if was_paid:
        _note_paid(fresh)
    close_batch(batch, by=by, now=now)
    return fresh


@transaction.atomic
def reject_payout(*, payout: Payout, by: User | None, now: dt.datetime, reason: str) -> Payout:
    """Note that the money never left: it is the creator's again.

    May be repeated. PayoutRefused before the batch was approved, without a reason, and where it ended otherwise.
    """
    batch, fresh = locked(payout)
    if fresh.state == "rejected":
        return fresh
    _by_hand(fresh, by)
    if not fresh.is_open:
        raise PayoutRefused(_("Payout %(ref)s ended otherwise.") % {"ref": fresh.ref})
    if batch.approved_at is None:
        raise PayoutRefused(_("This batch was not approved."))
    _needs_reason(fresh, reason)
    end_as_rejected([fresh], by=by, now=now, reason=reason)
    close_batch(batch, by=by, now=now)
    return fresh


def end_as_rejected(payouts: Sequence[Payout], *, by: User | None, now: dt.datetime, reason: str) -> None:
    """Book payouts that are locked and open as rejected."""
    book_payouts(payouts, kind=kinds.PAYOUT_REJECTED, by=by, now=now)
    for payout in payouts:
        payout.rejected_at, payout.reason, payout.told_at = now, reason.strip()[:200], None
    Payout.objects.bulk_update(payouts, ["rejected_at", "reason", "told_at"])


def _needs_reason(payout: Payout, reason: str) -> None:
    if not reason.strip():
        raise PayoutRefused(_("Payout %(ref)s: say why it came back.") % {"ref": payout.ref})


def close_batch(batch: PayoutBatch, *, by: User | None, now: dt.datetime) -> None:
    """A batch none of whose payouts is open is sent."""
    if batch.sent_at is None and not batch.payouts.open().exists():
        batch.sent_at, batch.sent_by = now, by
        batch.save(update_fields=["sent_at", "sent_by"])


def _note_paid(payout: Payout) -> None:
    """Write onto the lines of the orders, and onto the bonuses, behind a payout what is paid for them."""
    runs = payout_runs([payout.creator_id])[payout.creator_id, payout.currency]
    touched: set[int] = set()
    bonuses: set[int] = set()
    for after, through in spans_of(payout.through_seq, runs):
        found = released_between(
            creator_id=payout.creator_id, currency=payout.currency, after_seq=after, through_seq=through
        )
        touched, bonuses = touched | found[0], bonuses | found[1]
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
        spread_paid(own, paid.get((conversion.pk, payout.creator_id, conversion.currency), 0))
        lines += own
    ConversionLine.objects.rewrite(lines, ["paid_minor"])
    _note_bonuses_paid(payout.creator_id, sorted(bonuses))


def _note_bonuses_paid(creator_id: int, pks: list[int]) -> None:
    rows = list(VolumeBonus.objects.filter(pk__in=pks).select_for_update(of=("self",)).order_by("pk"))
    paid = paid_for_bonuses(pks)
    for row in rows:
        row.paid_minor = paid.get((row.pk, creator_id), 0)
    VolumeBonus.objects.rewrite(rows, ["paid_minor"])
