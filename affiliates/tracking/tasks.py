"""What the worker does for clicks, again and again."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from affiliates.tracking.services.loader import LoaderBusy, load_pending
from affiliates.tracking.services.visitor_keys import VisitorKeys


def load_clicks() -> None:
    """Store what lies in the journal; leave it where another process is at it."""
    try:
        load_pending(wait=0.0)
    except LoaderBusy:
        return


def destroy_visitor_keys() -> None:
    """Make past days' visitors unrecognisable."""
    VisitorKeys(Path(settings.DATA_DIR) / "visitor-keys").destroy_old(timezone.now())
