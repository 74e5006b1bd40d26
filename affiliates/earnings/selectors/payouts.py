"""Payout batches as finance sees them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from affiliates.earnings.domain.payouts import minimum_minor
from affiliates.earnings.models import Account, PayoutBatch
from affiliates.earnings.selectors.ledger import available_balances
from community.models import User


@dataclass(frozen=True, slots=True)
class Payable:
    """What a batch of a currency would hold now, and what stays below the minimum or is owed."""

    currency: str
    creators: int
    total_minor: int
    below_minimum: int
    in_debt: int
    minimum_minor: int


def batches() -> QuerySet[PayoutBatch]:
    """All batches, latest first, with the number of their payouts. One query when read."""
    return (
        PayoutBatch.objects.select_related("proposed_by", "approved_by")
        .annotate(number=Count("payouts"))
        .order_by("-pk")
    )


def awaiting_approval(*, for_user: User | None = None) -> list[PayoutBatch]:
    """Batches that somebody has to approve, oldest first; those that this person may approve before their
    own.
    """
    found = list(batches().filter(approved_at__isnull=True, rejected_at__isnull=True).order_by("proposed_at", "pk"))
    if for_user is not None:
        found.sort(key=lambda batch: batch.proposed_by_id == for_user.pk)
    return found


def waiting_batches() -> int:
    """How many batches wait for approval. One query."""
    return PayoutBatch.objects.filter(approved_at__isnull=True, rejected_at__isnull=True).count()


def payable_now() -> list[Payable]:
    """Per currency, whom a new batch would pay. One query, and one a currency."""
    currencies = (
        Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE)
        .order_by("currency")
        .values_list("currency", flat=True)
        .distinct()
    )
    made = []
    for currency in currencies:
        minimum = minimum_minor(currency)
        balances = [balance for _account, balance in available_balances(currency).values()]
        due = [balance for balance in balances if balance >= minimum]
        made.append(
            Payable(
                currency=currency,
                creators=len(due),
                total_minor=sum(due),
                below_minimum=sum(0 < balance < minimum for balance in balances),
                in_debt=sum(balance < 0 for balance in balances),
                minimum_minor=minimum,
            )
        )
    return made
