"""A creator's own corner: the subtree in which only they and the editors write."""

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


class CreatorPage(BasePage):
    """The storefront, one per language; its slug is the creator's handle."""

    creator = models.ForeignKey(
        "community.Creator", on_delete=models.PROTECT, related_name="storefronts", verbose_name=_("creator")
    )
    bio = models.TextField(_("about"), max_length=1200, blank=True)

    parent_page_types = ["guides.CreatorIndexPage"]
    subpage_types = ["guides.GuidePage", "guides.ReviewPage"]
    template = "guides/creator_page.html"
    accepts_comments = False
    page_description = _("A creator's storefront; their guides stand below it")
    content_panels = [*Page.content_panels, FieldPanel("summary"), FieldPanel("bio"), FieldPanel("social_image")]
    search_fields = [*Page.search_fields, index.SearchField("summary"), index.SearchField("bio")]

    class Meta:
        verbose_name = _("storefront")
        verbose_name_plural = _("storefronts")

    og_type = "profile"

    @property
    def share_image(self) -> Any:
        return self.social_image or self.creator.portrait

    def clean(self) -> None:
        """The address is the creator's handle, whatever a form says."""
        self.slug = self.creator.handle
        super().clean()

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context["articles"] = article_listing(
            locale_id=self.locale_id, creator_handle=self.creator.handle, page=request.GET.get("page")
        )
        return context
