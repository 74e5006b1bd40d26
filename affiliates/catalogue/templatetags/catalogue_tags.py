"""The words for what is known of an offer, and for what is not. The same on cards, tables and lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext_noop, ngettext, pgettext
from django.utils.translation import gettext as _

from affiliates.catalogue.domain.offers import Comparison, OfferView
from affiliates.catalogue.domain.variants import Difference, normal_name
from cms.core.formats import country_in_words, format_money, short_day
from cms.core.templatetags.core_tags import icon

register = template.Library()

#: Of each stock state: how it looks, its mark, its word.
STOCK = {
    "in_stock": ("ok", "check", gettext_noop("In stock")),
    "limited": ("pending", "few", gettext_noop("Few left")),
    "preorder": ("pending", "clock", gettext_noop("Order before release")),
    "backorder": ("pending", "clock", gettext_noop("Ships later")),
    "out_of_stock": ("gone", "gone", gettext_noop("Sold out")),
    "discontinued": ("gone", "gone", gettext_noop("Discontinued")),
}
#: What is said of a thing that somebody had before; of a new one nothing has to be.
CONDITIONS = {"refurbished": gettext_noop("Refurbished"), "used": gettext_noop("Used")}
#: How checks end the name of their source, and how those who know their sources by no other name are called.
SHOP_PAGE = ", shop page"
CHECKED_REPORTS = gettext_noop("Readers' reports, checked")
UNKNOWN = ("unknown", "question", gettext_noop("Stock unknown"))
BLOCKS = {
    "checking": gettext_noop("Readers reported a problem; we are checking."),
    "suspended": gettext_noop("This shop’s links are suspended."),
    "gone": gettext_noop("The shop’s page no longer shows this."),
}


#: Names of what tells variants apart. Others are shown as the feed or the editor wrote them.
VARIANT_NAMES = {
    "colour": gettext_noop("colour"),
    "size": gettext_noop("size"),
    "material": gettext_noop("material"),
    "pattern": gettext_noop("pattern"),
    "region model": gettext_noop("region model"),
    "year": gettext_noop("year"),
}


def _status(look: str, mark: str, words: str) -> SafeString:
    return format_html('<span class="status status--{}">{}{}</span>', look, icon(mark), words)


@lru_cache(maxsize=256)
def _stock(availability: str, language: str | None) -> SafeString:
    look, mark, words = STOCK.get(availability, UNKNOWN)
    return _status(look, mark, _(words))


@register.simple_tag
def stock_status(offer: OfferView) -> SafeString:
    """Whether it can be had: a colour, a mark and a word."""
    return _stock(offer.availability, get_language())


@register.simple_tag
def condition_words(offer: OfferView) -> SafeString:
    """Whether somebody had it before; nothing where it is new or the shop does not say."""
    if words := CONDITIONS.get(offer.condition):
        return _status("pending", "info", _(words))
    return mark_safe("")


@register.filter
def source_words(label: str) -> str:
    """Who says so, in the reader's language where the words are ours: "Acme, shop page"."""
    if label == CHECKED_REPORTS:
        return _(CHECKED_REPORTS)
    if label.endswith(SHOP_PAGE):
        return _("%(shop)s, shop page") % {"shop": label.removesuffix(SHOP_PAGE)}
    return label


@register.simple_tag
def ships_source(offer: OfferView) -> str:
    """Who says where it is sent, and when, where that is not the source of the offer: a phone call, readers."""
    if not offer.ships_source:
        return ""
    words = _("said by: %(source)s") % {"source": source_words(offer.ships_source)}
    return f"{words}, {short_day(offer.ships_seen_at, with_year=True)}" if offer.ships_seen_at else words


@lru_cache(maxsize=2048)
def _ships(ships: str, country: str, language: str | None) -> SafeString:
    if not country:
        return _status("unknown", "question", _("Choose your country to see delivery"))
    names = {"country": country_in_words(country)}
    if ships == "yes":
        return _status("ok", "truck", _("Ships to %(country)s") % names)
    if ships == "no":
        return _status("gone", "cross", _("Does not ship to %(country)s") % names)
    return _status("unknown", "question", _("We do not know whether this ships to %(country)s") % names)


@register.simple_tag
def ships_status(offer: OfferView, country: str | None) -> SafeString:
    """Whether it is sent to the reader: yes, no, or that nobody knows."""
    return _ships(offer.ships, country or "", get_language())


@register.simple_tag
def delivery_words(offer: OfferView) -> str:
    """What sending costs and how long it takes: "delivery €3.90 · 2–5 days"; what is not known is said."""
    if offer.ships != "yes":
        return ""
    if offer.delivery_price_minor is None:
        cost = _("delivery cost not known")
    elif offer.delivery_price_minor == 0:
        cost = _("delivery free")
    else:
        price = format_money(offer.delivery_price_minor, offer.delivery_currency)
        cost = _("delivery %(price)s") % {"price": price}
    return f"{cost} · {_days(offer.min_days, offer.max_days)}"


def _days(least: int | None, most: int | None) -> str:
    if most is None:
        return _("time not known")
    if least is None:
        return ngettext("at most %(days)d day", "at most %(days)d days", most) % {"days": most}
    if least == most:
        return ngettext("%(days)d day", "%(days)d days", most) % {"days": most}
    return _("%(from)d–%(to)d days") % {"from": least, "to": most}


@register.filter
def rate_words(comparison: Comparison | None) -> str:
    """By which rate an amount was converted: "ECB rate of 23 Nov"."""
    if comparison is None or comparison.rate_on is None:
        return ""
    day = short_day(comparison.rate_on).replace(" ", "\N{NO-BREAK SPACE}")
    return _("%(source)s rate of %(day)s") % {"source": comparison.rate_source, "day": day}


@register.simple_tag
def estimate(minor: int | None, comparison: Comparison | None) -> SafeString:
    """An amount in the reader's currency, marked as converted: "≈ €82.10"; nothing where nothing was converted."""
    if minor is None or comparison is None or not comparison.is_estimate:
        return mark_safe("")
    return format_html(
        '<span class="estimate"><span aria-hidden="true">≈</span><span class="visually-hidden">{}</span> {}</span>',
        pgettext("before an approximate amount", "about"),
        format_money(minor, comparison.currency),
    )


@register.filter
def block_words(offer: OfferView) -> str:
    """Why the button is off."""
    return _(BLOCKS[offer.block]) if offer.block else ""


@register.filter
def category_words(category: str) -> str:
    """A category as words, though its feed wrote it as an address: "Mobile accessories"."""
    words = category.replace("_", " ")
    if " " not in words:
        words = words.replace("-", " ")
    return capfirst(words)


@register.filter
def variant_name(name: str) -> str:
    """What a variant's name is called in the reader's language."""
    known = VARIANT_NAMES.get(normal_name(name))
    return _(known) if known else name


@register.filter
def variant_words(variant: Mapping[str, str]) -> str:
    """Which variant is meant: "colour white, size M"."""
    return ", ".join(f"{variant_name(name)} {value}" for name, value in variant.items() if value)


@register.filter
def difference_words(differences: Iterable[Difference]) -> str:
    """How a shop's variant differs: "colour black instead of white"."""
    words = _("%(name)s %(theirs)s instead of %(ours)s")
    return ", ".join(
        words % {"name": variant_name(found.name), "theirs": found.theirs, "ours": found.ours} for found in differences
    )
