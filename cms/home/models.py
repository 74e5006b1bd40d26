"""The front page: what the others made."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest
from django.utils.translation import gettext_lazy as _

from wagtail.admin.panels import FieldPanel
from wagtail.models import Page
from wagtail.url_routing import RouteResult

from cms.core.models import BasePage
from cms.home.selectors import front_page


class HomePage(BasePage):
    """One large story, two smaller ones, a strip, the topics and the people."""

    parent_page_types = ["wagtailcore.Page"]
    subpage_types = [
        "guides.GuideIndexPage",
        "guides.TopicIndexPage",
        "guides.CreatorIndexPage",
        "core.StandardPage",
    ]
    template = "home/home_page.html"
    accepts_comments = False
    page_description = _("The front page")
    content_panels = [*Page.content_panels, FieldPanel("summary")]

    class Meta:
        verbose_name = _("front page")

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context |= front_page(self.locale_id)
        return context

    def route(self, request: HttpRequest, path_components: list[str]) -> RouteResult:
        """Finds the page of an address in two queries however deep it stands; Wagtail takes two a level.

        No page type of the site routes addresses below itself, so the page found is the one that answers.
        """
        if not path_components:
            return super().route(request, path_components)
        found = Page.objects.filter(
            slug=path_components[-1],
            depth=self.depth + len(path_components),
            path__startswith=self.path,
            url_path=f"{self.url_path}{'/'.join(path_components)}/",
        ).first()
        if found is None:
            raise Http404
        model = found.specific_class or Page
        page = model.objects.select_related(*getattr(model, "served_with", ("locale",))).get(pk=found.pk)
        return page.route(request, [])  # type: ignore[no-any-return]
