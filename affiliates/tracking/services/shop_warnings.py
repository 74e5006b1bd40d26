"""Telling readers of shops that were suspended after they went there."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, OuterRef

from affiliates.catalogue.models import Suspension
from affiliates.tracking.models import Click, ReaderKey, ShopWarning
from affiliates.tracking.selectors.shop_warnings import suspensions_to_tell, warnings_of

#: Whoever went there longer ago than this is not told.
LOOKS_BACK = dt.timedelta(days=60)


def write_warnings(*, now: dt.datetime) -> int:
    """Afterwards each reader who agreed that their clicks are joined, and who went to a shop within sixty days before
    it was suspended, has a warning. Returns how many are new. May be repeated; the suspension is the queue.
    """
    return sum(_write(suspension, now) for suspension in suspensions_to_tell(now))


@transaction.atomic
def _write(suspension: Suspension, now: dt.datetime) -> int:
    if not Suspension.objects.filter(pk=suspension.pk, readers_told_at__isnull=True).update(readers_told_at=now):
        return 0
    since = suspension.began_at - LOOKS_BACK
    went = Click.objects.creditable().filter(merchant=suspension.merchant_id, at__gte=since)
    readers = ReaderKey.objects.filter(Exists(went.filter(visitor_key=OuterRef("key")))).values_list("pk", flat=True)
    news = [ShopWarning(reader_id=pk, suspension=suspension, written_at=now) for pk in readers]
    return len(ShopWarning.objects.bulk_create(news, batch_size=1000))


def take_warnings(*, user_id: int, now: dt.datetime) -> list[ShopWarning]:
    """The warnings that the reader has not seen; whoever takes them shows them. Taken once, also by two requests."""
    unseen = list(warnings_of(user_id).filter(seen_at__isnull=True))
    return [row for row in unseen if ShopWarning.objects.filter(pk=row.pk, seen_at__isnull=True).update(seen_at=now)]
