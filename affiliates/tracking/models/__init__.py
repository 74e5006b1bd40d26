"""Links that are followed, clicks that were made, and what was made of them."""

from __future__ import annotations

from affiliates.tracking.models.clicks import Click, ClickVerdict
from affiliates.tracking.models.journal import JournalPosition
from affiliates.tracking.models.link_health import LinkHealth
from affiliates.tracking.models.links import Link
from affiliates.tracking.models.placements import Placement
from affiliates.tracking.models.readers import ReaderKey
from affiliates.tracking.models.shop_warnings import ShopWarning
from affiliates.tracking.models.tallies import ClickTally

__all__ = [
    "Click",
    "ClickTally",
    "ClickVerdict",
    "JournalPosition",
    "Link",
    "LinkHealth",
    "Placement",
    "ReaderKey",
    "ShopWarning",
]
