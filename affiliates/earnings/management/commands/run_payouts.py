"""`manage.py run_payouts`: propose payouts of all that is available, for a second person to approve."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from affiliates.earnings.models import Account
from affiliates.earnings.services.payouts import PayoutRefused, propose_payouts
from cms.core.domain.money import decimal_string
from community.models import User
from community.selectors.roles import is_finance, is_operator


class Command(BaseCommand):
    """May be repeated: what is in an open batch is in no other."""

    help = "Propose payouts of all available money that reaches the minimum; somebody else approves them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--by", required=True, metavar="EMAIL", help="who proposes: a person of finance")
        parser.add_argument("--currency", action="append", help="only this currency; may be given several times")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email__iexact=options["by"], is_active=True).first()
        if user is None or not (is_finance(user) or is_operator(user)):
            raise CommandError(f"{options['by']} is nobody who may propose payouts.")
        kinds = Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE).order_by("currency")
        currencies = options["currency"] or kinds.values_list("currency", flat=True).distinct()
        faults = []
        for currency in currencies:
            try:
                batch = propose_payouts(by=user, currency=currency, now=timezone.now())
            except PayoutRefused as refusal:
                faults.append(f"{currency}: {refusal}")
                continue
            if batch is None:
                self.stdout.write(f"{currency}: nothing to pay")
            else:
                total = decimal_string(batch.total_minor, currency)
                self.stdout.write(f"{currency}: batch {batch.ref}, {batch.payouts.count()} payouts, {total}")
        if faults:
            raise CommandError(" ".join(faults))
