"""What a commission report asks for, and its figures that are no orders' own: volume bonuses and assists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, Q, Sum, Value, When
from django.db.models.functions import TruncDate

from affiliates.earnings.models import Assist, Conversion, VolumeBonus

#: (key, currency) → figures by the names of a report's row
Extras = dict[tuple[Any, str], Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose report it is. Neither: the operator's, which sees all."""

    merchant_id: int | None = None
    creator_id: int | None = None


@dataclass(frozen=True, slots=True)
class ReportFilter:
    """What is asked for; None stands for everything."""

    from_on: dt.date
    to_on: dt.date
    currency: str | None = None
    creator_id: int | None = None
    merchant_id: int | None = None
    placement_id: int | None = None
    product_id: int | None = None
    status: str | None = None

    def moments(self) -> tuple[dt.datetime, dt.datetime]:
        """The first moment that belongs to it, and the first that does not any more."""
        start = dt.datetime.combine(self.from_on, dt.time(), tzinfo=dt.UTC)
        return start, dt.datetime.combine(self.to_on, dt.time(), tzinfo=dt.UTC) + dt.timedelta(days=1)


def added(figures: Mapping[str, int], more: Mapping[str, int]) -> dict[str, int]:
    """Figures of one row with others on top."""
    return {name: figures.get(name, 0) + more.get(name, 0) for name in {*figures, *more}}


def _whose(scope: Scope, filters: ReportFilter, creator: str, merchant: str) -> Q:
    """Conditions of side and filter; a side cannot be widened by a filter."""
    found = Q()
    for column, pks in (
        (creator, (scope.creator_id, filters.creator_id)),
        (merchant, (scope.merchant_id, filters.merchant_id)),
    ):
        for pk in pks:
            found &= Q() if pk is None else Q(**{column: pk})
    return found


def bonus_sums(scope: Scope, filters: ReportFilter, column: str, nobody: Any) -> Extras:
    """Volume bonuses whose last sale lies in the report, by a column of theirs. One query, none where the report is
    confined to what a bonus does not have: a guide, a product, or orders that are not approved.
    """
    if filters.placement_id is not None or filters.product_id is not None:
        return {}
    if filters.status not in {None, Conversion.Status.APPROVED}:
        return {}
    start, end = filters.moments()
    rows = VolumeBonus.objects.filter(bonus_minor__gt=0, last_sale_at__gte=start, last_sale_at__lt=end)
    rows = rows.filter(_whose(scope, filters, "creator_id", "program__merchant_id"))
    if filters.currency:
        rows = rows.filter(currency=filters.currency)
    own, paid = ("creator_minor", F("paid_minor")) if scope.creator_id else ("bonus_minor", _paid_whole())
    keys = [column or "none", "currency"]
    # Sums must not bear the names of the columns they are made of.
    sums = (
        rows.order_by()
        .annotate(on=TruncDate("last_sale_at", tzinfo=dt.UTC), none=Value(None, output_field=BigIntegerField()))
        .values_list(*keys)
        .annotate(
            all_of_it=Sum("bonus_minor"), creators=Sum("creator_minor"), platforms=Sum("platform_minor"),
            went=Sum(paid), stays=Sum(F(own) - paid),
        )
    )  # fmt: skip
    return {
        (key if column else nobody, currency): {
            "commission_minor": whole,
            "creator_share_minor": creators,
            "platform_fee_minor": platform,
            "paid_minor": went,
            "approved_minor": stays,
            "bonus_minor": whole,
            "bonus_creator_share_minor": creators,
        }
        for key, currency, whole, creators, platform, went, stays in sums
    }


def _paid_whole() -> Case:
    """What counts as paid of the whole bonus: all of it once its creator was paid."""
    settled = Q(paid_minor__gt=0, paid_minor__gte=F("creator_minor"))
    return Case(When(settled, then=F("bonus_minor")), default=F("paid_minor"), output_field=BigIntegerField())


def assist_sums(scope: Scope, filters: ReportFilter, column: str, nobody: Any) -> Extras:
    """How many orders of the report were helped by a creator who is not credited, by a column of theirs. One query,
    none where the report is confined to a product.
    """
    if filters.product_id is not None:
        return {}
    start, end = filters.moments()
    rows = Assist.objects.filter(occurred_at__gte=start, occurred_at__lt=end)
    rows = rows.filter(_whose(scope, filters, "creator_id", "conversion__merchant_id"))
    if filters.placement_id is not None:
        rows = rows.filter(click__placement_id=filters.placement_id)
    if filters.currency:
        rows = rows.filter(conversion__currency=filters.currency)
    if filters.status:
        rows = rows.filter(conversion__status=filters.status)
    counts = (
        rows.order_by()
        .annotate(on=TruncDate("occurred_at", tzinfo=dt.UTC), none=Value(None, output_field=BigIntegerField()))
        .values_list(column or "none", "conversion__currency")
        .annotate(number=Count("pk"))
    )
    return {(key if column else nobody, currency): {"assists": number} for key, currency, number in counts}
