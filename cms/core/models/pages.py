"""What every page has in common, and the plain page."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from wagtail.admin.panels import FieldPanel
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index

from cms.core import generation


class BasePage(Page):
    """Abstract: a summary, a social picture and the addresses machines read."""

    summary = models.CharField(
        _("summary"),
        max_length=320,
        blank=True,
        help_text=_("One or two sentences for lists, search results and shared links."),
    )
    social_image = models.ForeignKey(
        "core.SiteImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("picture")
    )

    promote_panels = [*Page.promote_panels, FieldPanel("social_image")]

    class Meta:
        abstract = True

    og_type = "website"

    @property
    def meta_description(self) -> str:
        """What a search engine shows: the editor's own text, else the summary."""
        return self.search_description or self.summary

    @property
    def share_image(self) -> Any:
        """The picture a shared link shows, or None."""
        return self.social_image

    @property
    def absolute_url(self) -> str:
        """The canonical address under BASE_URL, without query."""
        return f"{settings.BASE_URL}{self.url or ''}"

    def language_versions(self) -> list[tuple[str, str]]:
        """(language code, absolute URL) of every live version, this one included. At most one query."""

        def read() -> list[tuple[str, str]]:
            versions = Page.objects.live().filter(translation_key=self.translation_key).select_related("locale")
            return sorted((page.locale.language_code, f"{settings.BASE_URL}{page.url}") for page in versions)

        return generation.kept(f"language-versions:{self.translation_key}", read)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(request, *args, **kwargs)
        context["language_versions"] = self.language_versions()
        return context


class StandardPage(BasePage):
    """About, disclosure policy, how we test, privacy: words without products."""

    body = RichTextField(_("text"), features=["h2", "h3", "bold", "italic", "link", "ol", "ul", "hr"])

    template = "core/standard_page.html"
    accepts_comments = False
    page_description = _("A page of text, such as About or the disclosure policy")
    subpage_types: list[str] = []
    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("body")]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("body")]

    class Meta:
        verbose_name = _("standard page")
        verbose_name_plural = _("standard pages")
