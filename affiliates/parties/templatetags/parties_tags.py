"""What other apps show on a merchant's page in the admin."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from affiliates.parties.models import Merchant
from affiliates.parties.panels import merchant_panels

register = template.Library()


@register.simple_tag(takes_context=True)
def panels_of(context: dict[str, Any], merchant: Merchant) -> SafeString:
    """Every registered panel, one below the other."""
    request = context.get("request")
    shown = (render_to_string(panel.template, panel.context(merchant), request) for panel in merchant_panels())
    return format_html_join("", "{}", ((html,) for html in shown))
