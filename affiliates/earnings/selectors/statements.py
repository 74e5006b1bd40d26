"""Creators' accounts of a month, computed from transfers alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from django.db.models import Q, QuerySet, Sum

from affiliates.earnings.domain import statements as domain
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.statements import ADJUSTMENT, BILLED, ORDER, PAYOUT, STAGES, Step, stage_of_account
from affiliates.earnings.models import Account, Payout, Statement, Transfer

#: creator, currency
Key = tuple[int, str]
#: order, volume bonus; one of them is 0
Cause = tuple[int, int]
EarlierMonths = dict[tuple[int, Cause], tuple[Month, set[Month]]]
TRANSIT = Account.Kind.PAYOUT_IN_TRANSIT


@dataclass(frozen=True, slots=True)
class Movement:
    """A transfer as it touches one creator, with what it is about."""

    transfer: Transfer
    step: Step


@dataclass(slots=True)
class MonthOf:
    """A creator's month in one currency: figures, and the movements behind them."""

    figures: domain.Account
    movements: list[Movement] = field(default_factory=list)


def keys_with_accounts(*, after: Key | None, limit: int) -> list[Key]:
    """The next (creator, currency) pairs in order that can have a statement: those with an account, and those in which
    only a payout is on its way, exchanged out of another currency. One query.
    """
    accounts = Account.objects.filter(kind__in=Account.OF_CREATOR)
    exchanged = Payout.objects.filter(quote__isnull=False)
    if after:
        accounts = accounts.filter(Q(creator_id__gt=after[0]) | Q(creator_id=after[0], currency__gt=after[1]))
        exchanged = exchanged.filter(Q(creator_id__gt=after[0]) | Q(creator_id=after[0], pay_currency__gt=after[1]))
    pairs = accounts.order_by().values_list("creator_id", "currency")
    both = pairs.union(exchanged.order_by().values_list("creator_id", "pay_currency"))
    found = both.order_by("creator_id", "currency")[:limit]
    return [(creator_id, currency) for creator_id, currency in found if creator_id is not None]


def months_of(keys: Collection[Key], month: Month) -> dict[Key, MonthOf]:
    """What each pair had at the beginning of a month and what moved in it; nothing for those without either.

    Eight queries, however many pairs.
    """
    creators = {creator_id for creator_id, _currency in keys}
    opening = _balances(creators, month.starts_at)
    moved: dict[Key, list[Movement]] = defaultdict(list)
    for transfer in _transfers(creators, month):
        for creator_id in sorted(_touched(transfer) & creators):
            moved[creator_id, transfer.currency].append(Movement(transfer, _step(transfer, creator_id)))
    found: dict[Key, MonthOf] = {}
    for key in sorted(keys):
        had, movements = opening.get(key, (0, 0, 0, 0)), moved.get(key, [])
        if any(had) or movements:
            figures = domain.account_for(had, (movement.step for movement in movements))
            found[key] = MonthOf(figures, movements)
    return found


def _transfers(creators: set[int], month: Month) -> list[Transfer]:
    accounts = list(Account.objects.filter(creator_id__in=creators).values_list("pk", flat=True))
    payouts = list(Payout.objects.filter(creator_id__in=creators).values_list("pk", flat=True))
    within = Transfer.objects.filter(effective_at__gte=month.starts_at, effective_at__lt=month.ends_at).select_related(
        "debit", "credit", "payout", "conversion__merchant", "conversion__placement", "bonus__program__merchant"
    )
    found: dict[int, Transfer] = {}
    parts: Iterable[QuerySet[Transfer]] = (
        within.filter(debit_id__in=accounts),
        within.filter(credit_id__in=accounts),
        within.filter(payout_id__in=payouts),
    )
    for part in parts:
        found |= {transfer.seq: transfer for transfer in part}
    return [found[seq] for seq in sorted(found)]


def _owner(account: Account, payout: Payout | None) -> int:
    """Whose column an account is: 0 for one that is on no statement."""
    if account.creator_id:
        return account.creator_id
    return payout.creator_id if payout and account.kind == TRANSIT else 0


def _touched(transfer: Transfer) -> set[int]:
    return {_owner(transfer.debit, transfer.payout), _owner(transfer.credit, transfer.payout)} - {0}


def _step(transfer: Transfer, creator_id: int) -> Step:
    debit, credit = (
        stage_of_account(account.kind) if _owner(account, transfer.payout) == creator_id else ""
        for account in (transfer.debit, transfer.credit)
    )
    otherwise = ORDER if transfer.conversion_id or transfer.bonus_id else ADJUSTMENT
    cause = PAYOUT if transfer.payout_id else otherwise
    return Step(debit, credit, transfer.amount_minor, cause)


def _balances(creators: Collection[int], before: dt.datetime) -> dict[Key, tuple[int, int, int, int]]:
    """Each pair's columns just before a moment. Four queries."""
    sums: dict[Key, dict[str, int]] = defaultdict(lambda: dict.fromkeys(STAGES, 0))
    past = Transfer.objects.filter(effective_at__lt=before).order_by()
    for side, sign in (("credit", 1), ("debit", -1)):
        rows = past.filter(**{f"{side}__creator_id__in": creators}).values_list(
            f"{side}__creator_id", "currency", f"{side}__kind"
        )
        for creator_id, currency, kind, total in rows.annotate(total=Sum("amount_minor")):
            sums[creator_id, currency][stage_of_account(kind)] += sign * total
        moving = past.filter(**{f"{side}__kind": TRANSIT, "payout__creator_id__in": creators})
        for creator_id, currency, total in moving.values_list("payout__creator_id", "currency").annotate(
            total=Sum("amount_minor")
        ):
            sums[creator_id, currency][domain.IN_TRANSIT] += sign * total
    return {
        key: (row[domain.PENDING], row[domain.APPROVED], row[domain.AVAILABLE], row[domain.IN_TRANSIT])
        for key, row in sums.items()
    }


def cause_of(transfer: Transfer) -> Cause:
    """What a transfer earns or takes back for; (0, 0) for all others."""
    return transfer.conversion_id or 0, transfer.bonus_id or 0


def earlier_months(found: dict[Key, MonthOf], before: dt.datetime) -> EarlierMonths:
    """(creator, cause) → the month in which it first touched the creator, and those in which it was billed.

    Only months before a moment. One query.
    """
    causes = {cause_of(movement.transfer) for one in found.values() for movement in one.movements}
    seen: EarlierMonths = {}
    behind = Q(conversion_id__in={order for order, _bonus in causes}) | Q(
        bonus_id__in={bonus for _order, bonus in causes}
    )
    past = Transfer.objects.filter(behind, effective_at__lt=before)
    for transfer in past.select_related("debit", "credit", "payout").order_by("effective_at", "seq"):
        for creator_id in _touched(transfer):
            month = Month.of(transfer.effective_at)
            _first, billed = seen.setdefault((creator_id, cause_of(transfer)), (month, set()))
            step = _step(transfer, creator_id)
            if step.into in BILLED and step.out_of not in BILLED:
                billed.add(month)
    return seen


def creators_statements(creator_id: int) -> QuerySet[Statement]:
    """A creator's statements, latest first. One query when read."""
    return (
        Statement.objects.filter(creator_id=creator_id)
        .select_related("period")
        .defer("body")
        .order_by("-period__ends_at", "currency")
    )


def months_statements(month: str) -> QuerySet[Statement]:
    """All statements of a month, by currency and creator. One query when read."""
    return (
        Statement.objects.filter(period__month=month)
        .select_related("period", "creator")
        .defer("body")
        .order_by("currency", "creator_id")
    )


def gaps_in_numbers() -> Iterator[tuple[str, int]]:
    """(kind of document, first number that is not there). A query a kind."""
    for kind in Statement.Document.values:
        numbers = Statement.objects.filter(document=kind).order_by("number").values_list("number", flat=True)
        for wanted, number in enumerate(numbers.iterator(chunk_size=2000), 1):
            if number != wanted:
                yield kind, wanted
                break
