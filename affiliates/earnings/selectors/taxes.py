"""The tax configuration that is valid on a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from django.db.models import Q

from affiliates.earnings.domain.taxes import Rule
from affiliates.earnings.models import TaxIdentity, TaxRule


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
