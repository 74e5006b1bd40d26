"""Money nobody can explain waits in suspense until two people have found where it belongs. `docs/money/bank.md`."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from affiliates.earnings.domain.ledger import SUSPENSE, SUSPENSE_END, Move, Slot
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.validation import LONGEST_NOTE
from affiliates.earnings.models import BrandPayment, SuspenseEnd, SuspenseItem, SuspenseSignature
from affiliates.earnings.selectors.periods import unexplained
from affiliates.earnings.services.brand_accounts import PaymentRefused, record_brand_payment
from affiliates.earnings.services.ledger import Booking, book
from affiliates.parties.models import Merchant
from cms.core.domain.money import CURRENCIES
from community.models import User

BANK, UNEXPLAINED, FEE = Slot("bank"), Slot("suspense"), Slot("platform_margin")


class SuspenseRefused(Exception):
    """A step that may not be taken; the message says why, in the reader's language."""


@transaction.atomic
def record_unexplained(
    *,
    currency: str,
    amount_minor: int,
    moved_on: dt.date,
    reference: str,
    words: str,
    by: User,
    now: dt.datetime,
    party: str = "",
) -> SuspenseItem:
    """Book an amount at the bank that nobody can explain: it stands in suspense until `approve_end`. Positive came in.

    Not repeatable: SuspenseRefused for a bank reference that is recorded already, a day to come, without words.
    """
    if not amount_minor or currency not in CURRENCIES:
        raise SuspenseRefused(_("An unexplained amount is something."))
    if moved_on > now.date():
        raise SuspenseRefused(_("This day has not come yet."))
    if not words.strip() or not reference.strip():
        raise SuspenseRefused(_("Say what is known of it, and the bank's reference."))
    try:
        with transaction.atomic():
            item = SuspenseItem.objects.create(
                currency=currency, amount_minor=amount_minor, moved_on=moved_on, reference=reference.strip()[:80],
                party=party.strip()[:140], words=words.strip()[:500], recorded_at=now, recorded_by=by,
            )  # fmt: skip
    except IntegrityError as error:
        raise SuspenseRefused(_("An amount with this bank reference is recorded already.")) from error
    ends = (BANK, UNEXPLAINED) if amount_minor > 0 else (UNEXPLAINED, BANK)
    move = Move(*ends, abs(amount_minor), SUSPENSE)
    book(bookings=[Booking(moves=[move], currency=currency, key=f"suspense:{item.ref}", actor=by)], now=now)
    return item


def rest_of(item: SuspenseItem, *, with_proposed: bool = True) -> int:
    """What of an amount nobody has explained, nor proposed to. One query."""
    ends = item.ends.filter(rejected_at__isnull=True)
    if not with_proposed:
        ends = ends.filter(approved_at__isnull=False)
    return abs(item.amount_minor) - int(ends.aggregate(total=Sum("amount_minor", default=0))["total"])


@transaction.atomic
def propose_end(
    *,
    item: SuspenseItem,
    target: str,
    amount_minor: int,
    reason: str,
    by: User,
    now: dt.datetime,
    merchant: Merchant | None = None,
) -> SuspenseEnd:
    """Write down where an unexplained amount, or a part of it, belongs; nothing is booked yet. Each call proposes once
    more. SuspenseRefused for more than is left, without a reason, and for a brand's payment that went out.
    """
    held = SuspenseItem.objects.select_for_update(no_key=True).get(pk=item.pk)
    if amount_minor <= 0 or amount_minor > rest_of(held):
        raise SuspenseRefused(_("Not more can be explained than is left."))
    if not reason.strip():
        raise SuspenseRefused(_("Say why it belongs there."))
    if (target == SuspenseEnd.Target.BRAND) != (merchant is not None):
        raise SuspenseRefused(_("A brand's payment needs its brand, and nothing else has one."))
    if target == SuspenseEnd.Target.BRAND and held.amount_minor < 0:
        raise SuspenseRefused(_("Money that went out is no payment of a brand."))
    return SuspenseEnd.objects.create(
        item=held, target=target, merchant=merchant, amount_minor=amount_minor, reason=reason.strip()[:LONGEST_NOTE],
        proposed_by=by, proposed_at=now,
    )  # fmt: skip


def _open(end: SuspenseEnd) -> SuspenseEnd:
    fresh = SuspenseEnd.objects.select_for_update(of=("self",)).select_related("item", "merchant").get(pk=end.pk)
    if fresh.state != "proposed":
        raise SuspenseRefused(_("This was decided already."))
    return fresh


@transaction.atomic
def approve_end(*, end: SuspenseEnd, by: User, now: dt.datetime) -> SuspenseEnd:
    """Book where the amount belongs; a brand's payment settles its lines. Once: SuspenseRefused when it was decided,
    and for whoever proposed it.
    """
    fresh = _open(end)
    if fresh.proposed_by_id == by.pk:
        raise SuspenseRefused(_("You proposed this, so somebody else has to approve it."))
    item = fresh.item
    if fresh.target == SuspenseEnd.Target.BRAND and fresh.merchant is not None:
        fresh.payment = _brand_payment(fresh, fresh.merchant, by, now)
    else:
        other = BANK if fresh.target == SuspenseEnd.Target.BACK else FEE
        ends = (UNEXPLAINED, other) if item.amount_minor > 0 else (other, UNEXPLAINED)
        move = Move(*ends, fresh.amount_minor, SUSPENSE_END)
        key = f"suspense-end:{fresh.ref}"
        book(bookings=[Booking(moves=[move], currency=item.currency, key=key, actor=by)], now=now)
    fresh.decided_by, fresh.approved_at = by, now
    fresh.save(update_fields=["decided_by", "approved_at", "payment"])
    return fresh


def _brand_payment(end: SuspenseEnd, merchant: Merchant, by: User, now: dt.datetime) -> BrandPayment:
    item = end.item
    known = BrandPayment.objects.filter(merchant=merchant, reference=item.reference).exists()
    try:
        return record_brand_payment(
            merchant=merchant, currency=item.currency, amount_minor=end.amount_minor,
            reference=f"{item.reference[:64]} {end.ref}" if known else item.reference, paid_on=item.moved_on, by=by,
            now=now, source=UNEXPLAINED,
        )  # fmt: skip
    except PaymentRefused as refused:
        raise SuspenseRefused(str(refused)) from refused


@transaction.atomic
def reject_end(*, end: SuspenseEnd, by: User, now: dt.datetime) -> SuspenseEnd:
    """Close the proposal without booking; whoever proposed it may do so too. SuspenseRefused when it was decided."""
    fresh = _open(end)
    fresh.decided_by, fresh.rejected_at = by, now
    fresh.save(update_fields=["decided_by", "rejected_at"])
    return fresh


def sign_unexplained(*, month: Month, by: User, now: dt.datetime) -> int:
    """Sign what is unexplained at the end of a month, so that it can be closed; returns how many currencies.

    May be repeated. What is booked afterwards changes the amount, and it has to be signed again. SuspenseRefused
    before the month has ended.
    """
    if now < month.ends_at:
        raise SuspenseRefused(_("%(month)s has not ended.") % {"month": month})
    signed = 0
    for currency, amount in unexplained(month.ends_at).items():
        _made, created = SuspenseSignature.objects.get_or_create(
            month=str(month), currency=currency, amount_minor=amount, defaults={"signed_by": by, "signed_at": now}
        )
        signed += created
    return signed
