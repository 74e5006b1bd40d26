"""Closed months, so that creators have statements and finance has a month to close."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import TaxIdentity, TaxRule
from affiliates.earnings.selectors.periods import next_month_to_close
from affiliates.earnings.services.periods import close_period
from community.models import User

SINCE = dt.date(2021, 1, 1)


def describe_taxes() -> None:
    """The platform's identity and a few rules; creators' identities are left for finance to add. May be repeated."""
    TaxIdentity.objects.get_or_create(
        creator=None,
        valid_from=SINCE,
        defaults={
            "legal_name": "Vitrina Demo GmbH",
            "address": "Musterweg 1\n10115 Berlin",
            "country": "DE",
            "tax_number": "DE000000000",
        },
    )
    rules = (
        ("DE", True, "domestic_vat", Decimal(19), ""),
        ("DE", False, "none", Decimal(0), ""),
        ("ES", True, "reverse_charge", Decimal(0), "Steuerschuldnerschaft des Leistungsempfängers"),
        ("ES", False, "none", Decimal(0), ""),
    )
    for country, has_tax_number, treatment, percent, wording in rules:
        TaxRule.objects.get_or_create(
            platform_country="DE",
            creator_country=country,
            has_tax_number=has_tax_number,
            valid_from=SINCE,
            defaults={"treatment": treatment, "percent": percent, "wording": wording},
        )


def close_months(*, by: User, now: dt.datetime) -> None:
    """Close what ended, but for the last month, which is left for finance. May be repeated."""
    month = next_month_to_close()
    while month is not None and month.next < Month.of(now):
        close_period(month=month, by=by, now=now)
        month = month.next
