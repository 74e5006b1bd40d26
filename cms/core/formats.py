"""How money, countries and currencies read in the reader's language (CLDR through Babel)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache

from django.utils import formats
from django.utils.translation import get_language, pgettext

from babel import Locale, UnknownLocaleError
from babel.numbers import format_currency, format_decimal, get_currency_name

from cms.core.domain.money import CURRENCIES, exponent

_LOCALES = {"en": "en_GB", "es": "es_ES"}


@lru_cache(maxsize=64)
def babel_locale(language: str | None = None) -> Locale:
    """Babel's locale of a language code; English where it is unknown."""
    code = (language or "en").replace("-", "_")
    try:
        return Locale.parse(_LOCALES.get(code, code))
    except (UnknownLocaleError, ValueError):
        return Locale.parse("en_GB")


def format_money(minor: int, currency: str, locale: str | None = None) -> str:
    """ "€412.80" or "412,80 €": the amount with its currency as the language writes it."""
    amount = Decimal(minor).scaleb(-exponent(currency))
    text = format_currency(amount, currency, locale=babel_locale(locale or get_language()), currency_digits=True)
    # CLDR's English tells yen from yuan on both; one mark is enough, and Japan writes its own without.
    return text.replace("JP¥", "¥") if currency == "JPY" else text


def format_count(number: int, locale: str | None = None) -> str:
    """A whole number as the language groups it."""
    return format_decimal(number, locale=babel_locale(locale or get_language()))


@lru_cache(maxsize=8)
def territories(language: str) -> dict[str, str]:
    """ISO 3166 countries with their names in a language, sorted by name."""
    names = babel_locale(language).territories
    countries = {code: name for code, name in names.items() if len(code) == 2 and code.isalpha() and code not in _NOT}
    return dict(sorted(countries.items(), key=lambda item: item[1].casefold()))


#: CLDR codes of two letters that are no country one can have a parcel sent to.
_NOT = {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AQ", "BV", "HM", "CP", "DG", "TA", "AC", "CQ"}


def country_name(code: str, language: str | None = None) -> str:
    """The country's name in the language, or the code where CLDR has none."""
    return babel_locale(language or get_language()).territories.get(code, code)


#: What English puts "the" before; besides these, islands, territories and republics.
_WITH_ARTICLE = frozenset({"AE", "BQ", "BS", "GB", "GM", "IM", "KM", "MV", "NL", "PH", "US", "UM"})
_ENDS_WITH_ARTICLE = (" Islands", " Territories", " Territory", " Republic")


def country_in_words(code: str, language: str | None = None) -> str:
    """The country's name as it stands within a sentence: "the United States", "Norway"."""
    language = language or get_language() or "en"
    name = country_name(code, language)
    if language.startswith("en") and (code in _WITH_ARTICLE or name.endswith(_ENDS_WITH_ARTICLE)):
        return f"the {name}"
    return name


def short_day(day: dt.date, *, with_year: bool = False) -> str:
    """ "23 Nov" or "23 Nov 2026", the month as the language writes it within a line. A time is read in its own zone."""
    if with_year:
        return formats.date_format(day, pgettext("day, short month and year", "j M Y"))
    return formats.date_format(day, pgettext("day and short month", "j M"))


def currency_name(code: str, language: str | None = None) -> str:
    """The currency's name in the language."""
    return get_currency_name(code, locale=babel_locale(language or get_language()))


@lru_cache(maxsize=8)
def currencies(language: str) -> dict[str, str]:
    """Accepted currencies with their names, sorted by code."""
    return {code: currency_name(code, language) for code in sorted(CURRENCIES)}
