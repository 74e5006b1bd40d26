"""Brands are told what they owe, and what they pay opens the gate. `docs/money/validation.md`."""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.earnings.domain.ledger import BRAND_PAYMENT, MERCHANT_RECEIVABLE, Move, Slot
from affiliates.earnings.domain.validation import settled_lines
from affiliates.earnings.models import Account, BrandPayment, BrandStatement, BrandStatementLine
from affiliates.earnings.selectors.brand_accounts import due_by_bonus, due_by_order, last_end
from affiliates.earnings.services.clockwork import release_holds
from affiliates.earnings.services.conversions import lock_merchant
from affiliates.earnings.services.ledger import Booking, book
from affiliates.earnings.services.volume_tiers import release_bonuses
from affiliates.parties.models import Merchant
from community.models import User

BANK = Slot("bank")
#: A statement ends no later than this before it is issued, so that what was being booked is in it.
SETTLES_IN = dt.timedelta(minutes=5)


class PaymentRefused(Exception):
    """A payment or statement that may not be; the message says why, in the reader's language."""


@transaction.atomic
def issue_statement(
    *, merchant: Merchant, currency: str, ends_at: dt.datetime, now: dt.datetime, by: User | None = None
) -> BrandStatement | None:
    """State what a brand came to owe since its last statement; None where that is nothing.

    Afterwards credit of the brand has paid what it covers. May be repeated: the next one starts where this ends.
    PaymentRefused for an end that is too near.
    """
    if ends_at > now - SETTLES_IN:
        raise PaymentRefused(_("A statement ends at least five minutes ago."))
    lock_merchant(merchant=merchant)
    starts_at = last_end(merchant.pk, currency)
    if starts_at is not None and starts_at >= ends_at:
        return None
    due = due_by_order(merchant_id=merchant.pk, currency=currency, starts_at=starts_at, ends_at=ends_at)
    bonuses = due_by_bonus(merchant_id=merchant.pk, currency=currency, starts_at=starts_at, ends_at=ends_at)
    if not due and not bonuses:
        return None
    made = BrandStatement.objects.create(
        merchant=merchant,
        currency=currency,
        starts_at=starts_at,
        ends_at=ends_at,
        issued_at=now,
        issued_by=by,
        total_minor=sum(amount for _pk, amount in (*due, *bonuses)),
    )
    BrandStatementLine.objects.bulk_create(
        [
            *(BrandStatementLine(statement=made, conversion_id=pk, amount_minor=amount) for pk, amount in due),
            *(BrandStatementLine(statement=made, bonus_id=pk, amount_minor=amount) for pk, amount in bonuses),
        ],
        batch_size=500,
    )
    _settle(merchant, currency, now)
    return made


def _settle(merchant: Merchant, currency: str, now: dt.datetime) -> int:
    """Mark the lines that the brand's money covers; returns how many. The caller holds the merchant's lock."""
    lines = BrandStatementLine.objects.filter(statement__merchant=merchant, statement__currency=currency)
    waiting = list(lines.filter(settled_at__isnull=True).order_by("pk").values_list("pk", "amount_minor"))
    paid = BrandPayment.objects.filter(merchant=merchant, currency=currency).aggregate(
        all=Sum("amount_minor", default=0)
    )
    used = lines.filter(settled_at__isnull=False).aggregate(all=Sum("amount_minor", default=0))
    places, _left = settled_lines([amount for _pk, amount in waiting], paid["all"] - used["all"])
    pks = [waiting[place][0] for place in places]
    for start in range(0, len(pks), 500):
        lines.filter(pk__in=pks[start : start + 500]).update(settled_at=now)
    return len(pks)


@transaction.atomic
def record_brand_payment(
    *,
    merchant: Merchant,
    currency: str,
    amount_minor: int,
    reference: str,
    paid_on: dt.date,
    by: User,
    now: dt.datetime,
    source: Slot = BANK,
) -> BrandPayment:
    """Book money that a brand sent: its oldest lines are settled, and what waited for them becomes available.

    `source` is where the money stands: the bank, or suspense. Not repeatable: PaymentRefused for a bank reference that
    is recorded already, for a day to come and for an amount that is not positive.
    """
    if amount_minor <= 0:
        raise PaymentRefused(_("A payment is a positive amount."))
    if paid_on > now.date():
        raise PaymentRefused(_("The day of the payment has not come yet."))
    lock_merchant(merchant=merchant)
    if not Account.objects.filter(merchant=merchant, currency=currency).exists():
        raise PaymentRefused(_("This brand never owed anything in %(currency)s.") % {"currency": currency})
    try:
        with transaction.atomic():
            payment = BrandPayment.objects.create(
                merchant=merchant,
                currency=currency,
                amount_minor=amount_minor,
                reference=reference,
                paid_on=paid_on,
                recorded_at=now,
                recorded_by=by,
            )
    except IntegrityError as error:
        raise PaymentRefused(_("A payment of this brand with this bank reference is recorded already.")) from error
    owed = Slot(MERCHANT_RECEIVABLE, merchant_id=merchant.pk)
    move = Move(source, owed, amount_minor, BRAND_PAYMENT)
    book(
        bookings=[Booking(moves=[move], currency=currency, key=f"brand-payment:{payment.ref}", actor=by)],
        now=now,
    )
    _settle(merchant, currency, now)
    release_holds(now=now)
    release_bonuses(now=now)
    return payment


def issue_month(*, now: dt.datetime) -> int:
    """State to each brand what the months that are over brought; returns how many statements. May be repeated."""
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    if now < month + SETTLES_IN:
        return 0
    stated = set(BrandStatement.objects.filter(ends_at__gte=month).values_list("merchant_id", "currency"))
    issued = 0
    wanted = Account.objects.filter(kind=Account.Kind.MERCHANT_RECEIVABLE).select_related("merchant").order_by("pk")
    for account in wanted:
        if account.merchant is None or (account.merchant_id, account.currency) in stated:
            continue
        made = issue_statement(merchant=account.merchant, currency=account.currency, ends_at=month, now=now)
        issued += made is not None
    return issued


def tick() -> None:
    """As the worker does. May be repeated."""
    issue_month(now=timezone.now())
