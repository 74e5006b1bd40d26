"""Lists of guides and reviews.

Page models are the controllers of their pages and stand above the selectors, so the classes are looked up by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Page as PaginatorPage
from django.core.paginator import Paginator
from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q

from wagtail.models import Page, PageViewRestriction
from wagtail.query import PageQuerySet

from cms.core import generation
from cms.core.pictures import with_renditions

if TYPE_CHECKING:
    from guides.models import ArticlePage, TopicPage

ARTICLES_A_PAGE = 12


def article_classes() -> tuple[type[ArticlePage], ...]:
    """The page types that are guides or reviews."""
    return apps.get_model("guides", "GuidePage"), apps.get_model("guides", "ReviewPage")


def live_articles() -> PageQuerySet[Page]:
    """Published guides and reviews as plain pages. No query of its own, unlike Wagtail's `public()`."""
    path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    restricted = PageViewRestriction.objects.annotate(at=path).filter(at__startswith=F("page__path"))
    return Page.objects.live().type(*article_classes()).exclude(Exists(restricted))


def load_articles(ids: Sequence[int]) -> list[ArticlePage]:
    """The articles with these keys, in this order, with author and lead picture. Three queries, without their text."""
    found = _articles(ids, article_classes())
    with_renditions(row.hero_image for row in found)
    return found


def _articles(ids: Sequence[int], classes: Iterable[type[ArticlePage]]) -> list[ArticlePage]:
    """The articles of these classes with these keys, in this order, without their text. A query a class."""
    found: dict[int, ArticlePage] = {}
    for model in classes if ids else ():
        rows = model.objects.filter(pk__in=ids).select_related("creator__portrait", "hero_image", "locale")
        found |= {row.pk: row for row in rows.defer("body", "disclosure")}
    return [found[pk] for pk in ids if pk in found]


def article_listing(
    *,
    locale_id: int,
    topic_id: int | None = None,
    topic_slug: str = "",
    creator_handle: str = "",
    page: Any = None,
) -> PaginatorPage[Any]:
    """A page of articles, newest first. Six queries for few and for many. Order never depends on commission."""
    pages = live_articles().filter(locale_id=locale_id)
    if topic_id:
        pages = pages.filter(Q(guidepage__topics=topic_id) | Q(reviewpage__topics=topic_id))
    if topic_slug:
        pages = pages.filter(Q(guidepage__topics__slug=topic_slug) | Q(reviewpage__topics__slug=topic_slug))
    if creator_handle:
        handle = creator_handle
        pages = pages.filter(Q(guidepage__creator__handle=handle) | Q(reviewpage__creator__handle=handle))
    ids = pages.order_by("-first_published_at", "-pk").values_list("pk", flat=True).distinct()
    listing = Paginator(ids, ARTICLES_A_PAGE).get_page(page)
    listing.object_list = load_articles(list(listing.object_list))  # type: ignore[assignment]
    return listing


def latest_articles(*, locale_id: int, limit: int, without: Iterable[int] = ()) -> list[ArticlePage]:
    """The newest articles of a language. Five queries."""
    pages = live_articles().filter(locale_id=locale_id).exclude(pk__in=list(without))
    return load_articles(list(pages.order_by("-first_published_at", "-pk").values_list("pk", flat=True)[:limit]))


def related_articles(article: ArticlePage, topics: Iterable[TopicPage], *, limit: int = 3) -> list[ArticlePage]:
    """Others on the same topics, newest first, their pictures without sizes.

    Kept for a generation of pages; made anew by a query, and one a kind of article.
    """
    keys = sorted(topic.pk for topic in topics)
    name = f"related:{article.pk}:{article.locale_id}:{'.'.join(map(str, keys))}:{limit}"
    return generation.kept(name, partial(_related, article, keys, limit))


def _related(article: ArticlePage, keys: list[int], limit: int) -> list[ArticlePage]:
    pages = live_articles().filter(locale_id=article.locale_id).exclude(pk=article.pk)
    pages = pages.filter(Q(guidepage__topics__in=keys) | Q(reviewpage__topics__in=keys))
    rows = list(pages.order_by("-first_published_at", "-pk").values_list("pk", "content_type_id").distinct()[:limit])
    kinds = {content_type for _pk, content_type in rows}
    wanted = [m for m in article_classes() if ContentType.objects.get_for_model(m).pk in kinds]
    return _articles([pk for pk, _content_type in rows], wanted)
