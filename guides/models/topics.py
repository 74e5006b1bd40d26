"""What a guide is about. A topic's slug is global; nesting is a relation, so its address never changes."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.search import index

from cms.core.models import BasePage
from guides.selectors.articles import article_listing

TINTS = [(tint, tint.capitalize()) for tint in ("clay", "moss", "sea", "plum", "sand", "slate", "rose", "gold")]


class TopicPage(BasePage):
    """One topic with its guides, newest first."""

    parent_topic = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="child_topics", verbose_name=_("part of")
    )
    tint = models.CharField(_("tint"), max_length=8, choices=TINTS, default="sand")

    parent_page_types = ["guides.TopicIndexPage"]
    subpage_types: list[str] = []
    template = "guides/topic_page.html"
    accepts_comments = False
    page_description = _("A subject under which guides are found")
    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("tint"), FieldPanel("parent_topic")]
    search_fields = [*Page.search_fields, index.SearchField("summary")]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["articles"] = article_listing(locale_id=self.locale_id, topic_id=self.pk, page=request.GET.get("page"))
        return context
