"""The demo's own rates of exchange."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

from django.utils import timezone

from affiliates.catalogue.domain.ecb_rates import Rate
from affiliates.catalogue.domain.rates import LONGEST_USE, SCALE
from affiliates.catalogue.models import ExchangeRate
from affiliates.catalogue.services.rates import keep_rates
from cms.core.domain.money import CURRENCIES
from cms.demo.domain.tables import AMOUNT, read_table
from cms.demo.models import DemoStep

CONTENT = Path(__file__).resolve().parents[1] / "content"
FILE = "rates.toml"


def date_rates(*, now: dt.datetime) -> None:
    """Afterwards the demo's rates are dated today. May be repeated; yesterday's stay, as a bank's would."""
    table = read_table(CONTENT / FILE, CONTENT)
    source, base, texts = table.text("source"), table.text("base"), table.strings("rates")
    table.done()
    for currency, text in texts.items():
        if currency not in CURRENCIES or not AMOUNT.fullmatch(text):
            raise table.fault(f"rates.{currency}", f"{text!r} is not a rate of a known currency")
    rates = [Rate(now.date(), currency, int(Decimal(text) * SCALE)) for currency, text in texts.items()]
    keep_rates(rates=rates, base=base, publisher=source, now=now)
    too_old = now.date() - 2 * LONGEST_USE
    ExchangeRate.objects.filter(source=source, on__lt=too_old).delete()


def renew_rates() -> None:
    """For the worker: the demo's bank publishes daily. Nothing where the demo was not built."""
    now = timezone.now()
    built = DemoStep.objects.filter(name="rates").exists()
    if built and not ExchangeRate.objects.filter(source="Demo", on=now.date()).exists():
        date_rates(now=now)
