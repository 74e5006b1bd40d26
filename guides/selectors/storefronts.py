"""Creators and topics as readers find them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.apps import apps
from django.db.models import Count, Q

if TYPE_CHECKING:
    from guides.models import CreatorPage, TopicPage


def storefronts(locale_id: int, *, only: Collection[int] | None = None) -> list[CreatorPage]:
    """Live storefronts of a language by name, with the number of live articles. Three queries.

    `only` narrows them to these pages.
    """
    model: type[CreatorPage] = apps.get_model("guides", "CreatorPage")
    rows = (
        model.objects.live()
        .filter(locale_id=locale_id, creator__erased_at__isnull=True)
        .select_related("creator__portrait", "locale")
        .prefetch_related("creator__portrait__renditions")
        .annotate(
            guide_count=Count("creator__guidepages", Q(creator__guidepages__live=True), distinct=True)
            + Count("creator__reviewpages", Q(creator__reviewpages__live=True), distinct=True)
        )
    )
    if only is not None:
        rows = rows.filter(pk__in=only)
    return list(rows.order_by("creator__display_name"))


def topics(locale_id: int) -> list[TopicPage]:
    """Live topics of a language by title, with the number of live articles. One query."""
    model: type[TopicPage] = apps.get_model("guides", "TopicPage")
    rows = (
        model.objects.live()
        .filter(locale_id=locale_id)
        .annotate(
            guide_count=Count("guidepage", Q(guidepage__live=True), distinct=True)
            + Count("reviewpage", Q(reviewpage__live=True), distinct=True)
        )
    )
    return list(rows.select_related("locale").order_by("title"))
