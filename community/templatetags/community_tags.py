"""What pages of other apps put in from community."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

register = template.Library()


@register.inclusion_tag("community/_follow_slot.html")
def follow_slot(kind: str, ref: str, label: str) -> dict[str, Any]:
    """`{% follow_slot "creator" creator.handle creator.display_name %}`: the follow button, loaded apart."""
    return {
        "address": f"{reverse('community:follow')}?{urlencode({'kind': kind, 'ref': ref})}",
        "label": label,
    }


@register.inclusion_tag("community/_comments_slot.html")
def comments_slot(page: Any) -> dict[str, Any]:
    """`{% comments_slot page %}`: the page's comments, loaded apart."""
    return {"address": reverse("community:comments", args=[page.pk])}
