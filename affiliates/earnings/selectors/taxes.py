"""The tax configuration that is valid on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from affiliates.earnings.domain.taxes import Rule
from affiliates.earnings.models import Period, Statement, TaxIdentity, TaxRule


def identities_on(creators: Collection[int], day: dt.date) -> dict[int | None, TaxIdentity]:
    """creator (None: the platform) → the row that is valid on a day. One query."""
    found = TaxIdentity.objects.filter(Q(creator_id__in=creators) | Q(creator__isnull=True), valid_from__lte=day)
    return {identity.creator_id: identity for identity in found.order_by("valid_from")}


def rules_on(day: dt.date) -> list[Rule]:
    """The rules that are valid on a day. One query."""
    valid = TaxRule.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=day), valid_from__lte=day)
    return [
        Rule(
            row.platform_country, row.creator_country, row.has_tax_number, row.treatment, row.percent, row.wording,
            row.valid_from, row.valid_until,
        )
        for row in valid
    ]  # fmt: skip


def tax_identities() -> QuerySet[TaxIdentity]:
    """All rows, the platform's first. One query when read."""
    return TaxIdentity.objects.select_related("creator").order_by(F("creator_id").asc(nulls_first=True), "-valid_from")


@dataclass(frozen=True, slots=True)
class Missing:
    """Documents of the last closed month that show no tax because a row is not there."""

    what: str
    documents: int


def missing_for_tax() -> list[Missing]:
    """What was missing for the documents of the last closed month. Two queries."""
    last = Period.objects.order_by("-ends_at").first()
    rows = Statement.objects.filter(period=last).exclude(tax_missing="").order_by("tax_missing")
    return [Missing(what, number) for what, number in rows.values_list("tax_missing").annotate(Count("pk"))]
