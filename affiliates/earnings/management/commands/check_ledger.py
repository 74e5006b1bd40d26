"""`manage.py check_ledger`: does every promise about money hold on what is stored?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affiliates.earnings.selectors.audit import CurrencyTotals, currency_totals, violations
from affiliates.earnings.selectors.seals import last_seal
from cms.core.domain.money import decimal_string

MOST_NAMED = 200


class Command(BaseCommand):
    """Names each violation and exits 1; exits 0 with the totals of each currency when there is none."""

    help = "Check every promise about money (M1 to M11) on the stored data and print totals per currency."

    def handle(self, *args: Any, **options: Any) -> None:
        for totals in currency_totals():
            self.stdout.write(_line(totals))
        if head := last_seal():
            self.stdout.write(f"sealed through transfer {head.through_seq}: {head.digest}")
        count = 0
        for count, violation in enumerate(violations(), 1):
            if count <= MOST_NAMED:
                self.stderr.write(str(violation))
        if count > MOST_NAMED:
            self.stderr.write(f"... and {count - MOST_NAMED} more.")
        if count:
            raise CommandError(f"The ledger does not hold: {count} violation{'s' if count > 1 else ''}.")
        self.stdout.write("The ledger holds.")


def _line(totals: CurrencyTotals) -> str:
    parts = [
        ("brands owe", totals.merchants_minor),
        ("creators", totals.creators_minor),
        ("pending", totals.pending_minor),
        ("approved", totals.approved_minor),
        ("available", totals.available_minor),
        ("in transit", totals.in_transit_minor),
        ("paid", totals.paid_minor),
        ("platform", totals.platform_minor),
        ("other", totals.other_minor),
    ]
    named = ", ".join(f"{name} {decimal_string(minor, totals.currency)}" for name, minor in parts)
    return f"{totals.currency}: {totals.orders} orders, {totals.transfers} transfers; {named}"
