"""What a creator is owed, where it stands, and when it is expected."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass

from django.db.models import F, Max, Q, QuerySet, Sum
from django.utils import timezone

from affiliates.earnings.domain.payouts import minimum_minor
from affiliates.earnings.models import Account, Conversion, Payout, Transfer, VolumeBonus


@dataclass(frozen=True, slots=True)
class Balance:
    """A creator's money in one currency. `available_minor` may be negative after refunds of what was paid."""

    currency: str
    pending_minor: int = 0
    approved_minor: int = 0
    available_minor: int = 0
    in_transit_minor: int = 0
    paid_minor: int = 0
    next_expected_on: dt.date | None = None
    next_expected_minor: int = 0

    @property
    def minimum_minor(self) -> int:
        """What must be available before anything is sent."""
        return minimum_minor(self.currency)

    @property
    def missing_minor(self) -> int:
        """How much is missing to the minimum; 0 when it is reached or nothing is available."""
        return max(0, self.minimum_minor - self.available_minor) if self.available_minor > 0 else 0


_FIELDS = {
    Account.Kind.CREATOR_PENDING: "pending_minor",
    Account.Kind.CREATOR_APPROVED: "approved_minor",
    Account.Kind.CREATOR_AVAILABLE: "available_minor",
}


def creator_balances(creator_id: int, *, as_of: dt.datetime | None = None) -> list[Balance]:
    """The creator's balances, one for each currency they ever earned in. Four queries."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for account in Account.objects.filter(creator_id=creator_id).with_balance(as_of=as_of):
        found[account.currency][_FIELDS[Account.Kind(account.kind)]] = account.balance_minor
    payouts = Payout.objects.filter(creator_id=creator_id, rejected_at=None, returned_at=None).order_by()
    for currency, sent, moving in payouts.values_list("currency").annotate(
        sent=Sum("amount_minor", filter=Q(paid_at__isnull=False), default=0),
        moving=Sum("amount_minor", filter=Q(paid_at=None), default=0),
    ):
        found[currency].update(paid_minor=sent, in_transit_minor=moving)
    expected = _next_expected(creator_id, today=(as_of or timezone.now()).date())
    made = []
    for currency in sorted(found):
        sums = found[currency]
        on, amount = expected.get(currency, (None, 0))
        if sums.get("in_transit_minor"):
            amount = sums["in_transit_minor"]
            on = (as_of or timezone.now()).date()
        made.append(Balance(currency, **sums, next_expected_on=on, next_expected_minor=amount))
    return made


def _next_expected(creator_id: int, *, today: dt.date) -> dict[str, tuple[dt.date, int]]:
    """currency → the first day on which money not paid yet is expected, and how much of it. Two queries.

    Money is expected the programme's usual days after it becomes available; never before today.
    """
    rows = (
        Conversion.objects.filter(creator_id=creator_id, lines__creator_minor__gt=F("lines__paid_minor"))
        .exclude(status=Conversion.Status.REVERSED)
        .order_by()
        .values_list("currency", "available_on", "program__payout_lag_days")
        .annotate(amount=Sum(F("lines__creator_minor") - F("lines__paid_minor")))
    )
    bonuses = (
        VolumeBonus.objects.filter(creator_id=creator_id, creator_minor__gt=F("paid_minor"))
        .order_by()
        .values_list("currency", "available_on", "program__payout_lag_days")
        .annotate(amount=Sum(F("creator_minor") - F("paid_minor")))
    )
    found: dict[str, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    for currency, available_on, lag, amount in (*rows, *bonuses):
        if available_on is not None:
            day = max(today, available_on + dt.timedelta(days=lag or 0))
            found[currency][day] += amount
    return {currency: (min(days), days[min(days)]) for currency, days in found.items()}


def account_lines(creator_id: int, currency: str) -> QuerySet[Transfer]:
    """Every transfer in or out of a creator's accounts of a currency, latest first. One query when read."""
    own = Q(credit__creator_id=creator_id) | Q(debit__creator_id=creator_id)
    return (
        Transfer.objects.filter(own, currency=currency)
        .select_related("debit", "credit", "conversion__merchant", "payout__batch", "bonus")
        .order_by("-seq")
    )


def last_booked_at() -> dt.datetime | None:
    """When the books last moved. One query."""
    moment: dt.datetime | None = Transfer.objects.aggregate(last=Max("created_at"))["last"]
    return moment
