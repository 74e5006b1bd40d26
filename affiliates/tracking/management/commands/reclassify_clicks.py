"""Judge stored clicks again by the present rules and list of robots."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from affiliates.tracking.domain.validity import RULES_VERSION
from affiliates.tracking.services.reclassification import days_to_judge, reclassify_day


class Command(BaseCommand):
    help = "Judges clicks again by the present rules and moves the tallies along. May be stopped and started again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--all", action="store_true", help="also days that were judged by the present rules")

    def handle(self, *args: Any, **options: Any) -> None:
        days = days_to_judge(every=options["all"])
        clicks = changed = 0
        for number, day in enumerate(days, start=1):
            done = reclassify_day(day=day)
            clicks += done.clicks
            changed += done.changed
            line = f"{number}/{len(days)} {done.day}: {done.clicks} clicks, {done.changed} judged differently"
            if self.stdout.isatty():
                self.stdout.write(f"\r{line:<70}", ending="" if number < len(days) else "\n")
            else:
                self.stdout.write(line)
        self.stdout.write(f"{clicks} clicks judged by rules {RULES_VERSION}, {changed} differently than before.")
