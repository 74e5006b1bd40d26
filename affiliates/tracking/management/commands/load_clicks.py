"""Take clicks out of the journal into the database."""

from __future__ import annotations

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from affiliates.tracking.services.loader import LoaderBusy, load_pending


class Command(BaseCommand):
    help = "Stores and judges the clicks that lie in the journal. May be killed and repeated at any moment."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--watch", action="store_true", help="go on until interrupted")
        parser.add_argument("--every", type=float, default=0.5, metavar="SECONDS", help="pause between two looks (0.5)")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            while True:
                try:
                    loaded = load_pending()
                    if loaded.clicks or loaded.known or loaded.unreadable or not options["watch"]:
                        self.stdout.write(
                            f"{loaded.clicks} clicks stored, {loaded.known} known before, "
                            f"{loaded.unreadable} unreadable, {loaded.segments} segments finished."
                        )
                except LoaderBusy:
                    self.stdout.write("Another process is loading clicks.")
                if not options["watch"]:
                    return
                time.sleep(options["every"])
        except KeyboardInterrupt:
            self.stdout.write("Stopped.")
