"""The figures of a brand's own pages. Only its own orders and payments are ever in them."""

from __future__ import annotations

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from affiliates.earnings.domain import ledger as causes
from affiliates.earnings.models import BrandPayment, BrandStatement, BrandStatementLine, Conversion
from affiliates.earnings.selectors.brand_accounts import APPROVED, last_end
from affiliates.earnings.selectors.figures import KIND, Figure, of_accounts
from affiliates.parties.models import Merchant
from cms.core.domain.money import CURRENCIES


def due(statement: BrandStatement) -> Figure:
    """What a statement is the sum of."""
    return _due(statement.merchant_id, statement.currency, starts_at=statement.starts_at, ends_at=statement.ends_at)


def settled(statement: BrandStatement) -> Figure:
    """What of a statement the brand's money covers."""
    paid = statement.lines.filter(settled_at__isnull=False)
    orders, bonuses = paid.exclude(conversion=None).values("conversion"), paid.exclude(bonus=None).values("bonus")
    return due(statement).narrowed(Q(conversion__in=orders) | Q(bonus__in=bonuses))


def _due(merchant_id: int, currency: str, *, starts_at: dt.datetime | None, ends_at: dt.datetime | None) -> Figure:
    where = Q(conversion__merchant_id=merchant_id) | Q(bonus__program__merchant_id=merchant_id)
    if starts_at is not None:
        where &= Q(effective_at__gte=starts_at)
    if ends_at is not None:
        where &= Q(effective_at__lt=ends_at)
    return of_accounts(currency, APPROVED, where=where)


def paid(merchant_id: int, currency: str) -> Figure:
    """What a brand paid."""
    where = Q(kind=causes.BRAND_PAYMENT)
    return of_accounts(currency, [KIND.MERCHANT_RECEIVABLE], merchant_id=merchant_id, where=where)


def brand_account_figure(merchant: Merchant, currency: str, part: str) -> tuple[str, Figure]:
    """(title, figure) of what is owed, unstated or credit in a brand's account. LookupError for another. One query."""
    if currency not in CURRENCIES:
        raise LookupError(currency)
    end, money = last_end(merchant.pk, currency), paid(merchant.pk, currency)
    if part == "paid":
        return _("Your payments"), money
    if part == "unstated":
        return _("Approved since the last statement"), _due(merchant.pk, currency, starts_at=end, ends_at=None)
    if part == "owed":
        stated = _due(merchant.pk, currency, starts_at=None, ends_at=end) if end else None
        title = _("Stated and not paid")
    elif part == "credit":
        everything = _due(merchant.pk, currency, starts_at=None, ends_at=end) if end else None
        stated = everything and everything.narrowed(Q(_is_settled(merchant.pk, currency)))
        title = _("Your credit")
    else:
        raise LookupError(part)
    if stated is None:
        return title, Figure(currency, money.out_of, money.into, -1 if part == "credit" else 1)
    figure = Figure(currency, stated.into | money.out_of, stated.out_of | money.into, -1 if part == "credit" else 1)
    return title, figure


def _is_settled(merchant_id: int, currency: str) -> Exists:
    """That the transfer is behind a settled line."""
    lines = BrandStatementLine.objects.filter(
        Q(statement__starts_at__isnull=True) | Q(statement__starts_at__lte=OuterRef("effective_at")),
        Q(conversion=OuterRef("conversion")) | Q(bonus=OuterRef("bonus")),
        statement__merchant_id=merchant_id,
        statement__currency=currency,
        statement__ends_at__gt=OuterRef("effective_at"),
        settled_at__isnull=False,
    )
    return Exists(lines)


def payment_figure(payment: BrandPayment) -> Figure:
    """A payment's one transfer."""
    return paid(payment.merchant_id, payment.currency).narrowed(Q(source_key=f"brand-payment:{payment.ref}:1"))


def brands_order(conversion: Conversion) -> Figure:
    """What the brand owes for an order, from the day it was reported."""
    return of_accounts(
        conversion.currency, [KIND.MERCHANT_RECEIVABLE], merchant_id=conversion.merchant_id,
        where=Q(conversion=conversion), sign=-1,
    )  # fmt: skip
