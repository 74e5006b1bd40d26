"""What guides' pages borrow from the community: places that fill themselves with personal fragments."""

from __future__ import annotations

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("guides/_follow.html")
def follow_button(creator: Any) -> dict[str, Any]:
    """A link that becomes the follow button; the page itself stays the same for everybody."""
    return {"creator": creator}


@register.inclusion_tag("guides/_comments.html")
def comments(page: Any) -> dict[str, Any]:
    """A link that becomes the comments."""
    return {"page": page}
