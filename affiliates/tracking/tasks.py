"""What the worker does for clicks, again and again."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings
from django.utils import timezone

from affiliates.tracking.selectors.shop_warnings import suspensions_to_tell
from affiliates.tracking.services.link_health import check_due_links, links_due, make_missing_link_health
from affiliates.tracking.services.loader import LoaderBusy, load_pending
from affiliates.tracking.services.shop_warnings import write_warnings
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


def queue_links() -> int:
    """Give new links to a bare address their place in the queue of checks."""
    return make_missing_link_health(now=timezone.now())


def check_links() -> int:
    """Look at the pages of links that are due, a few at a time."""
    return check_due_links(now=timezone.now())


def links_waiting() -> int:
    """Links whose time to be looked at has come."""
    return links_due(now=timezone.now())


def warn_readers() -> int:
    """Write down which readers are to hear of a suspended shop."""
    return write_warnings(now=timezone.now())


def suspensions_waiting() -> int:
    """Suspensions that readers have not been told of."""
    return suspensions_to_tell(timezone.now()).count()
