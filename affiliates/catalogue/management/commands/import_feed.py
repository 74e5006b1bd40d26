"""Import a merchant's product feed from a file or an address."""

from __future__ import annotations

import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

import urllib3
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.catalogue.services.feeds import PARSERS, FeedRefused, import_feed
from affiliates.parties.models import Merchant

LARGEST_DOWNLOAD = 500 * 1024 * 1024


class Command(BaseCommand):
    """`manage.py import_feed kaufgarten feed.xml --format google`"""

    help = "Import a product feed. A broken file changes nothing and ends with exit code 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("merchant")
        parser.add_argument("source", help="a file or an http(s) address")
        parser.add_argument("--format", required=True, choices=sorted(PARSERS))
        parser.add_argument("--complete", action="store_true", help="offers the file lacks are gone")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"there is no merchant {options['merchant']!r}")
        self.started, self.last = time.monotonic(), 0.0
        with self._open(options["source"]) as source:
            try:
                run = import_feed(
                    merchant=merchant,
                    source=source,
                    source_name=options["source"],
                    format=options["format"],
                    complete=options["complete"],
                    now=timezone.now(),
                    progress=self._progress,
                )
            except FeedRefused as refused:
                for fault in refused.run.faults:
                    self.stderr.write(f"row {fault['row']}, {fault['field']}: {fault['reason']}")
                raise CommandError(f"Nothing was changed. {refused.run.reason}") from None
        for fault in run.faults:
            self.stderr.write(f"row {fault['row']}, {fault['field']}: {fault['reason']}")
        seconds = max(time.monotonic() - self.started, 0.001)
        self.stdout.write(
            f"{run.rows} rows in {seconds:.1f} s ({run.rows / seconds:,.0f} a second): {run.created} new, "
            f"{run.updated} changed, {run.unchanged} unchanged, {run.gone} gone, {run.bad} bad"
        )

    def _open(self, source: str) -> BinaryIO:
        if urlsplit(source).scheme in {"http", "https"}:
            return self._download(source)
        try:
            return Path(source).open("rb")
        except OSError as error:
            raise CommandError(f"{source}: {error.strerror}") from None

    def _download(self, address: str) -> BinaryIO:
        file = tempfile.TemporaryFile()  # noqa: SIM115  (handed to the caller, who closes it)
        try:
            pool = urllib3.PoolManager(retries=2)
            response = pool.request("GET", address, preload_content=False, timeout=urllib3.Timeout(10, 60))
            if response.status != 200:
                raise CommandError(f"The address answered {response.status}.")
            size = 0
            for chunk in response.stream(1 << 20):
                size += len(chunk)
                if size > LARGEST_DOWNLOAD:
                    raise CommandError("The feed is larger than 500 MB.")
                file.write(chunk)
        except urllib3.exceptions.HTTPError as error:
            raise CommandError(f"The feed could not be fetched: {type(error).__name__}.") from None
        file.seek(0)
        return file  # type: ignore[return-value]

    def _progress(self, step: str, count: int) -> None:
        now = time.monotonic()
        if now - self.last < (0.2 if sys.stdout.isatty() else 5):
            return
        self.last = now
        rate = count / max(now - self.started, 0.001)
        end = "\r" if sys.stdout.isatty() else "\n"
        self.stdout.write(f"{step} {count:,} rows, {rate:,.0f} a second", ending=end)
        self.stdout.flush()
