"""`manage.py restore <dir>`: a backup into an empty site, on either database."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.backup.management.commands.backup import end_on_term
from cms.backup.progress import Meter
from cms.backup.services.restoring import RestoreRefused, check_backup, restore_backup


class Command(BaseCommand):
    """Exit code 0: all of the backup is back and the ledger holds."""

    help = "Put a backup back into an empty site, SQLite or PostgreSQL whichever it came from, and check the ledger."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="a backup made by `manage.py backup`")
        parser.add_argument("--check", action="store_true", help="only read the backup and say whether it is whole")
        parser.add_argument(
            "--keep-journal", action="store_true", help="load what waits in this machine's click journal as well"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        before = signal.signal(signal.SIGTERM, end_on_term)
        meter = Meter(self.stdout)
        try:
            if options["check"]:
                manifest = check_backup(directory=options["directory"], report=meter)
                meter.close()
                self.stdout.write(f"The backup is whole: {manifest.rows:,} rows and {manifest.files:,} files.")
                return
            restored = restore_backup(
                directory=options["directory"], now=timezone.now(), report=meter, keep_journal=options["keep_journal"]
            )
        except RestoreRefused as refused:
            meter.close()
            raise CommandError(str(refused)) from None
        except KeyboardInterrupt:
            meter.close()
            raise CommandError("Stopped. Unless its rows are there already, restore again.", returncode=130) from None
        finally:
            signal.signal(signal.SIGTERM, before)
        meter.close()
        manifest = restored.manifest
        self.stdout.write(
            f"Restored {manifest.rows:,} rows, {manifest.files:,} files and {manifest.segments:,} journal segments "
            f"as of {manifest.made_at}."
        )
        if manifest.missing:
            self.stderr.write(f"{manifest.missing:,} files were missing when the backup was taken.")
        if restored.to_ask:
            self.stdout.write(f"{restored.to_ask:,} payouts wait until their provider was asked whether it knows them.")
        call_command("check_ledger", stdout=self.stdout, stderr=self.stderr)
