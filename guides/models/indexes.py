"""The shelves: all guides, all topics, all creators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.core.models import BasePage
from guides.selectors.articles import article_listing
from guides.selectors.storefronts import storefronts, topics


class IndexPage(BasePage):
    """Abstract: a page that lists what others made."""

    parent_page_types = ["home.HomePage"]
    max_count_per_parent = 1
    content_panels = [*Page.content_panels, FieldPanel("summary")]
    accepts_comments = False
    #: Name in the template → what is listed under it, by the language's key.
    shelves: ClassVar[Mapping[str, Callable[[int], list[Any]]]] = {}

    class Meta:
        abstract = True

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        return context | {name: read(self.locale_id) for name, read in self.shelves.items()}


def _slug(asked: str) -> str:
    """A slug as it may stand in an address; PostgreSQL takes no NUL, and no slug has one."""
    return asked.replace("\x00", "")[:255]


class GuideIndexPage(IndexPage):
    """Every guide and review, newest first, narrowed by topic or creator."""

    subpage_types: list[str] = []
    template = "guides/guide_index_page.html"
    shelves = {"topics": topics, "creators": storefronts}
    page_description = _("The list of all guides and reviews")

    class Meta:
        verbose_name = _("guide index")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        topic, creator = (_slug(request.GET.get(name, "")) for name in ("topic", "creator"))
        context["articles"] = article_listing(
            locale_id=self.locale_id, topic_slug=topic, creator_handle=creator, page=request.GET.get("page")
        )
        return context | {"topic": topic, "creator": creator}


class TopicIndexPage(IndexPage):
    """All topics."""

    subpage_types = ["guides.TopicPage"]
    template = "guides/topic_index_page.html"
    shelves = {"topics": topics}
    page_description = _("The list of all topics")

    class Meta:
        verbose_name = _("topic index")


class CreatorIndexPage(IndexPage):
    """All storefronts."""

    subpage_types = ["guides.CreatorPage"]
    template = "guides/creator_index_page.html"
    shelves = {"creators": storefronts}
    page_description = _("The list of all creators; their storefronts stand below it")

    class Meta:
        verbose_name = _("creator index")
