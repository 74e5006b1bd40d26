"""Payout batches as finance sees them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from affiliates.earnings.domain.payouts import minimum_minor
from affiliates.earnings.models import Account, Payout, PayoutBatch
from affiliates.earnings.selectors.payout_preview import candidates
from community.models import User


@dataclass(frozen=True, slots=True)
class Payable:
    """What a batch of a currency would hold now, and what stays below the minimum or is owed."""

    currency: str
    creators: int
    total_minor: int
    below_minimum: int
    in_debt: int
    held_back: int
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


def item_of(payout: Payout) -> tuple[str | int, ...]:
    """What is frozen of a payout. Those from before there were payment details have nothing else to freeze."""
    item = (payout.ref, str(payout.creator_id), payout.currency, payout.amount_minor)
    if payout.profile is None:
        return item
    return (*item, payout.pay_currency, payout.pay_minor, payout.profile.pk, payout.profile.fingerprint)


def payable_now(*, now: dt.datetime) -> list[Payable]:
    """Per currency, whom a new batch would pay. One query, and those of the preview for each currency."""
    currencies = (
        Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE)
        .order_by("currency")
        .values_list("currency", flat=True)
        .distinct()
    )
    made = []
    for currency in currencies:
        found = candidates(currency, now=now)
        due = [one for one in found if not one.reason]
        reasons = [one.reason for one in found if one.reason]
        made.append(
            Payable(
                currency=currency,
                creators=len(due),
                total_minor=sum(one.balance_minor for one in due),
                below_minimum=reasons.count("below_minimum"),
                in_debt=reasons.count("in_debt"),
                held_back=len(reasons) - reasons.count("below_minimum") - reasons.count("in_debt"),
                minimum_minor=minimum_minor(currency),
            )
        )
    return made
