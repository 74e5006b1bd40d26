"""Whole pages for readers without a session: one copy per address, language, country and currency.

A copy belongs to a generation; publishing a page or a change of offers starts the next, so nothing is purged by hand.
Answers that set a cookie, or that were made for somebody in particular, are never kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from cms.core import generation
from cms.core.reader import COOKIE, country_from_languages

Handler = Callable[[HttpRequest], HttpResponse]

SECONDS = 300
#: Below these, every answer may be somebody's own.
PRIVATE = (
    "/cms/", "/account/", "/es/account/", "/brands/", "/es/brands/", "/api/", "/_demo/", "/following/",
    "/es/following/", "/comments/", "/es/comments/", "/follow/", "/es/follow/", "/choose/", "/es/choose/",
    "/welcome/", "/go/", "/search/", "/es/search/", "/healthz", "/readyz", "/static/", "/media/", "/documents/",
)  # fmt: skip
PARAMETERS = frozenset({"page", "topic", "creator"})

#: What the reader of a header's languages is taken for; the copy depends on this and not on the header's letters.
_guess = lru_cache(maxsize=4096)(country_from_languages)


class PageCacheMiddleware:
    """Must stand first: a hit runs nothing else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = self._key(request)
        if key is None:
            return self.get_response(request)
        if kept := cache.get(key):
            body, headers, etag = kept
            if request.META.get("HTTP_IF_NONE_MATCH") == etag:
                answer: HttpResponse = HttpResponseNotModified(headers={"ETag": etag})
                answer["Cache-Control"] = headers["Cache-Control"]
                return answer
            return HttpResponse(body, headers=headers)
        response = self.get_response(request)
        self._keep(key, response)
        return response

    def _key(self, request: HttpRequest) -> str | None:
        path = request.path
        if request.method not in ("GET", "HEAD") or path.startswith(PRIVATE) or "HTTP_HX_REQUEST" in request.META:
            return None
        cookies = request.META.get("HTTP_COOKIE", "")
        if settings.SESSION_COOKIE_NAME in cookies or "messages=" in cookies:
            return None
        query = ""
        if raw := request.META.get("QUERY_STRING"):
            pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=20) if len(raw) < 500 else [("?", "")]
            if any(name not in PARAMETERS for name, _ in pairs):
                return None
            query = urlencode(sorted(pairs))
        if COOKIE in cookies:
            who = request.COOKIES.get(COOKIE, "")
        else:
            country = request.META.get(f"HTTP_{settings.COUNTRY_HEADER.upper().replace('-', '_')}", "")
            who = f"{_guess(request.META.get('HTTP_ACCEPT_LANGUAGE', '')[:500])}|{country}"
        identity = f"{request.META.get('HTTP_HOST', '')}|{path}|{query}|{who}"
        digest = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
        return f"page:{generation.current()}:{digest}"

    def _keep(self, key: str, response: HttpResponse) -> None:
        streaming = getattr(response, "streaming", False)
        if streaming or response.status_code != 200 or response.cookies or "text/html" not in response["Content-Type"]:
            return
        if "private" in response.get("Cache-Control", "") or "no-store" in response.get("Cache-Control", ""):
            return
        etag = f'W/"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
        response["ETag"] = etag
        response["Cache-Control"] = "public, max-age=0, must-revalidate"
        cache.set(key, (response.content, dict(response.items()), etag), SECONDS)
