"""The promises about payouts, held against what is stored: M10, and M9 where they change currency. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.db.models import Q, Sum

from affiliates.catalogue.domain.rates import RateTable, convert
from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.domain.payouts import batch_digest
from affiliates.earnings.models import Account, ExchangeQuote, Payout, PayoutBatch, Transfer
from affiliates.earnings.selectors.payouts import item_of
from affiliates.earnings.selectors.violations import Violation

#: (kind, kind of the debited account, kind of the credited account, currency, amount)
Step = tuple[str, str, str, str, int]


def payouts_are_sound() -> Iterator[Violation]:
    """M10: two people, items as approved, each payout in transit once and ended once. Two queries a batch."""
    batches = PayoutBatch.objects.order_by("pk").prefetch_related("payouts__profile", "payouts__quote")
    for batch in batches.iterator(chunk_size=200):
        subject, payouts = f"batch {batch.ref}", list(batch.payouts.all())
        if batch.total_minor != sum(payout.amount_minor for payout in payouts):
            yield Violation("M10", subject, "its items do not add up to its total")
        if batch.approved_at and batch.approved_by_id == batch.proposed_by_id:
            yield Violation("M10", subject, "was proposed and approved by one person")
        if batch.approved_at and batch.digest != batch_digest(item_of(payout) for payout in payouts):
            yield Violation("M10", subject, "its items are not those that were approved")
        if (batch.sent_at or batch.handed_at) and not batch.approved_at:
            yield Violation("M10", subject, "was sent without approval")
        if bool(batch.sent_at or batch.rejected_at) == any(payout.is_open for payout in payouts):
            yield Violation("M10", subject, "says otherwise than its payouts whether it has ended")
        steps: dict[int | None, list[Step]] = defaultdict(list)
        rows = Transfer.objects.filter(payout__batch=batch).values_list(
            "payout_id", "kind", "debit__kind", "credit__kind", "currency", "amount_minor"
        )
        for payout_id, kind, debit, credit, currency, amount in rows:
            steps[payout_id].append((kind, debit, credit, currency, amount))
        for payout in payouts:
            yield from _wrong_steps(payout, steps[payout.pk])
            if (payout.handed_at or payout.paid_at) and not batch.approved_at:
                yield Violation("M10", f"payout {payout.ref}", "left without approval")


def _wrong_steps(payout: Payout, booked: list[Step]) -> Iterator[Violation]:
    if payout.quote is None and (payout.pay_currency, payout.pay_minor) != (payout.currency, payout.amount_minor):
        yield Violation("M9", f"payout {payout.ref}", "changes its amount without a quote")
    if sorted(booked) != sorted(_wanted_steps(payout)):
        yield Violation("M10", f"payout {payout.ref}", "its transfers are not as its state says")


def _wanted_steps(payout: Payout) -> list[Step]:
    earned, arrives = (payout.currency, payout.amount_minor), (payout.pay_currency, payout.pay_minor)
    creator, transit, bank, clearing = "creator_available", "payout_in_transit", "bank", "fx_clearing"
    back = kinds.PAYOUT_RETURNED if payout.returned_at else kinds.PAYOUT_REJECTED if payout.rejected_at else ""
    away = bank if payout.paid_at else transit
    wanted: list[Step] = []
    if payout.quote is None:
        wanted.append((kinds.PAYOUT, creator, transit, *earned))
        if back:
            wanted.append((back, away, creator, *earned))
    else:
        wanted.append((kinds.PAYOUT, creator, clearing, *earned))
        wanted.append((kinds.PAYOUT_EXCHANGE, clearing, transit, *arrives))
        if back:
            wanted.append((kinds.PAYOUT_EXCHANGE, away, clearing, *arrives))
            wanted.append((back, clearing, creator, *earned))
    if payout.paid_at:
        wanted.append((kinds.PAYOUT_SENT, transit, bank, *arrives))
    return wanted


def table_of(quote: ExchangeQuote) -> RateTable:
    """The quote as a table of rates."""
    rates = {quote.given: quote.given_e8, quote.into: quote.into_e8}
    return RateTable(on=quote.on, source=quote.source, base=quote.base, rates_e8=rates)


def quotes_hold() -> Iterator[Violation]:
    """M9: what arrives in another currency is what was taken, at the stored quote, rounded once. One query."""
    exchanged = Payout.objects.filter(quote__isnull=False).select_related("quote")
    for payout in exchanged.order_by("pk").iterator(chunk_size=500):
        quote, subject = payout.quote, f"payout {payout.ref}"
        if quote is None:
            continue
        if (quote.batch_id, quote.given, quote.into) != (payout.batch_id, payout.currency, payout.pay_currency):
            yield Violation("M9", subject, "is exchanged by a quote of something else")
        elif convert(payout.amount_minor, payout.currency, payout.pay_currency, table_of(quote)) != payout.pay_minor:
            yield Violation("M9", subject, "does not arrive as its quote says")


def arrived_by_currency() -> dict[str, int]:
    """currency → what the payouts say the bank sent. One query."""
    rows = Payout.objects.arrived().order_by().values_list("pay_currency").annotate(total=Sum("pay_minor"))
    return dict(rows)


def bank_by_payouts() -> dict[str, int]:
    """currency → what payouts moved to the bank, less what they moved back. One query."""
    bank = Account.Kind.BANK
    rows = (
        Transfer.objects.filter(Q(credit__kind=bank) | Q(debit__kind=bank), payout__isnull=False)
        .order_by()
        .values_list("currency")
        .annotate(
            came=Sum("amount_minor", filter=Q(credit__kind=bank), default=0),
            left=Sum("amount_minor", filter=Q(debit__kind=bank), default=0),
        )
    )
    return {currency: came - left for currency, came, left in rows}
