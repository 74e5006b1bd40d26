"""What every template knows about the site and its reader."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from cms.core.formats import currencies, territories
from cms.core.models import site_defaults


def site(request: HttpRequest) -> dict[str, Any]:
    """The site's absolute address, whether this is a demo, and the reader's choice."""
    return {
        "base_url": settings.BASE_URL,
        "demo_shop": settings.DEMO_SHOP,
        "site_defaults": site_defaults,
        "reader": getattr(request, "reader", None),
    }


@lru_cache(maxsize=1024)
def _options(kind: str, language: str, selected: str | None) -> SafeString:
    """Some 250 countries or 150 currencies as `<option>` elements: made once, since every page has them."""
    names = territories(language) if kind == "countries" else currencies(language)
    label = "{1}" if kind == "countries" else "{0} · {1}"
    return format_html_join(
        "",
        f'<option value="{{0}}"{{2}}>{label}</option>',
        ((code, name, _SELECTED if code == selected else "") for code, name in names.items()),
    )


_SELECTED = mark_safe(" selected")


def reader(request: HttpRequest) -> dict[str, Any]:
    """What the header's form offers, by names in the page's language. A function, since few templates ask."""

    def reader_choice() -> dict[str, Any]:
        language = get_language() or settings.LANGUAGE_CODE
        who = getattr(request, "reader", None)
        return {
            "countries": _options("countries", language, who.country if who else None),
            "currencies": _options("currencies", language, who.own_currency if who else None),
            "languages": settings.LANGUAGES,
            "language": language,
            "next": request.get_full_path(),
        }

    return {"reader_choice": reader_choice}
