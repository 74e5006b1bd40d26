"""What every template may use: money, times, icons, pictures, charts, addresses of static files."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

from cms.core import charts, generation
from cms.core import formats as core_formats
from cms.core.assets import asset_url
from cms.core.models import StandardPage
from cms.core.pictures import SHAPES, picture_sources

register = template.Library()

_INNER = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


@register.filter
def money(minor: int | None, currency: str) -> str:
    """`{{ offer.price_minor|money:offer.currency }}`: "€412.80", or nothing where there is no amount."""
    return "" if minor is None or not currency else core_formats.format_money(int(minor), currency)


@register.filter
def count(number: int | None) -> str:
    """A whole number with the language's thousands mark: "1,344" or "1.344"."""
    return "" if number is None else core_formats.format_count(number)


@register.filter
def country_name(code: str | None) -> str:
    """The country's name in the page's language."""
    return core_formats.country_name(code) if code else ""


@register.filter
def country_in_words(code: str | None) -> str:
    """The country's name as it stands within a sentence: "the United States"."""
    return core_formats.country_in_words(code) if code else ""


@register.filter
def short_day(moment: dt.datetime | None) -> str:
    """ "23 Nov 2026", the month as the language writes it within a line."""
    local = _local(moment)
    return core_formats.short_day(local, with_year=True) if local else ""


@register.simple_tag
def asset(path: str) -> str:
    """The address of a static file, fingerprinted outside development."""
    return asset_url(path)


@register.simple_tag
def stylesheet(name: str) -> SafeString:
    """`{% stylesheet "site" %}`: the link to static/css/<name>.css with all it imports."""
    return format_html('<link rel="stylesheet" href="{}">', asset_url(f"css/{name}.css"))


@cache
def _icon_shapes(name: str) -> str:
    found = finders.find(f"img/icons/{name}.svg")
    if not isinstance(found, str):
        return ""
    match = _INNER.search(Path(found).read_text(encoding="utf-8"))
    return match.group(1).strip() if match else ""


@register.simple_tag
def icon(name: str) -> SafeString:
    """`{% icon "check" %}`: a drawing that stands beside a word, so it says nothing to a screen reader."""
    if settings.DEBUG:
        _icon_shapes.cache_clear()
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        mark_safe(_icon_shapes(name)),  # noqa: S308  (our own files)
    )


@register.inclusion_tag("core/_picture.html")
def picture(
    image: Any, shape: str = "card", sizes: str = "", alt: str | None = None, lazy: bool = True
) -> dict[str, Any]:
    """`{% picture product.image "card" %}`: a responsive picture on its own colour.

    Shapes: card (4:3), hero (16:10), portrait (1:1), body (as it is). `alt=""` for a picture that decorates;
    `lazy=False` for the one picture seen first. Without an image a quiet surface of the same ratio.
    """
    if image is None or image == "":
        return {
            "shape": shape,
            "sources": None,
            "width": 4,
            "height": round(4 * (SHAPES[shape].ratio or 0.75), 2),
        }
    sources = picture_sources(image, shape)
    return {
        "shape": shape,
        "sources": sources,
        "sizes": sizes or sources.sizes,
        "alt": image.default_alt_text if alt is None else alt,
        "lazy": lazy,
        "color": getattr(image, "dominant_color", "") or "#d9cfc0",
    }


def _local(moment: dt.datetime | None) -> dt.datetime | None:
    return timezone.localtime(moment) if moment and timezone.is_aware(moment) else moment


@register.filter
def ago(moment: dt.datetime | None) -> str:
    """How long ago, in one unit: "3 days ago", "just now"."""
    if moment is None:
        return ""
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        minutes = int(seconds // 60)
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    if seconds < 86400:
        hours = int(seconds // 3600)
        return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    days = int(seconds // 86400)
    if days < 45:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    if days < 365:
        return ngettext("%(n)d month ago", "%(n)d months ago", round(days / 30.4)) % {"n": round(days / 30.4)}
    return ngettext("%(n)d year ago", "%(n)d years ago", days // 365) % {"n": days // 365}


def _zone(moment: dt.datetime) -> str:
    """What the zone of a time is called: "UTC", "CET", or "UTC-03" where it has no name."""
    name = moment.tzname() or ""
    return f"UTC{name}" if name[:1] in "+-" else name


@register.filter
def price_time(moment: dt.datetime | None) -> str:
    """When a price was seen: "Price from 14:05 UTC today", "Price from 3 November"."""
    local = _local(moment)
    if local is None:
        return _("No time is known for this price")
    today = timezone.localtime().date()
    at = f"{local:%H:%M} {_zone(local)}"
    if local.date() == today:
        return _("Price from %(time)s today") % {"time": at}
    if local.date() == today - dt.timedelta(days=1):
        return _("Price from yesterday, %(time)s") % {"time": at}
    pattern = pgettext("day and month", "j F") if local.year == today.year else pgettext("day, month and year", "j F Y")
    return _("Price from %(day)s") % {"day": formats.date_format(local, pattern)}


@register.simple_tag
def bar_chart(points: Sequence[charts.Point], title: str, description: str = "", top_text: str = "") -> SafeString:
    """Upright bars over time from `cms.core.charts.Point`s."""
    return charts.bar_chart(points, title=title, description=description, top_text=top_text)


@register.simple_tag
def row_chart(points: Sequence[charts.Point], title: str, description: str = "") -> SafeString:
    """Lying bars, one a row."""
    return charts.row_chart(points, title=title, description=description)


@register.simple_tag
def line_chart(points: Sequence[charts.Point], title: str, description: str = "") -> SafeString:
    """A line over time."""
    return charts.line_chart(points, title=title, description=description)


@register.simple_tag
def picture_address(image: Any, shape: str = "hero") -> str:
    """The plain address of a picture in a shape, for machines that read one picture."""
    return picture_sources(image, shape).src if image else ""


@register.filter
def json_script_ld(data: Any) -> SafeString:
    """Structured data in a script element; < > and & are written as escapes, so no text can leave it."""
    if not data:
        return mark_safe("")
    text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return mark_safe(f'<script type="application/ld+json">{text}</script>')  # noqa: S308  (escaped above)


@register.simple_tag
def house_pages() -> list[tuple[str, str]]:
    """(title, address) of the site's own words in this language: about, disclosure, privacy. At most one query."""
    language = get_language()

    def read() -> list[tuple[str, str]]:
        pages = StandardPage.objects.live().filter(locale__language_code=language).order_by("path").defer("body")
        return [(page.title, page.url) for page in pages if page.url]

    return generation.kept(f"house-pages:{language}", read)
