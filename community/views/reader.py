"""The reader says where they live, what they read and what they pay with."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseForbidden, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse, translate_url
from django.utils import translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from wagtail.models import Locale, Page

from cms.core.reader import known_country, known_currency, remember
from community.views.responses import private, safe_path

_LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)


# Exempt from the token because a token needs a cookie, and a stranger who only reads gets none. What another
# site could do by posting here is to change which country's offers somebody sees; the check of the origin
# refuses even that.
@csrf_exempt
@require_POST
@private
def choose(request: HttpRequest) -> HttpResponse:
    """Remember the choice and show the same page again, in the chosen language where it exists."""
    if not _comes_from_here(request):
        return HttpResponseForbidden()
    language = request.POST.get("language", "")
    country = known_country(request.POST.get("country"))
    currency = known_currency(request.POST.get("currency"))
    path = safe_path(request, request.POST.get("next"))
    if language in _LANGUAGES:
        path = address_in_language(request, path, language)
    response = HttpResponseRedirect(path)
    remember(response, country=country, currency=currency)
    if request.user.is_authenticated:
        user = request.user
        user.country, user.currency = country or "", currency or ""
        user.language = language if language in _LANGUAGES else user.language
        user.save(update_fields=["country", "currency", "language"])
    return response


def _comes_from_here(request: HttpRequest) -> bool:
    if site := request.headers.get("Sec-Fetch-Site"):
        return site in {"same-origin", "none"}
    if (origin := request.headers.get("Origin")) is not None:
        return urlsplit(origin).netloc == request.get_host()
    return True


def address_in_language(request: HttpRequest, path: str, language: str) -> str:
    """The same page in a language; failing that, the language's front page; failing that, the path."""
    address = urlsplit(path)
    now = translation.get_language_from_path(address.path) or settings.LANGUAGE_CODE
    if now == language:
        return path
    with translation.override(now):
        try:
            match = resolve(address.path)
        except Resolver404:
            return path
        if match.view_name != "wagtail_serve":
            return translate_url(path, language)
        page = _page_at(request, match.args[0] if match.args else "")
    locale = Locale.objects.filter(language_code=language).first()
    if locale is None or page is None:
        return path
    other = page.get_translations().filter(locale=locale).live().first()
    if other is not None and (url := other.get_url(request)):
        return f"{urlsplit(url).path}{'?' + address.query if address.query else ''}"
    with translation.override(language):
        front = reverse("wagtail_serve", args=[""])
        return front if _page_at(request, "") is not None else path


def _page_at(request: HttpRequest, path: str) -> Page | None:
    try:
        found = Page.route_for_request(request, path)
    except Http404:
        return None
    # Wagtail keeps the answer on the request; the next question is about another page.
    if hasattr(request, "_wagtail_route_for_request"):
        del request._wagtail_route_for_request
    return found.page if found else None
