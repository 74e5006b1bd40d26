"""For whom a page is made: the reader's country, language and currency.

Guessed until chosen, and remembered only once chosen. The language is always that of the address. A guess
comes from a header that a trusted proxy sets (`COUNTRY_HEADER`) or from Accept-Language, and may well be
"unknown": then the site's default country serves, and nothing says "ships to you".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header

from babel.numbers import get_territory_currencies

from cms.core.domain.money import CURRENCIES
from cms.core.formats import territories
from cms.core.models import site_defaults

COOKIE = "vitrina_reader"
COOKIE_AGE = 365 * 24 * 3600

_COOKIE_SHAPE = re.compile(r"([A-Z]{2})?\.([A-Z]{3})?", re.ASCII)

#: Languages whose readers live, by far the most of them, in one country. "en", "es", "fr", "de", "pt" are not
#: among them: a guess that is wrong for one in three is worse than none.
_HOME_OF_LANGUAGE = {
    "cs": "CZ", "da": "DK", "fi": "FI", "he": "IL", "hu": "HU", "is": "IS", "it": "IT", "ja": "JP",
    "ko": "KR", "nb": "NO", "nn": "NO", "no": "NO", "pl": "PL", "sk": "SK", "sl": "SI", "sv": "SE",
    "th": "TH", "tr": "TR", "uk": "UA", "vi": "VN",
}  # fmt: skip


@dataclass(frozen=True)
class Reader:
    """What a page may know of its reader. `country` and `currency` are None where nobody knows."""

    country: str | None
    language: str
    currency: str | None
    chosen: bool
    #: The currency the reader chose apart from the country; without one it goes with the country.
    own_currency: str | None = None

    @property
    def country_for_offers(self) -> str:
        """The country whose offers are shown: the reader's, or the site's default."""
        return self.country or site_defaults().country

    @property
    def currency_for_sums(self) -> str:
        """The currency of estimates: the reader's, or the site's default."""
        return self.currency or site_defaults().currency


def known_country(code: str | None) -> str | None:
    """The code in capitals where it is a country one can send a parcel to, else None."""
    code = (code or "").strip().upper()
    return code if code in territories("en") else None


def known_currency(code: str | None) -> str | None:
    """The code where the site can reckon in it, else None."""
    code = (code or "").strip().upper()
    return code if code in CURRENCIES else None


def currency_of_country(country: str | None) -> str | None:
    """The currency people pay with there, where the site can reckon in it."""
    if not country:
        return None
    return next((code for code in get_territory_currencies(country) if code in CURRENCIES), None)


def country_from_languages(header: str) -> str | None:
    """The country that an Accept-Language header speaks of.

    The first language that names a country decides ("de-AT" is Austria); failing that, the first whose
    readers live in one country.
    """
    languages = [tag for tag, weight in parse_accept_lang_header(header[:500].lower()) if weight > 0]
    for tag in languages:
        for part in tag.split("-")[1:]:
            if len(part) == 2 and (country := known_country(part)):
                return country
    return next((home for tag in languages if (home := _HOME_OF_LANGUAGE.get(tag.split("-")[0]))), None)


def guessed_country(request: HttpRequest) -> str | None:
    """The trusted proxy's word where the operator named its header, else what the browser's languages say."""
    if settings.COUNTRY_HEADER and (country := known_country(request.headers.get(settings.COUNTRY_HEADER))):
        return country
    return country_from_languages(request.headers.get("Accept-Language", ""))


def chosen_in_cookie(request: HttpRequest) -> tuple[str | None, str | None] | None:
    """(country, currency) as remembered; None where nothing sensible is."""
    match = _COOKIE_SHAPE.fullmatch(request.COOKIES.get(COOKIE, ""))
    if match is None:
        return None
    country, currency = known_country(match[1]), known_currency(match[2])
    return (country, currency) if country or currency else None


def reader_of(request: HttpRequest) -> Reader:
    """The reader of a request: the cookie's choice, else the signed-in person's profile, else a guess.

    The profile is looked at only where a session cookie came along, so that a page for strangers never
    depends on one.
    """
    language = get_language() or settings.LANGUAGE_CODE
    if chosen := chosen_in_cookie(request):
        country, currency = chosen
        return Reader(country, language, currency or currency_of_country(country), chosen=True, own_currency=currency)
    if settings.SESSION_COOKIE_NAME in request.COOKIES and getattr(request, "user", None) is not None:
        country = known_country(getattr(request.user, "country", ""))
        currency = known_currency(getattr(request.user, "currency", ""))
        if country or currency:
            of_country = currency_of_country(country)
            return Reader(country, language, currency or of_country, chosen=True, own_currency=currency)
    country = guessed_country(request)
    return Reader(country, language, currency_of_country(country), chosen=False)


def remember(response: HttpResponse, *, country: str | None, currency: str | None) -> None:
    """Keep a choice for a year. A strictly necessary cookie: set when the reader asks for it, only then."""
    response.set_cookie(
        COOKIE,
        f"{country or ''}.{currency or ''}",
        max_age=COOKIE_AGE,
        secure=settings.BASE_IS_SECURE,
        httponly=True,
        samesite="Lax",
    )
