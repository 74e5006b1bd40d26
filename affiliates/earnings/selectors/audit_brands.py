"""That brands' statements and payments, adjustments by hand and the history of orders agree with the books."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import F, OuterRef, Q, Subquery, Sum

from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.models import (
    Adjustment,
    BrandPayment,
    BrandStatement,
    BrandStatementLine,
    Conversion,
    OrderChange,
    Transfer,
)
from affiliates.earnings.selectors.brand_accounts import due_by_bonus, due_by_order
from affiliates.earnings.selectors.violations import Violation


def adjustment_sums() -> dict[tuple[str, str], int]:
    """(currency, kind of account) → what adjustments moved into it. Two queries."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    moved = Transfer.objects.filter(kind=kinds.ADJUSTMENT).order_by()
    for side, sign in (("credit", 1), ("debit", -1)):
        for currency, kind, total in moved.values_list("currency", f"{side}__kind").annotate(Sum("amount_minor")):
            sums[currency, kind] += sign * total
    return sums


def brands_and_hands_are_sound() -> Iterator[Violation]:
    """M3, M8, M10 and M11 for what people did."""
    yield from _statements()
    yield from _payments()
    yield from _adjustments()
    yield from _histories()


def _statements() -> Iterator[Violation]:
    last: dict[tuple[int, str], BrandStatement] = {}
    for statement in BrandStatement.objects.order_by("pk"):
        subject = f"brand statement {statement.ref}"
        total = 0
        for cause, due_by in (("conversion_id", due_by_order), ("bonus_id", due_by_bonus)):
            about = statement.lines.filter(**{f"{cause}__isnull": False})
            lines = list(about.order_by(cause).values_list(cause, "amount_minor"))
            due = due_by(
                merchant_id=statement.merchant_id,
                currency=statement.currency,
                starts_at=statement.starts_at,
                ends_at=statement.ends_at,
            )
            if lines != due:
                yield Violation("M11", subject, "its lines are not what its transfers add up to")
            total += sum(amount for _pk, amount in lines)
        if statement.total_minor != total:
            yield Violation("M11", subject, "its lines do not add up to its total")
        before = last.get((statement.merchant_id, statement.currency))
        if statement.starts_at != (before.ends_at if before else None):
            yield Violation("M11", subject, "does not start where the last one ended")
        last[statement.merchant_id, statement.currency] = statement


def _payments() -> Iterator[Violation]:
    booked = dict(Transfer.objects.filter(kind=kinds.BRAND_PAYMENT).values_list("source_key", "amount_minor"))
    paid: dict[tuple[int, str], int] = defaultdict(int)
    for payment in BrandPayment.objects.order_by("pk"):
        paid[payment.merchant_id, payment.currency] += payment.amount_minor
        if booked.pop(f"brand-payment:{payment.ref}:1", None) != payment.amount_minor:
            yield Violation("M3", f"payment {payment.ref} of a brand", "is not in the books as it is recorded")
    for key in sorted(booked):
        yield Violation("M3", f"transfer {key}", "pays for a brand without a payment")
    settled = (
        BrandStatementLine.objects.filter(settled_at__isnull=False)
        .order_by()
        .values_list("statement__merchant_id", "statement__currency")
        .annotate(total=Sum("amount_minor"))
    )
    for merchant_id, currency, total in settled:
        if total > paid[merchant_id, currency]:
            yield Violation("M11", f"brand {merchant_id}", f"{total} {currency} count as paid without payment")


def _adjustments() -> Iterator[Violation]:
    booked = dict(Transfer.objects.filter(kind=kinds.ADJUSTMENT).values_list("source_key", "amount_minor"))
    for adjustment in Adjustment.objects.order_by("pk"):
        amount = booked.pop(f"adjustment:{adjustment.ref}:1", None)
        if amount != (adjustment.amount_minor if adjustment.approved_at else None):
            yield Violation("M3", f"adjustment {adjustment.ref}", "is not in the books as its state says")
        if adjustment.approved_at and adjustment.decided_by_id == adjustment.proposed_by_id:
            yield Violation("M10", f"adjustment {adjustment.ref}", "was proposed and approved by one person")
    for key in sorted(booked):
        yield Violation("M3", f"transfer {key}", "adjusts without an adjustment")


def _histories() -> Iterator[Violation]:
    newest = OrderChange.objects.filter(conversion=OuterRef("pk")).order_by("-pk")
    orders = Conversion.objects.annotate(
        last_status=Subquery(newest.values("status")[:1]),
        last_creator=Subquery(newest.values("creator_id")[:1]),
        last_commission=Subquery(newest.values("commission_minor")[:1]),
        earned=Sum("lines__commission_minor", default=0),
    )
    same_creator = Q(last_creator=F("creator_id")) | Q(last_creator__isnull=True, creator__isnull=True)
    wrong = orders.filter(last_status__isnull=False).exclude(
        Q(last_status=F("status"), last_commission=F("earned")) & same_creator
    )
    for conversion in wrong.order_by("pk"):
        subject = f"order {conversion.order_id} of merchant {conversion.merchant_id}"
        yield Violation("M3", subject, "is not as its last change says")
