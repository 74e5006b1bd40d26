"""Guides and reviews: what creators write."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey, ParentalManyToManyField
from taggit.models import TaggedItemBase
from wagtail.admin.panels import FieldPanel, HelpPanel, MultiFieldPanel
from wagtail.fields import StreamField
from wagtail.models import Page
from wagtail.search import index

from cms.core.models import BasePage
from guides.blocks import ArticleBody, DisclosureFacts
from guides.domain.paid_links import has_bare_paid_link
from guides.selectors.article_page import article_context, paid_product_ids, rich_texts


class ArticleTag(TaggedItemBase):
    """A tag on a guide or review."""

    content_object = ParentalKey("wagtailcore.Page", on_delete=models.CASCADE, related_name="article_tags")


class ArticlePage(BasePage):
    """Abstract: text with products, written by the creator in whose storefront it stands."""

    creator = models.ForeignKey(
        "community.Creator", null=True, editable=False, on_delete=models.PROTECT, related_name="%(class)ss"
    )
    hero_image = models.ForeignKey(
        "core.SiteImage", null=True, blank=True, on_delete=models.SET_NULL, related_name="+",
        verbose_name=_("lead picture"),
    )  # fmt: skip
    topics = ParentalManyToManyField("guides.TopicPage", blank=True, verbose_name=_("topics"))
    tags = ClusterTaggableManager(through=ArticleTag, blank=True, verbose_name=_("tags"))
    body = StreamField(ArticleBody(), blank=True, verbose_name=_("text"))
    disclosure = StreamField(
        DisclosureFacts(),
        blank=True,
        verbose_name=_("gifts, fees and own goods"),
        help_text=_("What you were given, paid, or own. Commission on links is disclosed by itself."),
    )
    facts_confirmed = models.BooleanField(
        _("I have named every gift, fee and product of my own"),
        default=False,
        help_text=_("A guide with paid links cannot be published without this."),
    )
    last_tested_on = models.DateField(_("last tested"), null=True, blank=True)
    update_note = models.CharField(_("what changed last"), max_length=240, blank=True)

    parent_page_types = ["guides.CreatorPage"]
    subpage_types: list[str] = []
    template = "guides/article_page.html"
    kind: ClassVar[str] = "guide"
    #: What a reader's request needs of other tables, loaded with the page.
    served_with: ClassVar[tuple[str, ...]] = ("creator__portrait", "hero_image", "locale")
    og_type = "article"

    content_panels = [
        *Page.content_panels,
        FieldPanel("summary"),
        FieldPanel("hero_image"),
        FieldPanel("body"),
        MultiFieldPanel([FieldPanel("last_tested_on"), FieldPanel("update_note")], heading=_("Freshness")),
        MultiFieldPanel(
            [
                HelpPanel(content=_("The label and the sentence above the first paid link are written for you.")),
                FieldPanel("disclosure"),
                FieldPanel("facts_confirmed"),
            ],
            heading=_("Disclosure"),
        ),
        MultiFieldPanel([FieldPanel("topics"), FieldPanel("tags")], heading=_("Where it is found")),
    ]
    search_fields = [
        *Page.search_fields,
        index.SearchField("summary", boost=2),
        index.SearchField("body"),
        index.AutocompleteField("title"),
        index.FilterField("creator_id"),
    ]

    class Meta:
        abstract = True

    @property
    def share_image(self) -> Any:
        return self.social_image or self.hero_image

    @property
    def reading_minutes(self) -> int:
        """At 220 words a minute, at least one."""
        text = self.body.stream_block.get_searchable_content(self.body) if self.body else []
        return max(1, round(len(" ".join(text).split()) / 220))

    def full_clean(self, *args: Any, **kwargs: Any) -> None:
        self._take_creator()
        super().full_clean(*args, **kwargs)

    def save(self, clean: bool = True, *args: Any, **kwargs: Any) -> Any:
        """Every way to a live page ends here: the admin, its API, the scheduler, a workflow, a copy, a script.

        A draft may be incomplete; what is live has its disclosure. Wagtail's own bookkeeping saves with clean=False.
        """
        self._take_creator()
        if clean and self.live and kwargs.get("update_fields") is None:
            self.check_disclosure()
        return super().save(clean, *args, **kwargs)

    def _take_creator(self) -> None:
        """The author is whoever's storefront the page stands in; nobody chooses it."""
        if self.creator is None and self.path and (parent := self.get_parent()):
            self.creator = getattr(parent.specific, "creator", None)

    def check_disclosure(self) -> None:
        """ValidationError where the page has a paid link and its facts are not settled (promise P3).

        Settled: the author has confirmed them, and every gift, fee and own product names who and what. A tracked link
        in plain text would have no label, so there is none.
        """
        for block in self.disclosure:
            if not all(str(block.value.get(name) or "").strip() for name in block.value):
                raise ValidationError({"disclosure": _("Say for each gift, fee and own product from whom and what.")})
        if any(has_bare_paid_link(html) for html in rich_texts(self.body)):
            raise ValidationError({"body": _("A paid link belongs in a product block, where it is labelled.")})
        paid = paid_product_ids(self.body) or getattr(self, "product_id", None)
        if paid and not self.facts_confirmed:
            raise ValidationError(
                {"facts_confirmed": _("This page has paid links. Confirm the disclosure before it is published.")}
            )

    def publish(self, revision: Any, *args: Any, **kwargs: Any) -> Any:
        """Refused while the disclosure is not settled, also when it is only scheduled."""
        revision.as_object().check_disclosure()
        return super().publish(revision, *args, **kwargs)

    def get_context(self, request: HttpRequest, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context(request, *args, **kwargs)
        context |= article_context(self, request)
        return context


class GuidePage(ArticlePage):
    """A buying guide: several products, each with its role."""

    template = "guides/article_page.html"
    page_description = _("A buying guide with several products and their roles")
    kind = "guide"

    class Meta:
        verbose_name = _("guide")
        verbose_name_plural = _("guides")


class ReviewPage(ArticlePage):
    """A review of one product, with a verdict."""

    product = models.ForeignKey(
        "catalogue.Product", null=True, blank=True, on_delete=models.SET_NULL, related_name="reviews",
        verbose_name=_("reviewed product"),
    )  # fmt: skip

    template = "guides/article_page.html"
    page_description = _("A review of one product with a verdict")
    kind = "review"
    content_panels = [
        *ArticlePage.content_panels[:3],
        FieldPanel("product"),
        *ArticlePage.content_panels[3:],
    ]

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
