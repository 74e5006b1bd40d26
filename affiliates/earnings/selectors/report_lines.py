"""The lines of orders that an amount of a commission report is the sum of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from affiliates.catalogue.models import Product
from affiliates.earnings.models import ConversionLine
from affiliates.earnings.selectors.reports import ReportFilter, Scope, line_values, lines_of

BRANDS_COLUMNS = ("amount", "commission", "pending", "approved", "paid", "reversed")
CREATORS_COLUMNS = ("creator_share", "pending", "approved", "paid", "reversed")
#: Where a row's public key is found; those without one have no such party.
_KEYS = {
    "creator": ("conversion__creator__handle", "conversion__creator"),
    "guide": ("conversion__placement__ref", "conversion__placement"),
    "merchant": ("conversion__merchant__slug", "conversion__merchant"),
}


@dataclass(frozen=True, slots=True)
class Behind:
    """Lines, latest order first, each with `worth_minor`, and their sum."""

    lines: QuerySet[ConversionLine]
    total_minor: int


def report_lines(
    *, scope: Scope, filters: ReportFilter, group_by: str, key: str | None, currency: str, column: str
) -> Behind:
    """What a cell of a report is the sum of; without a key, of its total. Two queries, the lines' one when read.

    ValueError for a key or column that the report has not.
    """
    values = line_values(scope)
    if f"{column}_minor" not in values:
        raise ValueError(column)
    found = lines_of(scope=scope, filters=filters, group_by=group_by).filter(conversion__currency=currency)
    if key is not None:
        found = found.filter(_has_key(group_by, key))
    found = found.annotate(worth_minor=values[f"{column}_minor"]).exclude(worth_minor=0)
    total = found.aggregate(total=Sum("worth_minor", default=0))["total"]
    related = found.select_related("conversion__merchant", "conversion__creator", "conversion__placement")
    return Behind(related.order_by("-conversion__occurred_at", "-pk"), total)


def _has_key(group_by: str, key: str) -> Q:
    if group_by == "day":
        return Q(on=dt.date.fromisoformat(key))
    if group_by == "country":
        return Q(conversion__country=key)
    if group_by == "product":
        return Q(thing__in=Product.objects.filter(slug=key).values("pk")) if key else Q(thing__isnull=True)
    column, party = _KEYS[group_by]
    return Q(**{column: key}) if key else Q(**{f"{party}__isnull": True})
