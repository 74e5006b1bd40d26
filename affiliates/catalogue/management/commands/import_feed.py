"""Import a merchant's product feed from a file or an address."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from argparse import ArgumentParser
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, cast
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.catalogue.domain.formats import FORMATS
from affiliates.catalogue.models import FeedMapping, FeedRun
from affiliates.catalogue.services.feed_fetching import own_places
from affiliates.catalogue.services.feeds import FeedRefused, import_feed
from affiliates.parties.models import Merchant
from cms.core.fetch import FetchFailed, FetchRefused, fetch

LARGEST_DOWNLOAD = 500 * 1024 * 1024
LONGEST_DOWNLOAD_SECONDS = 900.0


class Command(BaseCommand):
    """`manage.py import_feed kaufgarten feed.xml --format google`"""

    help = "Import a product feed. A broken file changes nothing and ends with exit code 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("merchant", help="the merchant's short name")
        parser.add_argument("source", help="a file or an http(s) address")
        parser.add_argument("--format", required=True, choices=sorted(FORMATS))
        parser.add_argument("--mapping", help="the column mapping of a CSV by its short name")
        parser.add_argument("--complete", action="store_true", help="offers the file lacks are gone")
        parser.add_argument(
            "--own-network", action="store_true", help="the address may lead into this machine's own network"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["merchant"]).first()
        if merchant is None:
            raise CommandError(f"there is no merchant {options['merchant']!r}")
        mapping = self._mapping(merchant, options)
        with self._open(options["source"], own_network=options["own_network"]) as source:
            meter = _Meter(self, source)
            try:
                run = import_feed(
                    merchant=merchant,
                    source=source,
                    source_name=options["source"],
                    format=options["format"],
                    complete=options["complete"],
                    mapping=mapping,
                    now=timezone.now(),
                    progress=meter,
                )
            except FeedRefused as refused:
                meter.close()
                self._name_faults(refused.run)
                raise CommandError(f"Nothing was changed. {refused.run.reason}") from None
        meter.close()
        self._name_faults(run)
        if run.reason:
            self.stderr.write(run.reason)
        what = "unchanged" if run.rows and run.unchanged == run.rows else "imported"
        self.stdout.write(
            f"{merchant.name}: {what}. {run.rows:,} rows at {meter.rate(run.rows)}: {run.created:,} new, "
            f"{run.updated:,} changed, {run.unchanged:,} unchanged, {run.gone:,} gone, {run.bad:,} bad."
        )

    def _mapping(self, merchant: Merchant, options: dict[str, Any]) -> FeedMapping | None:
        if not (name := options["mapping"]):
            return None
        if options["format"] != "csv":
            raise CommandError("--mapping goes with --format csv")
        found = FeedMapping.objects.filter(slug=name).first()
        if found is None or found.merchant_id not in (None, merchant.pk):
            raise CommandError(f"there is no column mapping {name!r} for {merchant.name}")
        return found

    def _name_faults(self, run: FeedRun) -> None:
        for fault in run.faults:
            name = f" ({fault['id']})" if fault["id"] else ""
            self.stderr.write(f"row {fault['row']}{name}, {fault['field']}: {fault['reason']}")
        if run.bad > len(run.faults):
            self.stderr.write(f"and {run.bad - len(run.faults):,} more bad rows")

    def _open(self, source: str, *, own_network: bool) -> BinaryIO:
        if urlsplit(source).scheme in {"http", "https"}:
            return self._download(source, own_network=own_network)
        try:
            return Path(source).open("rb")
        except OSError as error:
            raise CommandError(f"{source}: {error.strerror}") from None

    def _download(self, address: str, *, own_network: bool) -> BinaryIO:
        """The address's file, in a temporary one. The address is not named in messages: it may carry a key."""
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115  the caller closes it
        allow = set(own_places())
        if own_network:
            parts = urlsplit(address)
            allow.add(f"{parts.scheme}://{parts.netloc}")
        try:
            answer = fetch(
                address, max_bytes=LARGEST_DOWNLOAD, timeout=LONGEST_DOWNLOAD_SECONDS, allow=frozenset(allow), sink=file
            )
        except FetchRefused as refusal:
            file.close()
            hint = " Say --own-network if it is one of yours." if refusal.reason in {"address", "port"} else ""
            raise CommandError(f"The feed was not fetched. {refusal}{hint}") from None
        except FetchFailed as failure:
            file.close()
            raise CommandError(f"The feed could not be fetched. {failure}") from None
        if answer.status != HTTPStatus.OK:
            file.close()
            raise CommandError(f"The address answered {answer.status}.")
        file.seek(0)
        return file


class _Meter:
    """Tells how far an import is: one line that is written over on a terminal, a line now and then elsewhere."""

    def __init__(self, command: BaseCommand, source: BinaryIO) -> None:
        self.command, self.source = command, source
        self.size = source.seek(0, os.SEEK_END)
        source.seek(0)
        self.on_terminal = sys.stdout.isatty() and command.stdout.isatty()
        self.every = 0.2 if self.on_terminal else 5.0
        self.started = self.last = time.monotonic()
        self.rows_read = 0

    def __call__(self, step: str, count: int) -> None:
        if step == "read":
            self.rows_read = count
        now = time.monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        of = self.size if step == "read" else self.rows_read
        done = self.source.tell() if step == "read" else count
        share = min(100, done * 100 // of) if of else 100
        line = f"{step:>5} {share:3} %  {count:,} rows, {self.rate(count)}"
        self.command.stdout.write(line.ljust(72), ending="\r" if self.on_terminal else "\n")
        self.command.stdout.flush()

    def rate(self, rows: int) -> str:
        return f"{rows / max(time.monotonic() - self.started, 0.001):,.0f} a second"

    def close(self) -> None:
        if self.on_terminal:
            self.command.stdout.write(" " * 72, ending="\r")
