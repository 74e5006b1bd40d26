"""The lines of orders that an amount of a commission report is the sum of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet, Sum

from affiliates.catalogue.models import Product
from affiliates.earnings.models import ConversionLine
from affiliates.earnings.selectors.report_extras import bonus_sums
from affiliates.earnings.selectors.reports import ReportFilter, Scope, line_values, lines_of
from affiliates.parties.models import Merchant
from community.models import Creator

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
    """Lines, latest order first, each with `worth_minor`; volume bonuses, which are no order's; and the sum of both."""

    lines: QuerySet[ConversionLine]
    bonus_minor: int
    total_minor: int


def report_lines(
    *, scope: Scope, filters: ReportFilter, group_by: str, key: str | None, currency: str, column: str
) -> Behind:
    """What a cell of a report is the sum of; without a key, of its total. Three to four queries, the lines' one when
    read.

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
    bonus = _bonus(scope, replace(filters, currency=currency), group_by, key, f"{column}_minor")
    return Behind(related.order_by("-conversion__occurred_at", "-pk"), bonus, total + bonus)


def _bonus(scope: Scope, filters: ReportFilter, group_by: str, key: str | None, column: str) -> int:
    """What of a cell is volume bonus: it has a day, a creator and a merchant, else it is in the row without a name."""
    names = {"day": "on", "creator": "creator_id", "merchant": "program__merchant_id"}
    sums = bonus_sums(scope, filters, names.get(group_by, ""), None)
    own: object = None
    if sums and key and group_by == "day":
        own = dt.date.fromisoformat(key)
    elif sums and key and group_by == "creator":
        own = Creator.objects.filter(handle=key).values_list("pk", flat=True).first()
    elif sums and key and group_by == "merchant":
        own = Merchant.objects.filter(slug=key).values_list("pk", flat=True).first()
    elif key:
        return 0
    return sum(figures.get(column, 0) for (of, _currency), figures in sums.items() if key is None or of == own)


def _has_key(group_by: str, key: str) -> Q:
    if group_by == "day":
        return Q(on=dt.date.fromisoformat(key))
    if group_by == "country":
        return Q(conversion__country=key)
    if group_by == "product":
        return Q(thing__in=Product.objects.filter(slug=key).values("pk")) if key else Q(thing__isnull=True)
    column, party = _KEYS[group_by]
    return Q(**{column: key}) if key else Q(**{f"{party}__isnull": True})
