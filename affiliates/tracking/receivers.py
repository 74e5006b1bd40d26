"""What tracking does when something happens in the catalogue."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from affiliates.catalogue.signals import offers_changed
from affiliates.tracking.services.links import renew_links


def on_offers_changed(sender: type, offer_ids: list[int], **kwargs: Any) -> None:
    """A shop moved a thing, perhaps: whoever keeps links in memory reads those to it again."""
    # After the commit, lest a link map reads the old address under the new time and does not look again.
    transaction.on_commit(partial(renew_links, offer_ids=offer_ids))


def connect() -> None:
    """Called once, when Django starts."""
    offers_changed.connect(on_offers_changed, dispatch_uid="tracking.on_offers_changed")
