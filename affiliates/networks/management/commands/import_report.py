"""Import an affiliate network's report of a merchant's transactions."""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.networks.models import ReportFile, ReportMapping
from affiliates.networks.registry import NETWORKS, parser_of
from affiliates.networks.services.reports import ReportRefused, import_report
from affiliates.parties.models import Merchant

FAULTS_NAMED = 50


class Command(BaseCommand):
    """`manage.py import_report awin transactions.json --account kaufgarten`"""

    help = "Import a network's report of orders. A broken file changes nothing and ends with exit code 1."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("network", choices=sorted(NETWORKS))
        parser.add_argument("file")
        parser.add_argument("--account", required=True, help="the merchant's short name")
        parser.add_argument("--mapping", help="the column mapping of a generic CSV by its short name")
        parser.add_argument("--dry-run", action="store_true", help="say what the file would do, and do nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = Merchant.objects.filter(slug=options["account"]).first()
        if merchant is None:
            raise CommandError(f"there is no merchant {options['account']!r}")
        mapping = self._mapping(options["network"], options["mapping"])
        try:
            source = Path(options["file"]).open("rb")  # noqa: SIM115  closed below
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from None
        with source:
            meter = _Meter(self, source)
            try:
                file = import_report(
                    network=options["network"],
                    merchant=merchant,
                    source=source,
                    name=Path(options["file"]).name,
                    now=timezone.now(),
                    mapping=mapping,
                    dry_run=options["dry_run"],
                    progress=meter,
                )
            except ReportRefused as refusal:
                raise CommandError(f"Nothing was changed. {refusal.file.reason}") from None
            finally:
                meter.close()
        self._name_faults(file)
        what = "dry run, nothing was changed" if file.is_dry_run else "imported"
        self.stdout.write(
            f"{merchant.name}: {what}. {file.rows_total:,} rows: {file.created:,} created, {file.changed:,} changed, "
            f"{file.unchanged:,} unchanged, {file.parked:,} parked, {file.rejected:,} rejected."
        )

    def _mapping(self, network: str, name: str | None) -> ReportMapping | None:
        needed = parser_of(network).NEEDS_MAPPING
        if not name:
            if needed:
                raise CommandError(f"{network} is read by a column mapping: say --mapping")
            return None
        if not needed:
            raise CommandError(f"--mapping does not go with {network}, whose columns are known")
        found = ReportMapping.objects.filter(slug=name).first()
        if found is None:
            raise CommandError(f"there is no report mapping {name!r}")
        return found

    def _name_faults(self, file: ReportFile) -> None:
        for fault in file.faults[:FAULTS_NAMED]:
            name = f" ({fault['id']})" if fault["id"] else ""
            field = f", {fault['field']}" if fault["field"] else ""
            self.stderr.write(f"row {fault['row']}{name} {fault['result']}{field}: {fault['reason']}")
        more = file.parked + file.rejected - min(len(file.faults), FAULTS_NAMED)
        if more > 0:
            self.stderr.write(f"and {more:,} more rows")


class _Meter:
    """Tells how far an import is: one line that is written over on a terminal, a line now and then elsewhere."""

    def __init__(self, command: BaseCommand, source: BinaryIO) -> None:
        self.command = command
        self.size = source.seek(0, os.SEEK_END)
        source.seek(0)
        self.on_terminal = sys.stdout.isatty() and command.stdout.isatty()
        self.every = 0.2 if self.on_terminal else 5.0
        self.last = time.monotonic()
        self.rows_read = 0

    def __call__(self, step: str, number: int) -> None:
        if step == "read":
            self.rows_read = number
        now = time.monotonic()
        if now - self.last < self.every:
            return
        self.last = now
        share = f"{number * 100 // self.rows_read:3} %" if step == "apply" and self.rows_read else "     "
        line = f"{step:>5} {share}  {number:,} rows"
        self.command.stdout.write(line.ljust(60), ending="\r" if self.on_terminal else "\n")
        self.command.stdout.flush()

    def close(self) -> None:
        if self.on_terminal:
            self.command.stdout.write(" " * 60, ending="\r")
