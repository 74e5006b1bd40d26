"""What guides' pages borrow from the community: places that fill themselves with personal fragments."""

from __future__ import annotations

from typing import Any

from django import template

from guides.blocks.products import ROLES
from guides.selectors.mentions import chosen_picks

register = template.Library()


@register.inclusion_tag("guides/_follow.html")
def follow_button(creator: Any) -> dict[str, Any]:
    """A link that becomes the follow button; the page itself stays the same for everybody."""
    return {"creator": creator}


@register.inclusion_tag("guides/_comments.html")
def comments(page: Any) -> dict[str, Any]:
    """A link that becomes the comments."""
    return {"page": page}


@register.simple_tag
def picks_of(article: Any) -> list[dict[str, Any]]:
    """The products an article chose, with their roles, in its order; what it rejected is not among them."""
    roles = dict(ROLES)
    return [
        {"product": value["product"], "role_label": roles.get(value["role"], "")}
        for value in chosen_picks(article.body)
    ]
