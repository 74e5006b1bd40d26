"""What nobody can explain yet, by age, and how it adds up to the suspense account."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce

from affiliates.earnings.models import Account, SuspenseItem


@dataclass(frozen=True, slots=True)
class Suspense:
    """A currency: what the open items come to, what was moved by hand, and what stands in the account."""

    currency: str
    items_minor: int
    balance_minor: int

    @property
    def by_hand_minor(self) -> int:
        """What adjustments moved in and out of suspense."""
        return self.balance_minor - self.items_minor


def items() -> QuerySet[Any]:
    """Unexplained amounts with `left_minor`, what of them nobody has explained, signed as they are. One query."""
    used = Coalesce(Sum("ends__amount_minor", filter=Q(ends__approved_at__isnull=False)), Value(0))
    signed = Case(
        When(amount_minor__gt=0, then=F("amount_minor") - used),
        default=F("amount_minor") + used,
        output_field=BigIntegerField(),
    )
    found: QuerySet[Any] = SuspenseItem.objects.select_related("recorded_by")
    return found.annotate(left_minor=signed)


def open_items() -> QuerySet[Any]:
    """Those of which something is left, oldest first. One query when read."""
    return items().exclude(left_minor=0).order_by("moved_on", "pk")


def suspense_accounts() -> list[Suspense]:
    """Each currency's open items against its account. Two queries."""
    sums: dict[str, int] = {}
    for currency, left in open_items().values_list("currency", "left_minor"):
        sums[currency] = sums.get(currency, 0) + left
    accounts = Account.objects.filter(kind=Account.Kind.SUSPENSE).with_balance().order_by("currency")
    return [Suspense(one.currency, sums.get(one.currency, 0), one.balance_minor) for one in accounts]


def age_in_days(item: SuspenseItem, today: dt.date) -> int:
    """How long ago the bank moved it."""
    return (today - item.moved_on).days
