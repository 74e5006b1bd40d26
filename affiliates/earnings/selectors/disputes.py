"""Disputes and claims, for those who have to answer and those who wait."""

from __future__ import annotations

from django.db.models import QuerySet

from affiliates.earnings.models import Dispute, SaleClaim


def disputes_of(merchant_id: int | None = None) -> QuerySet[Dispute]:
    """A merchant's disputes, or everybody's, first deadline first. One query when read."""
    found = Dispute.objects.select_related("conversion__merchant", "creator", "change", "decided_by")
    if merchant_id is not None:
        found = found.filter(conversion__merchant_id=merchant_id)
    return found.order_by("answer_by", "pk")


def claims_of(merchant_id: int | None = None, *, creator_id: int | None = None) -> QuerySet[SaleClaim]:
    """Claims on a merchant or of a creator, or everybody's, first deadline first. One query when read."""
    found = SaleClaim.objects.select_related("merchant", "creator", "click", "decided_by")
    if merchant_id is not None:
        found = found.filter(merchant_id=merchant_id)
    if creator_id is not None:
        found = found.filter(creator_id=creator_id)
    return found.order_by("answer_by", "pk")
