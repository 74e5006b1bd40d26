"""That suspense holds what nobody could explain and nothing else, and that the bank's lines are what the books say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Case, F, Q, Sum, When

from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.models import Account, BankLine, SuspenseEnd, SuspenseItem, Transfer
from affiliates.earnings.selectors.violations import Violation

MARGIN = Account.Kind.PLATFORM_MARGIN
BANK = Account.Kind.BANK


def fees_from_suspense() -> dict[str, int]:
    """currency → what turned out to be the platform's own. One query."""
    moved = Transfer.objects.filter(kind=kinds.SUSPENSE_END).order_by().values_list("currency")
    sums: dict[str, int] = defaultdict(int)
    for currency, came, went in moved.annotate(
        came=Sum("amount_minor", filter=Q(credit__kind=MARGIN), default=0),
        went=Sum("amount_minor", filter=Q(debit__kind=MARGIN), default=0),
    ):
        sums[currency] += came - went
    return sums


def suspense_is_sound() -> Iterator[Violation]:
    """M3 and M10: each unexplained amount and each end of one is booked once, by two people, at most what there was."""
    booked = {
        key: (amount, debit, credit)
        for key, amount, debit, credit in Transfer.objects.filter(
            kind__in=(kinds.SUSPENSE, kinds.SUSPENSE_END)
        ).values_list("source_key", "amount_minor", "debit__kind", "credit__kind")
    }
    for item in SuspenseItem.objects.order_by("pk"):
        sides = ("bank", "suspense") if item.amount_minor > 0 else ("suspense", "bank")
        if booked.pop(f"suspense:{item.ref}:1", None) != (abs(item.amount_minor), *sides):
            yield Violation("M3", f"unexplained amount {item.ref}", "is not in the books as it is recorded")
    used: dict[int, int] = defaultdict(int)
    for end in SuspenseEnd.objects.select_related("item", "payment").order_by("pk"):
        subject = f"end {end.ref} of unexplained amount {end.item.ref}"
        if end.approved_at is None:
            if booked.pop(f"suspense-end:{end.ref}:1", None) or end.payment:
                yield Violation("M10", subject, "is booked without approval")
            continue
        used[end.item_id] += end.amount_minor
        if used[end.item_id] > abs(end.item.amount_minor):
            yield Violation("M3", subject, "explains more than there was")
        if end.decided_by_id == end.proposed_by_id:
            yield Violation("M10", subject, "was proposed and approved by one person")
        if end.target == SuspenseEnd.Target.BRAND:
            if end.payment is None or end.payment.amount_minor != end.amount_minor:
                yield Violation("M3", subject, "is not the payment it says")
            continue
        other = "bank" if end.target == SuspenseEnd.Target.BACK else "platform_margin"
        sides = ("suspense", other) if end.item.amount_minor > 0 else (other, "suspense")
        if booked.pop(f"suspense-end:{end.ref}:1", None) != (end.amount_minor, *sides):
            yield Violation("M3", subject, "is not in the books as it is recorded")
    for key in sorted(booked):
        yield Violation("M3", f"transfer {key}", "moves unexplained money without a record")


def bank_is_sound() -> Iterator[Violation]:
    """M3: the transfers that are matched with a line of the bank add up to it, in its currency."""
    cash = Case(
        When(matches__transfer__debit__kind=BANK, then=F("matches__transfer__amount_minor")),
        default=-F("matches__transfer__amount_minor"),
    )
    wrong = (
        BankLine.objects.filter(matches__isnull=False)
        .order_by("pk")
        .annotate(booked=Sum(cash))
        .exclude(booked=F("amount_minor"))
    )
    for line in wrong:
        yield Violation("M3", f"bank line {line.bank_ref}", "is not what its transfers add up to")
    foreign = BankLine.objects.filter(matches__isnull=False).exclude(matches__transfer__currency=F("currency"))
    for reference in foreign.order_by("pk").values_list("bank_ref", flat=True).distinct():
        yield Violation("M1", f"bank line {reference}", "is matched with another currency")
