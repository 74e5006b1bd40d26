"""What a figure is the sum of: the transfers that add to it and those that take from it.

Every amount that finance, a brand or a creator is shown as a sum leads to a page with exactly these transfers; the sum
at the page's foot is the amount. Whose figure it is decides what may be asked here, so views ask `finance_figure`,
`own_figure` or `brand_figure` and never build one from what a stranger typed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, Value, When

from affiliates.earnings.models import Account, Transfer

KIND = Account.Kind
#: Transfers, with `signed_minor` where a figure brought them.
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Total:
    """How many transfers stand behind a figure, and what they add up to."""

    transfers: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Figure:
    """Transfers of a currency that match `into` add their amount, those that match `out_of` take it away.

    One that matches both moves money inside the figure and is not part of it.
    """

    currency: str
    into: Q
    out_of: Q
    sign: int = 1

    def transfers(self) -> Rows:
        """The figure's transfers with `signed_minor`, latest first. One query when read."""
        signed = Case(
            When(self.into & self.out_of, then=Value(0)),
            When(self.into, then=F("amount_minor") * self.sign),
            default=F("amount_minor") * -self.sign,
            output_field=BigIntegerField(),
        )
        rows: Any = Transfer.objects.filter(self.into | self.out_of, currency=self.currency)
        found: Rows = rows.alias(signed=signed).exclude(signed=0).annotate(signed_minor=signed).order_by("-seq")
        return found

    def total(self) -> Total:
        """What the figure comes to. One query."""
        found = self.transfers().order_by().aggregate(number=Count("seq"), total=Sum("signed_minor", default=0))
        return Total(found["number"], found["total"])

    def narrowed(self, where: Q) -> Figure:
        """The part of it that fits."""
        return Figure(self.currency, self.into & where, self.out_of & where, self.sign)


def named(rows: QuerySet[Transfer]) -> Rows:
    """With all that a line of a table of transfers names."""
    return rows.select_related(
        "debit__merchant", "debit__creator", "credit__merchant", "credit__creator", "actor",
        "conversion__merchant", "payout__batch", "bonus",
    )  # fmt: skip


def of_accounts(
    currency: str,
    kinds: Iterable[str],
    *,
    merchant_id: int | None = None,
    creator_id: int | None = None,
    where: Q | None = None,
    sign: int = 1,
) -> Figure:
    """What stands in all accounts of these kinds and this owner: credits less debits, or the reverse."""
    accounts = Account.objects.filter(currency=currency, kind__in=list(kinds))
    if merchant_id is not None:
        accounts = accounts.filter(merchant_id=merchant_id)
    if creator_id is not None:
        accounts = accounts.filter(creator_id=creator_id)
    pks = accounts.order_by().values("pk")
    both = where or Q()
    return Figure(currency, Q(credit__in=pks) & both, Q(debit__in=pks) & both, sign)
