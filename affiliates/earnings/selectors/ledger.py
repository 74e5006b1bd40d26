"""Sums of transfers: what is booked, and what follows from it."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable

from django.db.models import F, Max, Q, Sum

from affiliates.earnings.domain import ledger as domain
from affiliates.earnings.domain.ledger import Slot
from affiliates.earnings.domain.payouts import Run, is_paid
from affiliates.earnings.models import Account, Payout, Transfer

#: currency → slot → credits less debits
Booked = dict[str, dict[Slot, int]]


def slot_of(kind: str, merchant_id: int | None, creator_id: int | None) -> Slot:
    """The slot of an account's columns."""
    return Slot(kind, merchant_id or 0, creator_id or 0)


def booked_for(conversion_ids: Collection[int]) -> dict[int, Booked]:
    """What each order has booked so far: conversion → currency → slot → credits less debits. Two queries."""
    return _booked("conversion_id", conversion_ids)


def booked_for_bonuses(bonus_ids: Collection[int]) -> dict[int, Booked]:
    """What each volume bonus has booked so far: bonus → currency → slot → credits less debits. Two queries."""
    return _booked("bonus_id", bonus_ids)


def _booked(cause: str, ids: Collection[int]) -> dict[int, Booked]:
    booked: dict[int, Booked] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
    if not ids:
        return booked
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = (
            Transfer.objects.filter(**{f"{cause}__in": ids})
            .order_by()
            .values_list(cause, "currency", f"{side}__kind", f"{side}__merchant_id", f"{side}__creator_id")
            .annotate(total=Sum("amount_minor"))
        )
        for pk, currency, kind, merchant_id, creator_id, total in rows:
            booked[pk][currency][slot_of(kind, merchant_id, creator_id)] += sign * total
    return booked


def balance_of(account_id: int, *, as_of: dt.datetime | None = None) -> int:
    """Credits less debits of an account. Two queries."""
    found = Transfer.objects.all() if as_of is None else Transfer.objects.filter(effective_at__lte=as_of)
    credit = found.filter(credit_id=account_id).aggregate(total=Sum("amount_minor"))["total"] or 0
    debit = found.filter(debit_id=account_id).aggregate(total=Sum("amount_minor"))["total"] or 0
    return int(credit - debit)


def last_seq() -> int:
    """The number of the latest transfer this transaction sees. One query."""
    return int(Transfer.objects.aggregate(last=Max("seq"))["last"] or 0)


def payout_runs(creator_ids: Iterable[int]) -> dict[tuple[int, str], list[Run]]:
    """(creator, currency) → their payouts in order, with what became of each. One query."""
    back = (domain.PAYOUT_REJECTED, domain.PAYOUT_RETURNED)
    rows = (
        Payout.objects.filter(creator_id__in=list(creator_ids))
        .order_by()
        .values_list("creator_id", "currency", "through_seq", "paid_at")
        .annotate(back=Max("transfers__seq", filter=Q(transfers__kind__in=back)))
    )
    found: dict[tuple[int, str], list[Run]] = defaultdict(list)
    for creator_id, currency, through, paid_at, back_seq in rows:
        found[creator_id, currency].append(Run(through, paid_at is not None, back_seq))
    for runs in found.values():
        runs.sort(key=lambda run: run.through_seq)
    return found


def paid_for(conversion_ids: Collection[int]) -> dict[tuple[int, int, str], int]:
    """(conversion, creator, currency) → what was paid to the creator for the order, as the transfers have it. Three
    queries.

    A payout sends all that its creator had available, so what an order moved into the creator's available
    account went out with the first payout that reaches it; `is_paid` says whether it arrived. An order that
    was restated in another currency may have been paid for in both; the two cannot be added up.
    """
    return _paid("conversion_id", conversion_ids)


def paid_for_bonuses(bonus_ids: Collection[int]) -> dict[tuple[int, int], int]:
    """(bonus, creator) → what was paid to the creator for it, as `paid_for` says it of orders. Three queries.

    A bonus is of one currency.
    """
    return {(pk, creator): paid for (pk, creator, _currency), paid in _paid("bonus_id", bonus_ids).items()}


def _paid(cause: str, ids: Collection[int]) -> dict[tuple[int, int, str], int]:
    paid: dict[tuple[int, int, str], int] = defaultdict(int)
    if not ids:
        return paid
    rows: list[tuple[int, int, str, int, int]] = []
    for side, sign in (("credit", 1), ("debit", -1)):
        found = Transfer.objects.filter(
            **{f"{cause}__in": ids, f"{side}__kind": Account.Kind.CREATOR_AVAILABLE}
        ).values_list(cause, f"{side}__creator_id", "currency", "seq", "amount_minor")
        rows += [(pk, creator, currency, seq, sign * amount) for pk, creator, currency, seq, amount in found]
    runs = payout_runs({row[1] for row in rows}) if rows else {}
    for pk, creator_id, currency, seq, amount in rows:
        if is_paid(seq, runs.get((creator_id, currency), [])):
            paid[pk, creator_id, currency] += amount
    return paid


def released_between(*, creator_id: int, currency: str, after_seq: int, through_seq: int) -> tuple[set[int], set[int]]:
    """The orders, and the volume bonuses, that moved money in or out of a creator's available account in a stretch of
    the books. Two queries.
    """
    orders: set[int] = set()
    bonuses: set[int] = set()
    for side in ("credit", "debit"):
        rows = Transfer.objects.filter(
            Q(conversion_id__isnull=False) | Q(bonus_id__isnull=False),
            seq__gt=after_seq,
            seq__lte=through_seq,
            currency=currency,
            **{f"{side}__kind": Account.Kind.CREATOR_AVAILABLE, f"{side}__creator_id": creator_id},
        ).values_list("conversion_id", "bonus_id")
        for conversion_id, bonus_id in rows:
            orders |= {conversion_id} if conversion_id else set()
            bonuses |= {bonus_id} if bonus_id else set()
    return orders, bonuses


def available_balances(currency: str) -> dict[int, tuple[int, int]]:
    """creator → (account, balance) of the available accounts of a currency. One query."""
    accounts = (
        Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE, currency=currency)
        .with_balance()
        .annotate(owner=F("creator_id"))
        .order_by("pk")
    )
    return {account.owner: (account.pk, account.balance_minor) for account in accounts}
