"""The text of a guide or review."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from wagtail import blocks
from wagtail.images.blocks import ImageChooserBlock

from guides.blocks.products import ComparisonBlock, PickBlock, ProductBlock
from guides.selectors.examples import first_pictured_product

TEXT_FEATURES = ["bold", "italic", "link", "ol", "ul"]


class HeadingBlock(blocks.CharBlock):
    """A heading of the second level; the page's title is the only first."""

    class Meta:
        icon = "title"
        label = _("Heading")
        group = _("Text")
        description = _("A heading that says something")
        template = "guides/blocks/heading.html"
        preview_value = _("What three weeks on a small hob taught")


class TextBlock(blocks.RichTextBlock):
    """Paragraphs, lists and links."""

    class Meta:
        icon = "pilcrow"
        label = _("Text")
        group = _("Text")
        description = _("Paragraphs with lists and links")
        template = "guides/blocks/text.html"
        preview_value = "<p>It boils a litre in under three minutes and then keeps quiet about it.</p>"


class ImageBlock(blocks.StructBlock):
    """A picture with what a reader who cannot see it should hear."""

    image = ImageChooserBlock(label=_("Picture"))
    alt = blocks.CharBlock(label=_("Alternative text"), max_length=300, help_text=_("What the picture shows."))
    caption = blocks.CharBlock(label=_("Caption"), required=False, max_length=240)

    class Meta:
        icon = "image"
        label = _("Picture")
        group = _("Text")
        description = _("A picture with alternative text and a caption")
        template = "guides/blocks/image.html"

    def get_preview_value(self) -> Any:
        product = first_pictured_product()
        picture = product.image if product else None
        return self.normalize(
            {"image": picture, "alt": str(product or ""), "caption": _("A caption says what to look at.")}
        )


class QuoteBlock(blocks.StructBlock):
    """Somebody's words."""

    text = blocks.TextBlock(label=_("Words"), max_length=600)
    source = blocks.CharBlock(label=_("Who said it"), required=False, max_length=120)

    class Meta:
        icon = "openquote"
        label = _("Quote")
        group = _("Text")
        description = _("Somebody's words, with who said them")
        template = "guides/blocks/quote.html"
        preview_value = {"text": "A good knife is one you stop thinking about.", "source": ""}


class ProsConsBlock(blocks.StructBlock):
    """What speaks for a thing and what against."""

    pros = blocks.ListBlock(blocks.CharBlock(max_length=200), label=_("For it"))
    cons = blocks.ListBlock(blocks.CharBlock(max_length=200), label=_("Against it"))

    class Meta:
        icon = "list-ul"
        label = _("Pros and cons")
        group = _("Judgement")
        description = _("What speaks for it and what against, as two lists")
        template = "guides/blocks/pros_cons.html"
        preview_value = {"pros": ["Quiet", "Easy to descale"], "cons": ["Short lead"]}


class CriterionBlock(blocks.StructBlock):
    """One thing a score is made of."""

    name = blocks.CharBlock(label=_("Criterion"), max_length=60)
    weight = blocks.IntegerBlock(label=_("Weight"), min_value=1, max_value=100, default=1)
    score = blocks.DecimalBlock(
        label=_("Score, 0 to 10"), min_value=Decimal(0), max_value=Decimal(10), decimal_places=1
    )


class VerdictBlock(blocks.StructBlock):
    """The judgement: a sentence, and a score whose parts are shown."""

    score = blocks.DecimalBlock(
        label=_("Score, 0 to 10"), required=False, min_value=Decimal(0), max_value=Decimal(10), decimal_places=1
    )
    criteria = blocks.ListBlock(CriterionBlock(), label=_("Criteria"), required=False)
    text = blocks.TextBlock(label=_("Verdict"), max_length=600)

    class Meta:
        icon = "tick"
        label = _("Verdict")
        group = _("Judgement")
        description = _("The judgement in a sentence, and a score whose parts are shown")
        template = "guides/blocks/verdict.html"
        preview_value = {
            "score": Decimal("8.4"),
            "criteria": [],
            "text": "The one to buy if you boil more than you brew.",
        }

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)
        total = sum(criterion["weight"] for criterion in value.get("criteria") or []) or 1
        context["criteria"] = [
            {**criterion, "share": criterion["weight"] * 100 // total} for criterion in value.get("criteria") or []
        ]
        return context


class HowWeTestedBlock(blocks.StructBlock):
    """What was done, for how long, and where the things came from."""

    text = blocks.TextBlock(label=_("What was done"), max_length=1200)
    days = blocks.IntegerBlock(label=_("Days of use"), required=False, min_value=1, max_value=5000)

    class Meta:
        icon = "history"
        label = _("How we tested")
        group = _("Judgement")
        description = _("What was done, for how long, and where the things came from")
        template = "guides/blocks/how_we_tested.html"
        preview_value = {"text": "Bought at full price, used every morning.", "days": 40}


class ArticleBody(blocks.StreamBlock):
    """No raw HTML, no embeds: what a creator writes is text, pictures and products."""

    heading = HeadingBlock()
    text = TextBlock(features=TEXT_FEATURES)
    image = ImageBlock()
    quote = QuoteBlock()
    pick = PickBlock()
    product = ProductBlock()
    comparison = ComparisonBlock()
    pros_cons = ProsConsBlock()
    verdict = VerdictBlock()
    how_we_tested = HowWeTestedBlock()

    class Meta:
        required = False
        max_num = 300
