"""A creator's months of sales, and what they earn on top. Reads only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from django.db.models import F, Max, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Conversion, ConversionLine, VolumeBonus, VolumeTiers
from affiliates.earnings.models.volume_tiers import VolumeBonusQuerySet
from affiliates.parties.models import Enrolment, Program

#: Lines whose terms pay more than nothing; others are no sales of the programme.
PAYS = Q(percent__gt=0) | Q(flat_minor__gt=0)


class SalesKey(NamedTuple):
    """Whose sales of which programme, month ("2026-03") and currency."""

    program_id: int
    creator_id: int
    month: str
    currency: str


def sales_key(conversion: Conversion) -> SalesKey | None:
    """Where an order counts; None where it counts nowhere: not approved, or credited to no creator."""
    if conversion.program_id is None or conversion.creator_id is None:
        return None
    if conversion.status != Conversion.Status.APPROVED:
        return None
    month = str(Month.of(conversion.occurred_at))
    return SalesKey(conversion.program_id, conversion.creator_id, month, conversion.currency)


def sales_of(keys: Collection[SalesKey]) -> dict[SalesKey, tuple[int, dt.datetime]]:
    """What the approved orders of each month are worth after refunds, and when the last was placed; only months that
    have any. One query.
    """
    wanted = set(keys)
    within = Q(pk__in=[])
    for month in {key.month for key in wanted}:
        at = Month.parse(month)
        within |= Q(conversion__occurred_at__gte=at.starts_at, conversion__occurred_at__lt=at.ends_at)
    rows = (
        ConversionLine.objects.filter(
            PAYS,
            within,
            conversion__status=Conversion.Status.APPROVED,
            conversion__program_id__in={key.program_id for key in wanted},
            conversion__creator_id__in={key.creator_id for key in wanted},
            conversion__currency__in={key.currency for key in wanted},
        )
        .order_by()
        .annotate(first=TruncMonth("conversion__occurred_at", tzinfo=dt.UTC))
        .values_list(
            "conversion__program_id", "conversion__creator_id", "conversion__currency",
            "first",
        )
        .annotate(sales=Sum(F("amount_minor") - F("refunded_minor")), last=Max("conversion__occurred_at"))
    )  # fmt: skip
    found = {
        SalesKey(program, creator, str(Month.of(first)), currency): (int(sales), last)
        for program, creator, currency, first, sales, last in rows
    }
    return {key: found[key] for key in wanted if key in found}


def counted_orders(bonus: VolumeBonus) -> QuerySet[Conversion]:
    """The approved orders of a bonus's month, oldest first. Two queries when read."""
    month = Month.parse(bonus.month)
    found = Conversion.objects.filter(
        program_id=bonus.program_id,
        creator_id=bonus.creator_id,
        currency=bonus.currency,
        status=Conversion.Status.APPROVED,
        occurred_at__gte=month.starts_at,
        occurred_at__lt=month.ends_at,
    )
    return found.select_related("merchant").prefetch_related("lines").order_by("occurred_at", "pk")


def bonus_of_order(conversion: Conversion) -> VolumeBonus | None:
    """The month of sales that an order counts in, where its programme has tiers. One query, none for an order that
    counts nowhere.
    """
    key = sales_key(conversion)
    return VolumeBonus.objects.filter(**key._asdict()).first() if key else None


def bonuses_of(*, creator_id: int | None = None, merchant_id: int | None = None) -> VolumeBonusQuerySet:
    """Bonuses of a creator, of a merchant, or all, latest month first. One query when read."""
    found: VolumeBonusQuerySet = VolumeBonus.objects.select_related("program__merchant", "creator", "tiers")
    if creator_id is not None:
        found = found.filter(creator_id=creator_id)
    if merchant_id is not None:
        found = found.filter(program__merchant_id=merchant_id)
    return found.order_by("-month", "program__name", "pk")


def tiers_of(*, merchant_id: int | None = None) -> QuerySet[VolumeTiers]:
    """Versions of a merchant, or all, newest first. One query when read."""
    found = VolumeTiers.objects.select_related("program__merchant", "created_by")
    if merchant_id is not None:
        found = found.filter(program__merchant_id=merchant_id)
    return found.order_by("program__merchant__name", "currency", "-version")


def tiers_for_creator(creator_id: int, *, now: dt.datetime) -> QuerySet[VolumeTiers]:
    """Versions in force this month in programmes that the creator is in or may earn from. One query when read."""
    joined = Enrolment.objects.filter(creator_id=creator_id)
    mine = joined.filter(status=Enrolment.Status.JOINED).values("program_id")
    programs = Program.objects.active().filter(
        Q(pk__in=mine) | (Q(is_open=True) & ~Q(pk__in=joined.values("program_id")))
    )
    found = VolumeTiers.objects.in_force(str(Month.of(now))).filter(program__in=programs)
    return found.select_related("program__merchant").order_by("program__merchant__name", "currency")
