"""Where people who act for a brand land."""

from __future__ import annotations

from django.urls import reverse

from affiliates.parties.selectors import memberships_of
from community import landing
from community.models import User


def brand_lands(user: User) -> str | None:
    """The brand portal, for members of a merchant."""
    return reverse("brands:report") if memberships_of(user).exists() else None


def connect() -> None:
    """Called once, when Django starts."""
    landing.register(30, brand_lands)
