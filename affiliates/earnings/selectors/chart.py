"""The chart of accounts, with balances as of any day."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from affiliates.earnings.models import Account, Transfer


@dataclass(frozen=True, slots=True)
class ChartRow:
    """All accounts of a kind in one currency: how many there are, and what stands in them, credits less debits."""

    currency: str
    kind: str
    label: str
    accounts: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class Chart:
    """A currency's accounts. `total_minor` is nothing while the books are sound: every transfer has two sides."""

    currency: str
    rows: list[ChartRow]

    @property
    def total_minor(self) -> int:
        return sum(row.balance_minor for row in self.rows)


def end_of(day: dt.date) -> dt.datetime:
    """The moment at which a day (UTC) is over."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def chart_of_accounts(*, on: dt.date | None = None) -> list[Chart]:
    """What stood in each kind of account at the end of a day, or stands now. Three queries."""
    numbers = {
        (currency, kind): number
        for currency, kind, number in Account.objects.order_by()
        .values_list("currency", "kind")
        .annotate(number=Count("pk"))
    }
    sums: dict[tuple[str, str], int] = defaultdict(int)
    until = Q() if on is None else Q(effective_at__lt=end_of(on))
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = Transfer.objects.filter(until).order_by().values_list("currency", f"{side}__kind")
        for currency, kind, total in rows.annotate(total=Sum("amount_minor")):
            sums[currency, kind] += sign * total
    order = {kind: place for place, kind in enumerate(Account.Kind)}
    charts: dict[str, list[ChartRow]] = defaultdict(list)
    for currency, kind in sorted(numbers, key=lambda key: (key[0], order[Account.Kind(key[1])])):
        label = str(Account.Kind(kind).label)
        charts[currency].append(ChartRow(currency, kind, label, numbers[currency, kind], sums[currency, kind]))
    return [Chart(currency, rows) for currency, rows in charts.items()]


def accounts_of(*, currency: str, kind: str, on: dt.date | None = None, words: str = "") -> QuerySet[Account]:
    """The accounts of a kind with their balances, by owner. One query when read."""
    found = Account.objects.filter(currency=currency, kind=kind).select_related("merchant", "creator__user")
    if words:
        found = found.filter(
            Q(merchant__name__icontains=words)
            | Q(merchant__slug__icontains=words)
            | Q(creator__handle__icontains=words)
            | Q(creator__display_name__icontains=words)
        )
    as_of = None if on is None else end_of(on) - dt.timedelta(microseconds=1)
    return found.with_balance(as_of=as_of).order_by("merchant__name", "creator__handle", "pk")
