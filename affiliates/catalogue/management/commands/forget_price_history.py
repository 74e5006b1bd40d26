"""Delete the price history, where the site's terms forbid it."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affiliates.catalogue.models import Reading, ReadingDay
from affiliates.catalogue.selectors.history_rights import tracking_is_on
from affiliates.catalogue.services.retention import forget_history


class Command(BaseCommand):
    """`manage.py forget_price_history --yes`"""

    help = "Delete all readings of prices. Only where price tracking is off (Amazon Associates without consent)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--yes", action="store_true", help="really delete; without it the numbers are said")

    def handle(self, *args: Any, **options: Any) -> None:
        readings, days = Reading.objects.count(), ReadingDay.objects.count()
        self.stdout.write(f"{readings:,} readings and {days:,} rolled-up days are kept.")
        if tracking_is_on():
            raise CommandError(
                "Price tracking is on, so its history stays. Switch it off in the site's settings first."
            )
        if options["yes"]:
            self.stdout.write(f"{forget_history():,} deleted.")
        else:
            self.stdout.write("Nothing was deleted. Add --yes to delete them; they cannot be brought back.")
