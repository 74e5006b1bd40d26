"""Shut an API key out."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from affiliates.parties.models import ApiKey
from affiliates.parties.services import PREFIX_LENGTH, revoke_key


class Command(BaseCommand):
    """`manage.py revoke_api_key vk_ABCDEFGH`, or with the whole key."""

    help = "Revoke an API key: from now on it is refused. Name it by its beginning (vk_ and eight characters)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("key", help=f"The first {PREFIX_LENGTH} characters of the key; the rest is not looked at.")

    def handle(self, *args: Any, **options: Any) -> None:
        prefix = str(options["key"])[:PREFIX_LENGTH]
        key = ApiKey.objects.filter(prefix=prefix).select_related("merchant", "creator").first()
        if key is None:
            raise CommandError(f"No key begins with {prefix}.")
        if key.revoked_at is not None:
            raise CommandError(f"{prefix} was revoked on {key.revoked_at:%Y-%m-%d}.")
        revoke_key(key=key)
        self.stdout.write(f"{prefix} ({key.merchant or key.creator or 'operator'}) is refused from now on.")
