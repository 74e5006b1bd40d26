"""Import reference rates of exchange from a file or an address."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.catalogue.services.rates import RatesRefused, fetch_rates, import_rates


class Command(BaseCommand):
    """`manage.py import_rates eurofxref-daily.xml`"""

    help = (
        "Import the European Central Bank's reference rates. A broken file changes nothing and ends with exit code 1."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", help="a file as the bank publishes it, or its http(s) address")

    def handle(self, *args: Any, **options: Any) -> None:
        source, now = options["source"], timezone.now()
        try:
            if urlsplit(source).scheme in {"http", "https"}:
                done = fetch_rates(address=source, now=now)
            else:
                done = import_rates(source=self._read(source), now=now)
        except RatesRefused as refused:
            raise CommandError(f"Nothing was changed. {refused}") from None
        self.stdout.write(
            f"Rates up to {done.newest_on}: {done.created:,} new, {done.changed:,} changed, "
            f"{done.unchanged:,} unchanged."
        )

    def _read(self, path: str) -> bytes:
        try:
            return Path(path).read_bytes()
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from None
