"""`manage.py backup <dir>`: everything a site needs to stand again, taken while it runs."""

from __future__ import annotations

import os
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from cms.backup.progress import Meter
from cms.backup.services.taking import BackupRefused, take_backup


def end_on_term(number: int, frame: FrameType | None) -> None:
    """A polite kill ends like Ctrl-C: what is half done is taken away."""
    raise KeyboardInterrupt


class Command(BaseCommand):
    """Exit code 0: the directory holds a whole backup. Anything else: there is no such directory."""

    help = "Keep database, media and click journal of the running site in a new directory."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("directory", type=Path, help="where the backup goes; it must not exist yet, or be empty")

    def handle(self, *args: Any, **options: Any) -> None:
        os.umask(0o077)
        before = signal.signal(signal.SIGTERM, end_on_term)
        meter = Meter(self.stdout)
        try:
            manifest = take_backup(directory=options["directory"], now=timezone.now(), report=meter)
        except BackupRefused as refused:
            meter.close()
            raise CommandError(str(refused)) from None
        except KeyboardInterrupt:
            meter.close()
            raise CommandError("Stopped. There is no backup.", returncode=130) from None
        finally:
            signal.signal(signal.SIGTERM, before)
        meter.close()
        for name in manifest.missing_names:
            self.stderr.write(f"missing: {name}")
        if manifest.missing:
            self.stderr.write(f"{manifest.missing:,} files that the database names are in no storage.")
        self.stdout.write(
            f"{options['directory']}: {manifest.rows:,} rows of {len(manifest.tables)} tables, {manifest.files:,} "
            f"files, {manifest.segments:,} journal segments, as of {manifest.made_at}."
        )
        sys.stdout.flush()
