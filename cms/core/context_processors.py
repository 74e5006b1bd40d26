"""What every template knows about the site and its reader."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's absolute address, whether this is a demo, and the reader's choice."""
    return {
        "base_url": settings.BASE_URL,
        "demo_shop": settings.DEMO_SHOP,
        "reader": getattr(request, "reader", None),
    }
