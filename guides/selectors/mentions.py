"""Where a text shows each product: once, though two of the products it names may have become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wagtail.blocks import StreamValue


@dataclass(frozen=True, slots=True)
class Mention:
    """The block that shows a product's card in a text; `anchor` is its place on the page."""

    value: Any
    is_pick: bool
    anchor: str

    @property
    def is_choice(self) -> bool:
        """Whether the text recommends it by a role."""
        return self.is_pick and self.value.get("role") != "rejected"


def main_mentions(body: StreamValue) -> dict[int, Mention]:
    """Product → the block that shows it: its first pick, which has its role and its text, or else its first card."""
    found: dict[int, Mention] = {}
    for block in body:
        product = block.value.get("product") if block.block_type in {"pick", "product"} else None
        if product is None:
            continue
        is_pick, known = block.block_type == "pick", found.get(product.pk)
        if known is None or (is_pick and not known.is_pick):
            anchor = f"pick-{product.slug}" if is_pick else f"{product.pk}-{product.slug}"
            found[product.pk] = Mention(block.value, is_pick, anchor)
    return found


def chosen_picks(body: StreamValue) -> list[Any]:
    """The picks that a text shows and recommends, in its order, each product once."""
    mains = main_mentions(body)
    shown = [block.value for block in body if block.block_type == "pick" and block.value.get("product")]
    return [value for value in shown if (main := mains[value["product"].pk]).value is value and main.is_choice]
