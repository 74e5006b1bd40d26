"""What caused a transfer, and where finance reads about it."""

from __future__ import annotations

from django.urls import reverse

from affiliates.earnings.models import Transfer


def cause_of(transfer: Transfer) -> tuple[str, str]:
    """(what caused a transfer, the address of its page). The address may be empty."""
    if transfer.conversion is not None:
        order = transfer.conversion
        return order.order_id, reverse("earnings_order", args=[order.merchant.slug, order.order_id])
    if transfer.bonus is not None:
        return transfer.bonus.ref, reverse("earnings_bonus", args=[transfer.bonus.ref])
    if transfer.payout is not None:
        return transfer.payout.ref, reverse("earnings_batch", args=[transfer.payout.batch.ref])
    cause, _colon, rest = transfer.source_key.partition(":")
    pages = {"brand-payment": "earnings_brand_money", "adjustment": "earnings_adjustments"}
    if cause in {"suspense", "suspense-end"}:
        return rest.partition(":")[0], reverse("earnings_suspense")
    return rest.partition(":")[0], reverse(pages[cause]) if cause in pages else ""
