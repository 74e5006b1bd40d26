"""Where merchants ship, for the people who keep it right."""

from __future__ import annotations

from typing import Any

from affiliates.catalogue.models import Lane
from affiliates.parties.models import Merchant


def lanes_panel(merchant: Merchant) -> dict[str, Any]:
    """What a merchant's page in the admin shows of its lanes. One query."""
    return {"merchant": merchant, "lanes": list(Lane.objects.filter(merchant=merchant).order_by("country"))}
