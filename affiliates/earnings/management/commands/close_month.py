"""`manage.py close_month 2026-03 --by finance@example.org`: close a month for good."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.services.periods import PeriodRefused, close_period
from community.models import User
from community.selectors.roles import is_finance, is_operator


class Command(BaseCommand):
    """Does what the button does; for books so large that a browser would not wait. May be repeated."""

    help = "Close a month (UTC): seal the books, refuse what is effective in it, issue its statements."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("month", help="The oldest open month, such as 2026-03.")
        parser.add_argument("--by", required=True, metavar="EMAIL", help="Who closes it: somebody of finance.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            month = Month.parse(options["month"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        by = User.objects.filter(email__iexact=options["by"]).first()
        if by is None or not (is_finance(by) or is_operator(by)):
            raise CommandError(f"{options['by']} is nobody of finance.")
        try:
            period = close_period(month=month, by=by, now=timezone.now())
        except PeriodRefused as refusal:
            raise CommandError(str(refusal)) from refusal
        seal = period.seal.digest if period.seal else "nothing was booked"
        self.stdout.write(f"{period.month} is closed: {period.statements.count()} statements, seal {seal}.")
