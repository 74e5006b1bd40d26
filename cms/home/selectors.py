"""What the front page shows."""

from __future__ import annotations

from typing import Any

from django.apps import apps

from wagtail.models import Page
from wagtail.query import PageQuerySet

from guides.selectors.articles import latest_articles
from guides.selectors.storefronts import storefronts, topics

LEAD, SECOND, STRIP = 1, 2, 6


def front_page(locale_id: int) -> dict[str, Any]:
    """The newest guides in their places, topics and creators. Nine queries. Newest first, whatever they earn."""
    articles = latest_articles(locale_id=locale_id, limit=LEAD + SECOND + STRIP)
    return {
        "lead": articles[0] if articles else None,
        "second": articles[LEAD : LEAD + SECOND],
        "strip": articles[LEAD + SECOND :],
        "topics": [topic for topic in topics(locale_id) if topic.guide_count],
        "creators": storefronts(locale_id),
    }


def public_pages() -> PageQuerySet[Page]:
    """Every page of every language that everybody may read, in the tree's order."""
    found = Page.objects.none()
    for home in apps.get_model("home", "HomePage").objects.live():
        found = found | Page.objects.descendant_of(home, inclusive=True)
    return found.live().public().select_related("locale").order_by("path")
