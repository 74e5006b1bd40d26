"""The shelves: all guides, all topics, all creators."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wagtail.admin.panels import FieldPanel
from wagtail.models import Page

from cms.core.models import BasePage
from guides.selectors.articles import article_listing
from guides.selectors.storefronts import storefronts, topics


class IndexPage(BasePage):
    """Abstract: a page that lists what others made."""

    content_panels = [*Page.content_panels, FieldPanel("summary")]
    accepts_comments = False

    class Meta:
        abstract = True


def _slug(asked: str) -> str:
    """A slug as it may stand in an address; PostgreSQL takes no NUL, and no slug has one."""
    return asked.replace("\x00", "")[:255]


class GuideIndexPage(IndexPage):
    """Every guide and review, newest first, narrowed by topic or creator."""

    parent_page_types = ["home.HomePage"]
    subpage_types: list[str] = []
    max_count_per_parent = 1
    template = "guides/guide_index_page.html"
    page_description = _("The list of all guides and reviews")

    class Meta:
        verbose_name = _("guide index")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        topic, creator = (_slug(request.GET.get(name, "")) for name in ("topic", "creator"))
        context["articles"] = article_listing(
            locale_id=self.locale_id, topic_slug=topic, creator_handle=creator, page=request.GET.get("page")
        )
        context |= {"topics": topics(self.locale_id), "topic": topic, "creator": creator}
        context["creators"] = storefronts(self.locale_id)
        return context


class TopicIndexPage(IndexPage):
    """All topics."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["guides.TopicPage"]
    max_count_per_parent = 1
    template = "guides/topic_index_page.html"
    page_description = _("The list of all topics")

    class Meta:
        verbose_name = _("topic index")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["topics"] = topics(self.locale_id)
        return context


class CreatorIndexPage(IndexPage):
    """All storefronts."""

    parent_page_types = ["home.HomePage"]
    subpage_types = ["guides.CreatorPage"]
    max_count_per_parent = 1
    template = "guides/creator_index_page.html"
    page_description = _("The list of all creators; their storefronts stand below it")

    class Meta:
        verbose_name = _("creator index")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["creators"] = storefronts(self.locale_id)
        return context
