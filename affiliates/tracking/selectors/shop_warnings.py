"""Suspended shops that readers went to."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from affiliates.catalogue.models import Suspension
from affiliates.tracking.models import ShopWarning

#: Clicks on their way into the database when a shop is suspended are waited for.
CLICKS_SETTLE = dt.timedelta(minutes=1)


def suspensions_to_tell(now: dt.datetime) -> QuerySet[Suspension]:
    """Suspensions that readers who went there have not been told of. One query when read."""
    standing = Suspension.objects.filter(readers_told_at__isnull=True, lifted_at__isnull=True)
    return standing.filter(began_at__lte=now - CLICKS_SETTLE).order_by("began_at", "pk")


def warnings_of(user_id: int) -> QuerySet[ShopWarning]:
    """Shops a reader went to that are suspended now, the latest first. One query when read, shops included."""
    standing = ShopWarning.objects.filter(reader__user_id=user_id, suspension__lifted_at__isnull=True)
    return standing.select_related("suspension__merchant")
