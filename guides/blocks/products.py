"""Blocks that show products. Each finds its card among those the page loaded; a preview loads its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError

from affiliates.catalogue.models import Offer, Product
from affiliates.parties.models import Merchant
from cms.core.disclosure import Fact, disclosure_for
from guides.blocks.choosers import ProductChooserBlock
from guides.selectors.examples import example_cards, first_pictured_product, pictured_products

ROLES = [
    ("top_pick", _("Top pick")),
    ("runner_up", _("Runner-up")),
    ("budget", _("Budget pick")),
    ("upgrade", _("Upgrade pick")),
    ("also_great", _("Also great")),
    ("rejected", _("Considered and rejected")),
]
EVIDENCE = [
    ("hands_on", _("Hands-on: used by the author")),
    ("owners", _("Owners' reports")),
    ("specs", _("Specifications only")),
]


def shop_choices() -> list[tuple[str, str]]:
    """Shops by name. One query."""
    return list(Merchant.objects.active().values_list("slug", "name"))


class ShopBlock(blocks.ChoiceBlock):
    """A shop by its short name."""

    def get_searchable_content(self, value: Any) -> list[str]:
        """Nothing: its words are in the database, and a text is counted and indexed without asking for them."""
        return []


def preferred_shop() -> blocks.Block:
    """The field for the shop the author would buy at."""
    return ShopBlock(
        label=_("Your shop"),
        required=False,
        choices=shop_choices,
        help_text=_("Marked on the card as your choice. It stands first only where it serves the reader best."),
    )


def shop_reason() -> blocks.Block:
    """The field for the reason."""
    return blocks.CharBlock(label=_("Why this shop"), required=False, max_length=140)


def switch_shops() -> blocks.Block:
    """The field that allows the button to move."""
    return blocks.BooleanBlock(
        label=_("Move the button to another shop when the first is sold out"),
        required=False,
        default=True,
        help_text=_("Without this, the card stays with the shop and says that it is sold out."),
    )


class OwnShopMixin:
    """Refuses a shop that does not list the product."""

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)  # type: ignore[misc]
        product, shop = cleaned.get("product"), cleaned.get("preferred_shop")
        if product and shop and not Offer.objects.filter(product=product, merchant__slug=shop).exists():
            message = _("This shop does not list the product.")
            raise StructBlockValidationError(block_errors={"preferred_shop": ValidationError(message)})
        return cleaned


class CardMixin:
    """Puts the product's card into the block's context, as the author wants it."""

    #: What a preview says beside the product, which is the catalogue's first with a picture.
    preview_words: dict[str, Any] = {}

    def get_preview_value(self) -> Any:
        return self.normalize({**self.preview_words, "product": first_pictured_product()})  # type: ignore[attr-defined]

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(value, parent_context=parent_context)  # type: ignore[misc]
        product: Product | None = value.get("product")
        cards = (parent_context or {}).get("cards")
        if cards is None and product is not None:
            cards = example_cards([product.pk])
            context["disclosure"] = disclosure_for(None, get_language() or "en", [Fact("commission")])
        card = cards.get(product.pk) if cards and product is not None else None
        if card is not None:
            shop = value.get("preferred_shop") or ""
            card = card.as_wished(preferred_shop=shop, may_switch=value.get("switch_shops", True))
        context["card"] = card
        # Two products of one text may have been merged into one: its card stands once, in the block that shows it.
        main = ((parent_context or {}).get("mentions") or {}).get(product.pk) if product is not None else None
        if main is not None and main.value is not value:
            context["elsewhere"] = main
            context["elsewhere_role"] = dict(ROLES).get(main.value.get("role"), "")
        return context


class ProductBlock(CardMixin, OwnShopMixin, blocks.StructBlock):
    """A product card with a note."""

    product = ProductChooserBlock(label=_("Product"))
    note = blocks.TextBlock(label=_("Note"), required=False, max_length=400)
    preferred_shop = preferred_shop()
    shop_reason = shop_reason()
    switch_shops = switch_shops()

    preview_words = {"note": _("The one on my own shelf.")}

    class Meta:
        icon = "tag"
        label = _("Product card")
        group = _("Products")
        description = _("One product with the offer that serves the reader")
        template = "guides/blocks/product.html"


class PickBlock(CardMixin, OwnShopMixin, blocks.StructBlock):
    """A product with its role in the guide."""

    product = ProductChooserBlock(label=_("Product"))
    role = blocks.ChoiceBlock(label=_("Role"), choices=ROLES, default="top_pick")
    reason = blocks.CharBlock(label=_("Reason, in one sentence"), max_length=220)
    for_whom = blocks.CharBlock(label=_("Who it is for"), required=False, max_length=160)
    evidence = blocks.ChoiceBlock(label=_("What it rests on"), choices=EVIDENCE, default="hands_on")
    text = blocks.RichTextBlock(label=_("Text"), required=False, features=["bold", "italic", "link", "ul", "ol"])
    preferred_shop = preferred_shop()
    shop_reason = shop_reason()
    switch_shops = switch_shops()

    preview_words = {
        "role": "top_pick",
        "reason": _("It does one thing, and does it every morning."),
        "for_whom": _("Anybody who would rather not read the manual."),
        "evidence": "hands_on",
    }

    class Meta:
        icon = "pick"
        label = _("Pick")
        group = _("Products")
        description = _("A product with its role, the reason in one sentence and what it rests on")
        template = "guides/blocks/pick.html"

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context)
        context["role_label"] = dict(ROLES).get(value.get("role"), "")
        context["evidence_label"] = dict(EVIDENCE).get(value.get("evidence"), "")
        return context


class ComparisonColumn(blocks.StructBlock):
    """One product of a comparison with its values, in the order of the rows."""

    product = ProductChooserBlock(label=_("Product"))
    values = blocks.ListBlock(blocks.CharBlock(max_length=120, required=False), label=_("Values, in the rows' order"))


def _once_each(columns: list[Any], cards: Mapping[int, Any]) -> list[Any]:
    """The columns without those of a product that has one already: two of them may have been merged since."""
    first: dict[int, Any] = {}
    for column in columns:
        product = column["product"]
        card = cards.get(product.pk)
        first.setdefault(card.product.pk if card else product.merged_into_id or product.pk, column)
    return list(first.values())


class ComparisonBlock(blocks.StructBlock):
    """Products side by side; cards on a narrow screen."""

    caption = blocks.CharBlock(label=_("Caption"), max_length=160)
    rows = blocks.ListBlock(blocks.CharBlock(max_length=60), label=_("What is compared"))
    columns = blocks.ListBlock(ComparisonColumn(), label=_("Products"), min_num=2, max_num=12)

    class Meta:
        icon = "table"
        label = _("Comparison table")
        group = _("Products")
        description = _("Products side by side, row by row; cards on a phone")
        template = "guides/blocks/comparison.html"

    def get_preview_value(self) -> Any:
        columns = [
            {"product": product, "values": [weight]}
            for product, weight in zip(pictured_products(2), ("1.2 kg", "0.9 kg"), strict=False)
        ]
        return self.normalize({"caption": _("Two side by side"), "rows": [_("Weight")], "columns": columns})

    def get_context(self, value: Any, parent_context: dict[str, Any] | None = None) -> dict[str, Any]:
        context = super().get_context(value, parent_context=parent_context)
        cards = (parent_context or {}).get("cards") or {}
        columns = _once_each([column for column in value["columns"] if column.get("product")], cards)
        rows = list(value["rows"])
        cells = [list(column["values"]) + [""] * len(rows) for column in columns]
        table = [(row, [column[number] for column in cells]) for number, row in enumerate(rows)]
        context |= {"products": [column["product"] for column in columns], "table": table}
        context["column_cards"] = [cards.get(column["product"].pk) for column in columns]
        context["stacked"] = [
            (column["product"], list(zip(rows, values, strict=False)), card)
            for column, values, card in zip(columns, cells, context["column_cards"], strict=True)
        ]
        return context
