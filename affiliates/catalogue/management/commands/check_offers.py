"""Look at offers' pages now, politely."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from affiliates.catalogue.models import Offer
from affiliates.catalogue.services.health import ask_for_check, check_due_offers, checks_due, make_missing_health
from affiliates.parties.models import Merchant


class Command(BaseCommand):
    """`manage.py check_offers --merchant kaufgarten --limit 20`"""

    help = "Check whether offers still lead to the thing. A host is asked once in five seconds at most."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--merchant", help="put this merchant's offers at the head of the queue")
        parser.add_argument("--limit", type=int, default=20, help="how many to look at (default 20)")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        make_missing_health(now=now)
        if slug := options["merchant"]:
            if not Merchant.objects.filter(slug=slug).exists():
                raise CommandError(f"there is no merchant {slug!r}")
            ask_for_check(offers=Offer.objects.filter(merchant__slug=slug).values("pk"), now=now)
        looked = check_due_offers(now=now, limit=options["limit"])
        self.stdout.write(f"{looked:,} looked at, {checks_due(now=timezone.now()):,} more are due.")
