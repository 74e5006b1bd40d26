"""What orders earned, summed by the database, for brand, creator and operator alike.

Dated by the order's own day in UTC; first and last day belong to the report. Money comes from the lines,
which `check_ledger` holds against the transfers; clicks come from the tallies, so no click is ever scanned.

`pending`, `approved` and `paid` divide what the reader of the report cares about: the creator's part for a
creator, the whole commission for everybody else. A commission counts as paid once its creator was paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import BigIntegerField, Case, Count, F, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.utils.translation import gettext as _

from affiliates.catalogue.models import Product
from affiliates.earnings.models import Conversion, ConversionLine
from affiliates.earnings.selectors.report_extras import ReportFilter as ReportFilter
from affiliates.earnings.selectors.report_extras import Scope as Scope
from affiliates.earnings.selectors.report_extras import added, assist_sums, bonus_sums
from affiliates.parties.models import Merchant
from affiliates.tracking.models import ClickTally, Placement
from affiliates.tracking.models.clicks import REASONS
from community.models import Creator

GROUPS = ("day", "creator", "guide", "product", "merchant", "country")
DATE_BASIS = "occurred_at"
TIME_ZONE = "UTC"


@dataclass(frozen=True, slots=True)
class ReportRow:
    """Sums of one key in one currency."""

    key: str
    label: str
    currency: str
    clicks: int = 0
    valid_clicks: int = 0
    conversions: int = 0
    amount_minor: int = 0
    commission_minor: int = 0
    creator_share_minor: int = 0
    platform_fee_minor: int = 0
    pending_minor: int = 0
    approved_minor: int = 0
    paid_minor: int = 0
    reversed_minor: int = 0
    #: How much of the commission, and of the creator's share, is volume bonus.
    bonus_minor: int = 0
    bonus_creator_share_minor: int = 0
    #: Orders that were helped and credited otherwise; they earn nothing.
    assists: int = 0


@dataclass(frozen=True, slots=True)
class CommissionReport:
    """Rows, totals per currency, and what they are about."""

    rows: list[ReportRow]
    totals: list[ReportRow]
    from_on: dt.date
    to_on: dt.date
    as_of: dt.datetime
    group_by: str
    date_basis: str = DATE_BASIS
    time_zone: str = TIME_ZONE


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How many clicks share a verdict; the reason of valid ones is empty."""

    reason: str
    label: str
    count: int

    @property
    def is_valid(self) -> bool:
        """Whether these clicks count."""
        return not self.reason


@dataclass(frozen=True, slots=True)
class Choices:
    """What a report can be narrowed to, as (id, name)."""

    creators: list[tuple[int, str]] = field(default_factory=list)
    placements: list[tuple[int, str]] = field(default_factory=list)
    products: list[tuple[int, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Group:
    """Where a group's key stands in orders and in clicks, and how keys get their public names.

    `alias` says how the column of that name is found where it is none of the table's own. `bonus` and `assist` are
    the columns in these tables; where there is none, they stand in the row of `nobody`.
    """

    line: str
    click: str
    names: Callable[[Iterable[Any]], dict[Any, tuple[str, str]]]
    alias: Mapping[str, Any] = field(default_factory=dict)
    bonus: str = ""
    assist: str = ""
    nobody: Any = None


def _creator_names(ids: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    found = Creator.objects.filter(pk__in=ids).only("handle", "display_name")
    return {creator.pk: (creator.handle, str(creator)) for creator in found} | {None: ("", _("Nobody"))}


def _placement_names(ids: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    found = Placement.objects.filter(pk__in=ids).only("ref", "title")
    return {placement.pk: (placement.ref, placement.title) for placement in found} | {None: ("", _("No guide"))}


def _product_names(ids: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    found = Product.objects.filter(pk__in=ids).only("slug", "brand", "name")
    return {product.pk: (product.slug, str(product)) for product in found} | {None: ("", _("Other things"))}


def _merchant_names(ids: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    return {merchant.pk: (merchant.slug, merchant.name) for merchant in Merchant.objects.filter(pk__in=ids)}


def _day_names(days: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    return {day: (day.isoformat(), day.isoformat()) for day in days}


def _country_names(codes: Iterable[Any]) -> dict[Any, tuple[str, str]]:
    return {code: (code, code or _("Unknown")) for code in codes}


#: What was clicked and ordered of a product before it was merged into another counts for that one.
STANDING = Coalesce("product__merged_into", "product")


def _of_product(product_id: int) -> Q:
    """Clicks or lines of a product, and of those that were merged into it."""
    return Q(product_id=product_id) | Q(product__merged_into=product_id)


_GROUPS: dict[str, _Group] = {
    "day": _Group("on", "day", _day_names, bonus="on", assist="on"),
    "creator": _Group("conversion__creator_id", "creator_id", _creator_names, bonus="creator_id", assist="creator_id"),
    "guide": _Group("conversion__placement_id", "placement_id", _placement_names, assist="click__placement_id"),
    "product": _Group("thing", "thing", _product_names, {"thing": STANDING}),
    "merchant": _Group(
        "conversion__merchant_id",
        "merchant_id",
        _merchant_names,
        bonus="program__merchant_id",
        assist="conversion__merchant_id",
    ),
    "country": _Group("conversion__country", "country", _country_names, assist="conversion__country", nobody=""),
}


def _narrowed(scope: Scope, filters: ReportFilter) -> dict[str, int]:
    """Conditions on columns that orders and clicks both have. A scope cannot be widened by a filter."""
    wanted = {
        "placement_id": filters.placement_id,
        "creator_id": filters.creator_id,
        "merchant_id": filters.merchant_id,
    }
    return {name: value for name, value in wanted.items() if value is not None}


def _scoped(scope: Scope) -> dict[str, int]:
    wanted = {"creator_id": scope.creator_id, "merchant_id": scope.merchant_id}
    return {name: value for name, value in wanted.items() if value is not None}


def _orders(scope: Scope, filters: ReportFilter, prefix: str = "") -> Q:
    start, end = filters.moments()
    found = Q(**{f"{prefix}occurred_at__gte": start, f"{prefix}occurred_at__lt": end})
    for conditions in (_scoped(scope), _narrowed(scope, filters)):
        found &= Q(**{prefix + name: value for name, value in conditions.items()})
    if filters.currency:
        found &= Q(**{f"{prefix}currency": filters.currency})
    if filters.status:
        found &= Q(**{f"{prefix}status": filters.status})
    return found


def _tallies(scope: Scope, filters: ReportFilter) -> QuerySet[ClickTally]:
    found = ClickTally.objects.filter(day__gte=filters.from_on, day__lte=filters.to_on)
    found = found.filter(**_scoped(scope)).filter(**_narrowed(scope, filters))
    if filters.product_id is not None:
        found = found.filter(_of_product(filters.product_id))
    if filters.currency:
        found = found.filter(merchant__currency=filters.currency)
    return found.order_by()


def line_values(scope: Scope) -> dict[str, Any]:
    """What a line adds to each sum, as expressions over lines joined to their orders."""
    own, gross = ("creator_minor", "gross_creator_minor") if scope.creator_id else (
        "commission_minor", "gross_commission_minor",
    )  # fmt: skip
    paid: Any = F("paid_minor")
    if not scope.creator_id:
        settled = Q(paid_minor__gt=0, paid_minor__gte=F("creator_minor"))
        paid = Case(When(settled, then=F("commission_minor")), default=F("paid_minor"), output_field=BigIntegerField())

    def when(condition: Q, value: Any) -> Case:
        return Case(When(condition, then=value), default=Value(0), output_field=BigIntegerField())

    pending = Q(conversion__status=Conversion.Status.PENDING)
    return {
        "amount_minor": when(
            ~Q(conversion__status=Conversion.Status.REVERSED), F("amount_minor") - F("refunded_minor")
        ),
        "commission_minor": F("commission_minor"),
        "creator_share_minor": F("creator_minor"),
        "platform_fee_minor": F("platform_minor"),
        "pending_minor": when(pending, F(own) - paid),
        "approved_minor": when(~pending, F(own) - paid),
        "paid_minor": paid,
        "reversed_minor": F(gross) - F(own),
    }


def _money(scope: Scope) -> dict[str, Sum]:
    return {name: Sum(value) for name, value in line_values(scope).items()}


def lines_of(*, scope: Scope, filters: ReportFilter, group_by: str) -> QuerySet[ConversionLine]:
    """The lines that a report sums, with what they are grouped by. One query when read."""
    lines: QuerySet[Any] = ConversionLine.objects.filter(_orders(scope, filters, "conversion__")).order_by()
    if filters.product_id is not None:
        lines = lines.filter(_of_product(filters.product_id))
    if group_by == "day":
        lines = lines.annotate(on=TruncDate("conversion__occurred_at", tzinfo=dt.UTC))
    return lines.annotate(**_GROUPS[group_by].alias)


def commission_report(*, scope: Scope, filters: ReportFilter, group_by: str, now: dt.datetime) -> CommissionReport:
    """Clicks, orders, commissions, bonuses and assists by day, creator, guide, product, merchant or country. Six
    queries.

    Clicks have no currency; they stand in the row of their merchant's. A volume bonus is in the commission and dated
    by its last sale. ValueError for an unknown `group_by`.
    """
    if group_by not in _GROUPS:
        raise ValueError(f"{group_by!r} is none of {', '.join(GROUPS)}")
    group = _GROUPS[group_by]
    lines: QuerySet[Any] = lines_of(scope=scope, filters=filters, group_by=group_by)
    sums = _money(scope) | {"conversions": Count("conversion_id", distinct=True)}
    rows: dict[tuple[Any, str], dict[str, Any]] = {}
    for found in lines.values(group.line, "conversion__currency").annotate(**_aliased(sums)):
        key = (found[group.line], found["conversion__currency"])
        rows[key] = _unaliased(found, sums)
    more = [
        bonus_sums(scope, filters, group.bonus, group.nobody),
        assist_sums(scope, filters, group.assist, group.nobody),
    ]
    for key, values in (pair for part in more for pair in part.items()):
        rows[key] = added(rows.get(key, {}), values)
    clicks = _click_sums(_tallies(scope, filters).annotate(**group.alias), group.click)
    for key, (total, valid) in clicks.items():
        rows.setdefault(key, {}).update(clicks=total, valid_clicks=valid)
    names = group.names({key for key, _currency in rows})
    made = [ReportRow(*names.get(key, ("", "")), currency, **values) for (key, currency), values in rows.items()]
    made.sort(key=_by_day if group_by == "day" else _by_worth)
    totals = _totals(lines, sums, clicks, more)
    return CommissionReport(made, totals, filters.from_on, filters.to_on, now, group_by)


def _aliased(sums: dict[str, Any]) -> dict[str, Any]:
    """Sums must not bear the names of the columns they are made of."""
    return {f"sum_{name}": expression for name, expression in sums.items()}


def _unaliased(found: Mapping[str, Any], sums: dict[str, Any]) -> dict[str, int]:
    return {name: int(found[f"sum_{name}"] or 0) for name in sums}


def _by_day(row: ReportRow) -> tuple[str, str]:
    return row.key, row.currency


def _by_worth(row: ReportRow) -> tuple[str, int, int, str]:
    return row.currency, -row.commission_minor, -row.clicks, row.label


def _click_sums(tallies: QuerySet[ClickTally], column: str) -> dict[tuple[Any, str], tuple[int, int]]:
    rows = tallies.values_list(column, "merchant__currency").annotate(
        total=Sum("count"), valid=Sum("count", filter=Q(reason=""), default=0)
    )
    return {(key, currency): (int(total), int(valid)) for key, currency, total, valid in rows}


def _totals(
    lines: QuerySet[ConversionLine],
    sums: dict[str, Any],
    clicks: dict[tuple[Any, str], tuple[int, int]],
    more: list[dict[tuple[Any, str], Mapping[str, int]]],
) -> list[ReportRow]:
    figures = {
        found["conversion__currency"]: _unaliased(found, sums)
        for found in lines.values("conversion__currency").annotate(**_aliased(sums))
    }
    for (_key, currency), values in (pair for part in more for pair in part.items()):
        figures[currency] = added(figures.get(currency, {}), values)
    made = {currency: ReportRow("total", _("Total"), currency, **values) for currency, values in figures.items()}
    for (_key, currency), (total, valid) in clicks.items():
        row = made.get(currency) or ReportRow("total", _("Total"), currency)
        made[currency] = replace(row, clicks=row.clicks + total, valid_clicks=row.valid_clicks + valid)
    return [made[currency] for currency in sorted(made)]


def clicks_by_reason(*, scope: Scope, filters: ReportFilter) -> list[ReasonCount]:
    """The clicks that count and those that do not, by reason; together they are all clicks. One query."""
    labels = {str(reason): str(label) for reason, label in REASONS} | {"": _("counted")}
    rows = _tallies(scope, filters).values_list("reason").annotate(total=Sum("count"))
    found = [ReasonCount(reason, labels.get(reason, reason), int(total)) for reason, total in rows]
    return sorted(found, key=lambda row: (bool(row.reason), -row.count, row.reason))


def conversions_for(*, scope: Scope, filters: ReportFilter) -> QuerySet[Conversion]:
    """The orders behind a report, latest first, with what a list of them shows. Two queries when read."""
    found = Conversion.objects.filter(_orders(scope, filters))
    if filters.product_id is not None:
        wanted = Q(lines__product_id=filters.product_id) | Q(lines__product__merged_into=filters.product_id)
        found = found.filter(wanted).distinct()
    return (
        found.select_related("merchant", "creator", "placement", "program", "click")
        .prefetch_related("lines")
        .order_by("-occurred_at", "-pk")
    )


def report_choices(*, merchant_id: int | None = None, creator_id: int | None = None) -> Choices:
    """The creators, guides and products that a report of this side can be narrowed to. Six queries."""
    scope = Scope(merchant_id=merchant_id, creator_id=creator_id)
    tallies = ClickTally.objects.filter(**_scoped(scope)).order_by()
    orders = Conversion.objects.filter(**_scoped(scope)).order_by()
    lines = ConversionLine.objects.filter(conversion__in=orders).order_by()

    def seen(column: str, *querysets: QuerySet[Any]) -> Q:
        found = Q()
        for queryset in querysets:
            found |= Q(pk__in=queryset.filter(**{f"{column}__isnull": False}).values(column))
        return found

    return Choices(
        creators=[(c.pk, str(c)) for c in Creator.objects.filter(seen("creator_id", tallies, orders))],
        placements=[
            (p.pk, p.title) for p in Placement.objects.filter(seen("placement_id", tallies, orders)).order_by("title")
        ],
        products=[(p.pk, str(p)) for p in Product.objects.filter(_seen_products(tallies, lines))],
    )


def _seen_products(*querysets: QuerySet[Any]) -> Q:
    """Standing products of these clicks and lines; a merged one is met under the one it was merged into."""
    found = Q()
    for queryset in querysets:
        found |= Q(pk__in=queryset.filter(product__isnull=False).annotate(thing=STANDING).values("thing"))
    return found
