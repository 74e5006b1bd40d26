"""What tracking does when something happens in the catalogue or to a person."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import transaction

from affiliates.catalogue.signals import offers_changed
from affiliates.tracking.models import ReaderKey, ShopWarning
from affiliates.tracking.services.links import renew_links
from community.models import User
from community.signals import person_erased, person_exported


def on_offers_changed(sender: type, offer_ids: list[int], **kwargs: Any) -> None:
    """A shop moved a thing, perhaps: whoever keeps links in memory reads those to it again."""
    # After the commit, lest a link map reads the old address under the new time and does not look again.
    transaction.on_commit(partial(renew_links, offer_ids=offer_ids))


def on_person_erased(sender: type, user: User, **kwargs: Any) -> None:
    """Nothing says any more whose the joined clicks were."""
    ReaderKey.objects.filter(user=user).delete()


def on_person_exported(sender: type, user: User, **kwargs: Any) -> dict[str, Any]:
    """Whether and since when the reader's clicks are joined, and which suspended shops they were told of."""
    agreed = ReaderKey.objects.filter(user=user).values_list("agreed_at", flat=True).first()
    warned = ShopWarning.objects.filter(reader__user=user).select_related("suspension__merchant")
    return {
        "clicks_joined_since": agreed.isoformat() if agreed else None,
        "warned_of_shops": [
            {"merchant": warning.suspension.merchant.slug, "at": warning.written_at.isoformat()} for warning in warned
        ],
    }


def connect() -> None:
    """Called once, when Django starts."""
    offers_changed.connect(on_offers_changed, dispatch_uid="tracking.on_offers_changed")
    person_erased.connect(on_person_erased, dispatch_uid="tracking.on_person_erased")
    person_exported.connect(on_person_exported, dispatch_uid="tracking.on_person_exported")
