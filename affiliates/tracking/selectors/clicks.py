"""Clicks as their parties may see them."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from affiliates.tracking.models import Click
from affiliates.tracking.models.clicks import ClickQuerySet


def clicks_seen_by(
    *, merchant_id: int | None = None, creator_id: int | None = None, everyone: bool = False
) -> ClickQuerySet:
    """A creator's own clicks, those on links to a merchant, or all; none where no side is named. One query."""
    clicks = ClickQuerySet(Click).select_related("link", "creator", "merchant", "placement", "verdict")
    if everyone:
        return clicks
    if merchant_id is not None:
        return clicks.filter(merchant_id=merchant_id)
    if creator_id is not None:
        return clicks.filter(creator_id=creator_id)
    return clicks.none()


def touches_of_visitor(
    *, visitor_key: str, merchant_id: int, since: dt.datetime, until: dt.datetime
) -> QuerySet[Click]:
    """Creditable clicks of one visitor of the day on links to a merchant, newest first. One query."""
    return (
        Click.objects.creditable()
        .filter(visitor_key=visitor_key, merchant_id=merchant_id, at__gte=since, at__lte=until)
        .select_related("creator", "placement", "verdict")
        .order_by("-at", "-click_id")
    )
