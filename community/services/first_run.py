"""The first minutes of a site: who runs it, what it is called, where it is at home."""

from __future__ import annotations

import hmac
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction

from wagtail.models import Site

from cms.core.models import SiteSettings
from community.models import User
from community.selectors.roles import OPERATORS
from community.services.accounts import create_user


class AlreadySetUp(Exception):
    """Somebody runs this site."""


def setup_token() -> str:
    """The secret that proves access to the machine, kept until the site is set up. Repeatable."""
    path = _token_file()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    token = secrets.token_urlsafe(24)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(token)
    return token


def token_is_right(token: str) -> bool:
    """Whether this is the set-up token, compared in constant time."""
    return bool(token) and hmac.compare_digest(token.encode(), setup_token().encode())


def set_up_site(*, email: str, display_name: str, password: str, site_name: str, country: str, currency: str) -> User:
    """Makes the operator and names the site. Of two at once one wins and the other gets AlreadySetUp."""
    with transaction.atomic():
        # The row that always exists serves as the lock; SQLite's write transactions wait for each other
        # anyway.
        site = Site.objects.select_for_update().get(is_default_site=True)
        if User.objects.exists():
            raise AlreadySetUp
        operator = create_user(
            email=email,
            password=password,
            display_name=display_name,
            groups=[OPERATORS],
            verified=True,
            country=country,
            currency=currency,
        )
        site.site_name = site_name
        site.save()
        SiteSettings.objects.update_or_create(
            site=site,
            defaults={"default_country": country, "default_currency": currency, "contact_email": email},
        )
    _token_file().unlink(missing_ok=True)
    return operator


def _token_file() -> Path:
    return Path(settings.DATA_DIR) / "setup-token"
