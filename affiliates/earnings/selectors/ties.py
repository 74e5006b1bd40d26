"""A month's figures from both ends: what brands owe must be what creators and platform earned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Sum

from affiliates.earnings.domain.ledger import BRAND_PAYMENT, SUSPENSE, SUSPENSE_END
from affiliates.earnings.models import Account, Transfer


@dataclass(frozen=True, slots=True)
class Tie:
    """One currency's movements of a month. `rounding_minor` is what is left over, and must be nothing."""

    currency: str
    brands_minor: int
    creators_minor: int
    platform_minor: int
    paid_minor: int

    @property
    def rounding_minor(self) -> int:
        """What neither side explains. Every split is exact, so anything but 0 is a fault."""
        return self.brands_minor - self.creators_minor - self.platform_minor


def month_tie(year: int, month: int) -> list[Tie]:
    """Per currency, what the books of a month (UTC, by effective time) moved for brands, creators and
    platform. Two queries.
    """
    start = dt.datetime(year, month, 1, tzinfo=dt.UTC)
    end = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)
    moved = Transfer.objects.filter(effective_at__gte=start, effective_at__lt=end).order_by()
    # What a brand pays for what it owes, and what nobody can explain, earns nobody anything.
    moved = moved.exclude(kind__in=(BRAND_PAYMENT, SUSPENSE, SUSPENSE_END))
    sums: dict[tuple[str, str], int] = {}
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = moved.values_list("currency", f"{side}__kind").annotate(total=Sum("amount_minor"))
        for currency, kind, total in rows:
            sums[currency, kind] = sums.get((currency, kind), 0) + sign * total
    kinds = Account.Kind
    creators = (
        kinds.CREATOR_PENDING,
        kinds.CREATOR_APPROVED,
        kinds.CREATOR_AVAILABLE,
        kinds.PAYOUT_IN_TRANSIT,
        kinds.BANK,
    )
    platform = (kinds.PLATFORM_PENDING, kinds.PLATFORM_MARGIN, kinds.CLAWBACK_LOSS, kinds.SUSPENSE)
    return [
        Tie(
            currency=currency,
            brands_minor=-sums.get((currency, kinds.MERCHANT_RECEIVABLE), 0),
            creators_minor=sum(sums.get((currency, kind), 0) for kind in creators),
            platform_minor=sum(sums.get((currency, kind), 0) for kind in platform),
            paid_minor=sums.get((currency, kinds.BANK), 0),
        )
        for currency in sorted({currency for currency, _kind in sums})
    ]
