"""What brands owe, stated line by line, and what of it they paid. All sums are sums of transfers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, Case, F, Max, Q, QuerySet, Sum, Value, When

from affiliates.earnings.models import Account, BrandPayment, BrandStatement, BrandStatementLine, OrderChange, Transfer
from affiliates.parties.models import Merchant

#: Where approved money stands; what an order moves into these is what its brand owes for it.
APPROVED = (Account.Kind.CREATOR_APPROVED, Account.Kind.CREATOR_AVAILABLE, Account.Kind.PLATFORM_MARGIN)


def due_by_order(
    *, merchant_id: int, currency: str, starts_at: dt.datetime | None, ends_at: dt.datetime
) -> list[tuple[int, int]]:
    """(order, commission) of all that became due in a stretch of time, by order; never 0. One query."""
    return _due("conversion", Q(conversion__merchant_id=merchant_id), currency, starts_at, ends_at)


def due_by_bonus(
    *, merchant_id: int, currency: str, starts_at: dt.datetime | None, ends_at: dt.datetime
) -> list[tuple[int, int]]:
    """(volume bonus, amount) of all that became due in a stretch of time, by bonus; never 0. One query."""
    return _due("bonus", Q(bonus__program__merchant_id=merchant_id), currency, starts_at, ends_at)


def _due(
    cause: str, whose: Q, currency: str, starts_at: dt.datetime | None, ends_at: dt.datetime
) -> list[tuple[int, int]]:
    into, out = Q(credit__kind__in=APPROVED), Q(debit__kind__in=APPROVED)
    booked = Transfer.objects.filter(into | out, whose, currency=currency, effective_at__lt=ends_at)
    if starts_at is not None:
        booked = booked.filter(effective_at__gte=starts_at)
    signed = Case(
        When(into & out, then=Value(0)),
        When(into, then=F("amount_minor")),
        default=-F("amount_minor"),
        output_field=BigIntegerField(),
    )
    found = booked.order_by().values_list(f"{cause}_id").annotate(due=Sum(signed)).order_by(f"{cause}_id")
    return [(pk, due) for pk, due in found if due]


@dataclass(frozen=True, slots=True)
class BrandAccount:
    """Where a brand stands in one currency. `credit_minor` is paid and covers no whole line yet."""

    currency: str
    stated_minor: int
    paid_minor: int
    settled_minor: int
    unstated_minor: int

    @property
    def owed_minor(self) -> int:
        """What of its statements it has not paid; negative is its credit."""
        return self.stated_minor - self.paid_minor

    @property
    def credit_minor(self) -> int:
        """What it paid beyond the lines that are settled."""
        return self.paid_minor - self.settled_minor


def brand_accounts(merchant: Merchant, *, now: dt.datetime) -> list[BrandAccount]:
    """A brand's accounts, one for each currency. Three queries, and three for each currency."""
    lines = {
        row["statement__currency"]: row
        for row in BrandStatementLine.objects.filter(statement__merchant=merchant)
        .order_by()
        .values("statement__currency")
        .annotate(
            stated=Sum("amount_minor"),
            settled=Sum("amount_minor", filter=Q(settled_at__isnull=False), default=0),
        )
    }
    paid = dict(
        BrandPayment.objects.filter(merchant=merchant)
        .order_by()
        .values_list("currency")
        .annotate(total=Sum("amount_minor"))
    )
    accounts = Account.objects.filter(merchant=merchant, kind=Account.Kind.MERCHANT_RECEIVABLE)
    currencies = {*lines, *paid, *accounts.values_list("currency", flat=True)}
    return [
        BrandAccount(
            currency=currency,
            stated_minor=lines[currency]["stated"] if currency in lines else 0,
            paid_minor=paid.get(currency, 0),
            settled_minor=lines[currency]["settled"] if currency in lines else 0,
            unstated_minor=_unstated(merchant.pk, currency, now),
        )
        for currency in sorted(currencies)
    ]


def _unstated(merchant_id: int, currency: str, now: dt.datetime) -> int:
    since = last_end(merchant_id, currency)
    return sum(
        due
        for due_by in (due_by_order, due_by_bonus)
        for _pk, due in due_by(merchant_id=merchant_id, currency=currency, starts_at=since, ends_at=now)
    )


def last_end(merchant_id: int, currency: str) -> dt.datetime | None:
    """Up to when a brand's statements go. One query."""
    found = BrandStatement.objects.filter(merchant_id=merchant_id, currency=currency)
    end: dt.datetime | None = found.aggregate(last=Max("ends_at"))["last"]
    return end


def brand_statements(merchant_id: int | None = None) -> QuerySet[BrandStatement]:
    """Statements, latest first, with what of each is settled. One query when read."""
    found = BrandStatement.objects.all() if merchant_id is None else BrandStatement.objects.filter(merchant=merchant_id)
    settled = Sum("lines__amount_minor", filter=Q(lines__settled_at__isnull=False), default=0)
    return found.select_related("merchant").annotate(settled_minor=settled).order_by("-ends_at", "-pk")


def statement_lines(statement: BrandStatement) -> QuerySet[BrandStatementLine]:
    """A statement's lines with their orders or bonuses, in the order in which they are paid. One query when read."""
    return statement.lines.select_related(
        "conversion__creator", "conversion__placement", "bonus__creator", "bonus__program"
    ).order_by("pk")


def brand_payments(merchant_id: int | None = None) -> QuerySet[BrandPayment]:
    """Payments, latest first. One query when read."""
    found = BrandPayment.objects.all() if merchant_id is None else BrandPayment.objects.filter(merchant=merchant_id)
    return found.select_related("merchant", "recorded_by").order_by("-paid_on", "-pk")


def order_changes(conversion_id: int) -> Sequence[OrderChange]:
    """All changes of an order, oldest first. One query."""
    return list(OrderChange.objects.filter(conversion_id=conversion_id).select_related("actor").order_by("pk"))


def order_as_of(conversion_id: int, moment: dt.datetime) -> OrderChange | None:
    """The change that describes the order as it was at a moment; None before it was reported. One query."""
    return OrderChange.objects.filter(conversion_id=conversion_id, at__lte=moment).order_by("-at", "-pk").first()
