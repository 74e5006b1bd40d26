"""Make an API key and print it, alone on one line: it is shown this once."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from affiliates.parties.models import Merchant
from affiliates.parties.services import create_api_key
from community.models import Creator


class Command(BaseCommand):
    """`manage.py create_api_key --merchant kaufgarten --scope conversions:write`"""

    help = "Make an API key for a merchant, a creator or the operator and print it once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        owner = parser.add_mutually_exclusive_group(required=True)
        owner.add_argument("--merchant", metavar="SLUG")
        owner.add_argument("--creator", metavar="HANDLE")
        owner.add_argument("--operator", action="store_true")
        parser.add_argument("--scope", action="append", help="may be repeated; without it, every scope of the owner")
        parser.add_argument(
            "--sandbox", action="store_true", help="a merchant's key whose orders are reckoned, answered and not stored"
        )
        parser.add_argument("--label", default="", help="what the key is for")

    def handle(self, *args: Any, **options: Any) -> None:
        merchant = creator = None
        slug, handle = options["merchant"], options["creator"]
        if slug and (merchant := Merchant.objects.filter(slug=slug).first()) is None:
            raise CommandError(f"there is no merchant {slug!r}")
        if handle and (creator := Creator.objects.filter(handle=handle).first()) is None:
            raise CommandError(f"there is no creator {handle!r}")
        try:
            _, plaintext = create_api_key(
                merchant=merchant,
                creator=creator,
                operator=options["operator"],
                scopes=options["scope"],
                label=options["label"],
                is_sandbox=options["sandbox"],
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(plaintext)
