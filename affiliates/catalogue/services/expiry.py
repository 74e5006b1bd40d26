"""Listings that end at the time their merchant named, whether or not a feed comes by then."""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from affiliates.catalogue.models import Offer
from affiliates.catalogue.services.offer_store import one_at_a_time
from affiliates.catalogue.signals import offers_changed
from cms.core import generation

_BATCH = 5000


def end_expired_offers(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Mark offers gone whose end has come, at most `limit`; returns how many. May be repeated. Two statements."""
    with transaction.atomic():
        # Imports write many offers in an order of their own.
        one_at_a_time()
        ended = Offer.objects.past_their_end(now)
        keys = list(ended.order_by("expires_at", "pk").values_list("pk", flat=True)[:limit])
        # Asked again: a feed may have given an offer a later end meanwhile.
        count = ended.filter(pk__in=keys).update(gone_at=now) if keys else 0
        if count:
            offers_changed.send(sender=Offer, offer_ids=keys)
    if count:
        generation.bump()
    return count


def expired_offers(*, now: dt.datetime) -> int:
    """How many offers are past their end and still listed. One query."""
    return Offer.objects.past_their_end(now).count()
