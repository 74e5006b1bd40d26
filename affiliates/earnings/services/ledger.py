"""The only place that writes transfers."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from affiliates.earnings.domain.ledger import Move, Slot
from affiliates.earnings.models import Account, Conversion, Payout, Transfer, VolumeBonus
from affiliates.earnings.selectors.ledger import slot_of
from community.models import User

Place = tuple[Slot, str]


class LedgerConflict(Exception):
    """A cause was booked before, and said something else then."""


@dataclass(frozen=True, slots=True)
class Booking:
    """Moves that are booked together: their currency, their cause, and the key that makes them unique.

    Bookings of one `group` are the two sides of an exchange.
    """

    moves: Sequence[Move]
    currency: str
    key: str
    conversion: Conversion | None = None
    payout: Payout | None = None
    actor: User | None = None
    group: uuid.UUID | None = None
    bonus: VolumeBonus | None = None


def ensure_accounts(*, places: Iterable[Place]) -> dict[Place, Account]:
    """The accounts of (slot, currency) pairs, opened where missing. One query, three where one was missing.

    May be repeated, also by two at once.
    """
    wanted = sorted(set(places))
    found = _accounts(wanted)
    missing = [place for place in wanted if place not in found]
    if missing:
        Account.objects.bulk_create(
            [
                Account(
                    kind=slot.kind,
                    merchant_id=slot.merchant_id or None,
                    creator_id=slot.creator_id or None,
                    currency=currency,
                )
                for slot, currency in missing
            ],
            ignore_conflicts=True,
        )
        found |= _accounts(missing)
    return found


def _accounts(places: Sequence[Place]) -> dict[Place, Account]:
    if not places:
        return {}
    merchants = {slot.merchant_id for slot, _ in places}
    creators = {slot.creator_id for slot, _ in places}
    accounts = Account.objects.filter(
        Q(merchant_id__in=merchants) | Q(merchant__isnull=True),
        Q(creator_id__in=creators) | Q(creator__isnull=True),
        kind__in={slot.kind for slot, _ in places},
        currency__in={currency for _, currency in places},
    )
    return {(slot_of(a.kind, a.merchant_id, a.creator_id), a.currency): a for a in accounts}


@transaction.atomic
def transfer(
    *,
    debit: Account,
    credit: Account,
    amount_minor: int,
    kind: str,
    source_key: str,
    now: dt.datetime,
    conversion: Conversion | None = None,
    payout: Payout | None = None,
    actor: User | None = None,
    group: uuid.UUID | None = None,
    effective_at: dt.datetime | None = None,
) -> Transfer:
    """Move a positive amount from one account to another of the same currency, once per `source_key`.

    May be repeated: the same cause again returns the transfer that is there. LedgerConflict when it said
    something else.
    """
    if amount_minor <= 0 or debit.currency != credit.currency:
        raise ValueError("a transfer moves a positive amount between two accounts of one currency")
    made, created = Transfer.objects.get_or_create(
        source_key=source_key,
        defaults={
            "group": group or uuid.uuid4(),
            "debit": debit,
            "credit": credit,
            "amount_minor": amount_minor,
            "currency": debit.currency,
            "kind": kind,
            "conversion": conversion,
            "payout": payout,
            "effective_at": effective_at or now,
            "created_at": now,
            "actor": actor,
        },
    )
    if not created and (made.debit_id, made.credit_id, made.amount_minor) != (
        debit.pk,
        credit.pk,
        amount_minor,
    ):
        raise LedgerConflict(f"{source_key} was booked before as another transfer")
    return made


def lock_accounts(*, accounts: Sequence[Account]) -> None:
    """Until the transaction ends nobody else books on these accounts.

    A payout takes all that is available up to a transfer's number. Numbers are given out before transactions
    commit, so without this lock a smaller one could appear after the payout had counted. SQLite has one
    writer at a time anyway.
    """
    if accounts:
        pks = [account.pk for account in accounts]
        list(Account.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk").values_list("pk"))


def book(*, bookings: Sequence[Booking], now: dt.datetime) -> int:
    """Write the transfers of all bookings, each a group of its own unless it names one; returns how many.

    Call it inside the transaction that locked what the moves were computed from. Not repeatable: a key that
    was booked before is refused by the database.
    """
    places = {(slot, b.currency) for b in bookings for move in b.moves for slot in (move.debit, move.credit)}
    accounts = ensure_accounts(places=places)
    lock_accounts(accounts=[a for a in accounts.values() if a.kind == Account.Kind.CREATOR_AVAILABLE])
    rows = [
        Transfer(
            group=group,
            debit=accounts[move.debit, booking.currency],
            credit=accounts[move.credit, booking.currency],
            amount_minor=move.amount_minor,
            currency=booking.currency,
            kind=move.kind,
            source_key=f"{booking.key}:{number}",
            conversion=booking.conversion,
            payout=booking.payout,
            bonus=booking.bonus,
            effective_at=now,
            created_at=now,
            actor=booking.actor,
        )
        for booking in bookings
        for group in [booking.group or uuid.uuid4()]
        for number, move in enumerate(booking.moves, 1)
    ]
    Transfer.objects.bulk_create(rows)
    return len(rows)
