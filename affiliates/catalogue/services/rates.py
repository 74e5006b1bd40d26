"""Taking in reference rates of exchange."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from affiliates.catalogue.domain.ecb_rates import BASE, BadRates, Rate, read_rates
from affiliates.catalogue.models import ExchangeRate
from cms.core import generation

LARGEST_FILE = 20_000_000
PUBLISHER = "ECB"


class RatesRefused(ValueError):
    """Nothing was changed; the sentence says why."""


@dataclass(frozen=True, slots=True)
class ImportedRates:
    """What an import did, in rates."""

    created: int
    changed: int
    unchanged: int
    newest_on: dt.date


def import_rates(*, source: bytes, now: dt.datetime, publisher: str = PUBLISHER) -> ImportedRates:
    """Afterwards every rate of the bank's file is kept as published. RatesRefused, and nothing changed, on any fault.

    May be repeated: the same file changes nothing; a rate that was published anew replaces the old one.
    """
    if len(source) > LARGEST_FILE:
        raise RatesRefused("The file is larger than any the bank publishes.")
    try:
        rates = read_rates(source, today=now.date())
    except BadRates as fault:
        raise RatesRefused(str(fault)) from None
    return keep_rates(rates=rates, base=BASE, publisher=publisher, now=now)


@transaction.atomic
def keep_rates(*, rates: Iterable[Rate], base: str, publisher: str, now: dt.datetime) -> ImportedRates:
    """Afterwards these rates of a publisher are kept, and pages compare by them. May be repeated."""
    wanted = {(rate.on, rate.currency): rate.rate_e8 for rate in rates}
    days = [on for on, _ in wanted]
    held = {
        (row.on, row.currency): row
        for row in ExchangeRate.objects.filter(base=base, source=publisher, on__range=(min(days), max(days)))
    }
    new = [key for key in wanted if key not in held]
    changed = [row for key, row in held.items() if key in wanted and row.rate_e8 != wanted[key]]
    for row in changed:
        row.rate_e8, row.imported_at = wanted[row.on, row.currency], now
    ExchangeRate.objects.bulk_update(changed, ["rate_e8", "imported_at"], batch_size=500)
    ExchangeRate.objects.bulk_create(
        [
            ExchangeRate(
                base=base, currency=currency, on=on, rate_e8=wanted[on, currency], source=publisher, imported_at=now
            )
            for on, currency in new
        ],
        batch_size=2000,
    )
    if new or changed:
        generation.bump()
    return ImportedRates(len(new), len(changed), len(wanted) - len(new) - len(changed), max(days))


def fetch_rates(*, address: str, now: dt.datetime) -> ImportedRates:
    """As `import_rates`, of the file at an address. RatesRefused also where it cannot be fetched."""
    # Imported here: most processes never fetch anything.
    from cms.core.fetch import FetchFailed, FetchRefused, fetch

    try:
        answer = fetch(address, max_bytes=LARGEST_FILE, timeout=30.0)
    except (FetchFailed, FetchRefused) as refusal:
        raise RatesRefused(str(refusal)) from None
    if answer.status != 200:
        raise RatesRefused(f"The address answered {answer.status}.")
    if answer.truncated:
        raise RatesRefused("The file is larger than any the bank publishes.")
    return import_rates(source=answer.body, now=now)


def refresh_rates() -> None:
    """For the worker, daily: the rates at RATES_URL, where the operator set one. May be repeated."""
    if settings.RATES_URL:
        fetch_rates(address=settings.RATES_URL, now=timezone.now())
