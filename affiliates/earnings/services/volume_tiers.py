"""Volume tiers: their versions, and the bonus that a creator's month of sales earns. `docs/money/commission.md`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from affiliates.earnings.domain import volume_tiers as domain
from affiliates.earnings.domain.ledger import moves, target
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.states import Stage, Status, stage_of
from affiliates.earnings.domain.volume_tiers import Tier, bonus_due
from affiliates.earnings.models import Conversion, VolumeBonus, VolumeTiers
from affiliates.earnings.selectors.answers import plain
from affiliates.earnings.selectors.ledger import Booked, booked_for_bonuses
from affiliates.earnings.selectors.volume_tiers import SalesKey, sales_key, sales_of
from affiliates.earnings.services.ledger import Booking, book
from affiliates.parties.models import Program
from community.models import User

CHUNK = 500
_FIELDS = [
    "sales_minor", "bonus_minor", "creator_minor", "platform_minor", "last_sale_at", "released_at", "booking",
    "updated_at",
]  # fmt: skip


class TiersRefused(Exception):
    """Tiers that cannot be; the message says why, in the reader's language."""


def touched_by(conversion: Conversion) -> set[SalesKey]:
    """The month of sales that an order counts in as it is now: none, or one. Ask before and after a change."""
    key = sales_key(conversion)
    return {key} if key is not None else set()


def bonus_bookings(*, keys: Collection[SalesKey], now: dt.datetime) -> list[Booking]:
    """Bring these months of sales to what their approved orders say, and return what is missing from the books.

    Call it inside the transaction that changed the orders, after they were saved, and book what it returns there.
    It holds the rows' locks until the transaction ends. None, one, or at most ten queries, however many keys.
    """
    in_force = _in_force(keys)
    if not in_force:
        return []
    rows = _locked(in_force, now)
    sales = sales_of(rows)
    booked = booked_for_bonuses([row.pk for row in rows.values()])
    found = []
    for key, row in rows.items():
        row.sales_minor, row.last_sale_at = sales.get(key, (0, None))
        tiers = in_force[key]
        due = bonus_due(row.sales_minor, tiers.tiers, share_percent=tiers.creator_share_percent)
        row.bonus_minor, row.creator_minor, row.platform_minor = due.bonus_minor, due.creator_minor, due.platform_minor
        row.updated_at = now
        found += _booking(row, tiers, booked[row.pk], now=now)
    VolumeBonus.objects.rewrite(list(rows.values()), _FIELDS)
    return found


def _in_force(keys: Collection[SalesKey]) -> dict[SalesKey, VolumeTiers]:
    """The version that pays each month of sales, for those that have one. One query where there are any."""
    if not keys:
        return {}
    versions = list(
        VolumeTiers.objects.filter(program_id__in={key.program_id for key in keys}).select_related("program")
    )
    found = {}
    for key in sorted(keys):
        for tiers in versions:
            if (tiers.program_id, tiers.currency) == (key.program_id, key.currency) and (
                tiers.starts <= key.month and not tiers.is_over(key.month)
            ):
                found[key] = tiers
    return found


def _locked(in_force: dict[SalesKey, VolumeTiers], now: dt.datetime) -> dict[SalesKey, VolumeBonus]:
    """The rows of these months, made where missing, and nobody else's until the transaction ends."""
    known = _rows(in_force)
    VolumeBonus.objects.bulk_create(
        [
            VolumeBonus(
                program_id=key.program_id,
                creator_id=key.creator_id,
                tiers=tiers,
                month=key.month,
                currency=key.currency,
                available_on=Month.parse(key.month).ends_at.date() + dt.timedelta(days=tiers.hold_days),
                created_at=now,
                updated_at=now,
            )
            for key, tiers in in_force.items()
            if key not in known
        ],
        ignore_conflicts=True,
    )
    rows = known if len(known) == len(in_force) else _rows(in_force)
    lock_bonuses(pks=[row.pk for row in rows.values()])
    # What stood there before the lock was ours may be old by now.
    return _rows(in_force)


def _rows(keys: Iterable[SalesKey]) -> dict[SalesKey, VolumeBonus]:
    wanted = set(keys)
    found = VolumeBonus.objects.filter(
        program_id__in={key.program_id for key in wanted},
        creator_id__in={key.creator_id for key in wanted},
        month__in={key.month for key in wanted},
        currency__in={key.currency for key in wanted},
    ).order_by("pk")
    rows = {SalesKey(row.program_id, row.creator_id, row.month, row.currency): row for row in found}
    return {key: row for key, row in rows.items() if key in wanted}


def lock_bonuses(*, pks: Sequence[int]) -> None:
    """Until the transaction ends nobody else settles these months. SQLite has one writer at a time anyway."""
    rows = VolumeBonus.objects.select_for_update(no_key=True).filter(pk__in=pks)
    list(rows.order_by("pk").values_list("pk"))


def _booking(
    row: VolumeBonus, tiers: VolumeTiers, booked: Booked, *, now: dt.datetime, brand_has_paid: bool = False
) -> list[Booking]:
    """What is missing from the books for a month's bonus; counts up its bookings when anything is."""
    stage = stage_of(
        Status.APPROVED,
        available_on=row.available_on,
        released=row.released_at is not None,
        today=now.date(),
        brand_must_pay=tiers.is_gated and not brand_has_paid,
    )
    if stage is Stage.AVAILABLE and row.released_at is None and row.bonus_minor:
        row.released_at = now
    wanted = target(
        merchant_id=tiers.program.merchant_id,
        creator_id=row.creator_id,
        creator_minor=row.creator_minor,
        platform_minor=row.platform_minor,
        stage=stage,
    )
    steps = moves(booked.get(row.currency, {}), wanted)
    if not steps:
        return []
    row.booking += 1
    return [Booking(moves=steps, currency=row.currency, key=f"bonus:{row.ref}:{row.booking}", bonus=row)]


@transaction.atomic
def settle_bonuses(*, keys: Collection[SalesKey], now: dt.datetime) -> int:
    """Bring these months of sales and their money to what the approved orders say; returns how many were booked.

    May be repeated: what agrees is left alone.
    """
    bookings = bonus_bookings(keys=keys, now=now)
    book(bookings=bookings, now=now)
    return len(bookings)


def release_bonuses(*, now: dt.datetime) -> int:
    """Make the money of bonuses available whose hold is over; returns how many. May be repeated."""
    released, last = 0, 0
    while pks := list(
        VolumeBonus.objects.due_for_release(now.date())
        .filter(pk__gt=last)
        .order_by("pk")
        .values_list("pk", flat=True)[:CHUNK]
    ):
        last = pks[-1]
        with transaction.atomic():
            lock_bonuses(pks=pks)
            due = VolumeBonus.objects.due_for_release(now.date()).filter(pk__in=pks)
            rows = list(due.select_related("tiers__program").order_by("pk"))
            booked, bookings = booked_for_bonuses([row.pk for row in rows]), []
            for row in rows:
                bookings += _booking(row, row.tiers, booked[row.pk], now=now, brand_has_paid=True)
                row.updated_at = now
            VolumeBonus.objects.rewrite(rows, _FIELDS)
            book(bookings=bookings, now=now)
            released += len(rows)
    return released


@transaction.atomic
def add_tiers(
    *,
    program: Program,
    currency: str,
    tiers: Sequence[Tier],
    starts: Month,
    now: dt.datetime,
    by: User | None = None,
) -> VolumeTiers:
    """Start a new version of what a programme pays for a month's sales; the version before it ends when it starts.

    Share, hold and who pays first are the programme's of this moment. Where it is the first of its currency and starts
    with the running month, the sales of that month so far count at once. TiersRefused for a month that has begun, and
    for tiers that contradict themselves. Not repeatable: each call makes a version.
    """
    locked = Program.objects.select_for_update(no_key=True).get(pk=program.pk)
    if faults := domain.faults(tiers):
        raise TiersRefused(" ".join(tier_fault_in_words(fault) for fault in faults))
    same = VolumeTiers.objects.filter(program=locked, currency=currency)
    this, month = Month.of(now), str(starts)
    if starts < this or (starts == this and same.filter(starts__lte=month).in_force(month).exists()):
        raise TiersRefused(_("A change of tiers begins with a month that has not begun."))
    if same.filter(starts__gte=month).exists():
        raise TiersRefused(_("A version of this currency already begins then or later."))
    same.in_force(month).update(ends=month)
    latest = VolumeTiers.objects.filter(program=locked).aggregate(latest=Max("version"))["latest"] or 0
    made = VolumeTiers(
        program=locked,
        version=latest + 1,
        currency=currency,
        steps=[[tier.above_minor, plain(tier.percent)] for tier in tiers],
        starts=month,
        creator_share_percent=locked.creator_share_percent,
        hold_days=locked.hold_days,
        is_gated=locked.brand_pays_first,
        created_at=now,
        created_by=by,
    )
    try:
        made.full_clean()
    except ValidationError as error:
        raise TiersRefused(" ".join(error.messages)) from None
    made.save()
    if starts == this:
        settle_bonuses(keys=_sold(made, this), now=now)
    return made


def _sold(tiers: VolumeTiers, month: Month) -> set[SalesKey]:
    """Whose sales of a month a version pays for."""
    creators = (
        Conversion.objects.filter(
            program=tiers.program,
            currency=tiers.currency,
            creator__isnull=False,
            occurred_at__gte=month.starts_at,
            occurred_at__lt=month.ends_at,
        )
        .order_by()
        .values_list("creator_id", flat=True)
        .distinct()
    )
    return {SalesKey(tiers.program_id, pk, str(month), tiers.currency) for pk in creators if pk is not None}


@transaction.atomic
def end_tiers(*, tiers: VolumeTiers, ends: Month, now: dt.datetime) -> VolumeTiers:
    """The version pays nothing for this month and later ones. May be repeated.

    TiersRefused for a month that has begun, since sales may count in it, and for one after its own end.
    """
    fresh = VolumeTiers.objects.select_for_update(of=("self",)).get(pk=tiers.pk)
    month = str(ends)
    if fresh.ends == month:
        return fresh
    if ends <= Month.of(now):
        raise TiersRefused(_("Tiers end with a month that has not begun."))
    if fresh.is_over(month):
        raise TiersRefused(_("The version ends before that."))
    fresh.ends = max(month, fresh.starts)
    fresh.save(update_fields=["ends"])
    return fresh


def tier_fault_in_words(fault: str) -> str:
    """What is wrong with tiers."""
    return {
        domain.NONE: _("Name at least one tier."),
        domain.TOO_MANY: _("A version has at most %(most)s tiers.") % {"most": domain.MOST_TIERS},
        domain.NEGATIVE: _("A threshold cannot be negative."),
        domain.NOT_RISING: _("Each threshold is higher than the one before."),
        domain.NO_PERCENT: _("A percentage lies between 0 and 100."),
        domain.ALL_ZERO: _("At least one tier pays more than nothing."),
    }[fault]
