"""GET /guides, /creators, /topics: what is public."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from wagtail.models import Page

from ninja import Router

from cms.core.paging import cursor_page
from guides.models import CreatorPage, TopicPage
from guides.selectors.articles import live_articles, load_articles

router = Router(tags=["public"])


def _address(page: Page) -> str:
    return f"{settings.BASE_URL}{page.url}"


@router.get("/guides", summary="Guides and reviews in all languages, newest first")
def guides(request: HttpRequest) -> dict[str, Any]:
    """Published guides and reviews."""
    rows, following = cursor_page(request, live_articles(), order=("-pk",))
    results = [
        {
            "title": article.title,
            "kind": article.kind,
            "url": _address(article),
            "language": article.locale.language_code,
            "summary": article.summary,
            "creator": article.creator.handle if article.creator else None,
            "published_at": article.first_published_at,
            "updated_at": article.last_published_at,
        }
        for article in load_articles([row.pk for row in rows])
    ]
    return {"results": results, "next": following}


@router.get("/creators", summary="Creators with their storefronts")
def creators(request: HttpRequest) -> dict[str, Any]:
    """Live storefronts."""
    pages = CreatorPage.objects.live().filter(creator__erased_at__isnull=True).select_related("creator", "locale")
    rows, following = cursor_page(request, pages, order=("pk",))
    results = [
        {
            "handle": page.creator.handle,
            "name": page.creator.display_name,
            "country": page.creator.country or None,
            "language": page.locale.language_code,
            "url": _address(page),
        }
        for page in rows
    ]
    return {"results": results, "next": following}


@router.get("/topics", summary="Topics")
def topics(request: HttpRequest) -> dict[str, Any]:
    """Live topics of all languages."""
    rows, following = cursor_page(request, TopicPage.objects.live().select_related("locale"), order=("pk",))
    results = [
        {
            "slug": page.slug,
            "title": page.title,
            "summary": page.summary,
            "language": page.locale.language_code,
            "url": _address(page),
        }
        for page in rows
    ]
    return {"results": results, "next": following}
