"""Whole pages for readers without a session: one copy per address, language, country and currency.

A copy belongs to a generation; publishing a page or a change of offers starts the next, so nothing is purged by hand.
Answers that set a cookie, or that were made for somebody in particular, are never kept.
"""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.core.cache import caches
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers

from cms.core import generation
from cms.core.reader import COOKIE, chosen_in_cookie, country_from_languages

Handler = Callable[[HttpRequest], HttpResponse]

#: A change that nobody announced is seen after this long at the latest (promise S4).
SECONDS = 60
#: Below these, every answer may be somebody's own.
PRIVATE = (
    "/cms/", "/account/", "/es/account/", "/brands/", "/es/brands/", "/api/", "/_demo/", "/following/",
    "/es/following/", "/comments/", "/es/comments/", "/follow/", "/es/follow/", "/choose/", "/es/choose/",
    "/welcome/", "/go/", "/search/", "/es/search/", "/healthz", "/readyz", "/static/", "/media/", "/documents/",
)  # fmt: skip
PARAMETERS = frozenset({"page", "topic", "creator"})
_VALUE = re.compile(r"[a-z0-9-]{0,50}")

#: What the reader of a header's languages is taken for; the copy depends on this and not on the header's letters.
_guess = lru_cache(maxsize=4096)(country_from_languages)


@dataclass(frozen=True, slots=True)
class KeptPage:
    """A page as it goes out: plain, and compressed for nearly everybody."""

    plain: bytes
    packed: bytes
    headers: dict[str, str]
    etag: str


class PageCacheMiddleware:
    """Must stand first: a hit runs nothing else."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = self._key(request)
        if key is None:
            return self.get_response(request)
        kept: KeptPage | None = caches["pages"].get(key)
        if kept is None:
            response = self.get_response(request)
            kept = self._keep(key, response)
            return response if kept is None else self._answer(request, kept)
        return self._answer(request, kept)

    def _answer(self, request: HttpRequest, kept: KeptPage) -> HttpResponse:
        if request.META.get("HTTP_IF_NONE_MATCH") == kept.etag:
            headers = {name: kept.headers[name] for name in ("ETag", "Cache-Control", "Vary")}
            return HttpResponseNotModified(headers=headers)
        if "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", ""):
            # The page holds no secret of anybody's, so its length may be known.
            return HttpResponse(kept.packed, headers={**kept.headers, "Content-Encoding": "gzip"})
        return HttpResponse(kept.plain, headers=kept.headers)

    def _key(self, request: HttpRequest) -> str | None:
        path = request.path
        if request.method not in ("GET", "HEAD") or path.startswith(PRIVATE) or "HTTP_HX_REQUEST" in request.META:
            return None
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return None
        cookies = request.META.get("HTTP_COOKIE", "")
        if settings.SESSION_COOKIE_NAME in cookies or "messages=" in cookies:
            return None
        query = ""
        if raw := request.META.get("QUERY_STRING"):
            if len(raw) > 300 or raw.count("&") > 5:
                return None
            pairs = parse_qsl(raw, keep_blank_values=True)
            # Django takes the last of a repeated name, so order matters there; such an address is nobody's link.
            if len({name for name, _ in pairs}) < len(pairs) or any(
                name not in PARAMETERS or not _VALUE.fullmatch(value) for name, value in pairs
            ):
                return None
            query = urlencode(sorted(pairs))
        if COOKIE in cookies and (chosen := chosen_in_cookie(request)):
            who = f"chosen {chosen}"
        else:
            country = request.META.get(f"HTTP_{settings.COUNTRY_HEADER.upper().replace('-', '_')}", "")
            who = f"{_guess(request.META.get('HTTP_ACCEPT_LANGUAGE', '')[:500])}|{country}"
        identity = f"{request.META.get('HTTP_HOST', '')}|{path}|{query}|{who}"
        digest = hashlib.blake2b(identity.encode(), digest_size=16).hexdigest()
        return f"page:{generation.current()}:{digest}"

    def _keep(self, key: str, response: HttpResponse) -> KeptPage | None:
        streaming = getattr(response, "streaming", False)
        if streaming or response.status_code != 200 or response.cookies or "text/html" not in response["Content-Type"]:
            return None
        if "private" in response.get("Cache-Control", "") or "no-store" in response.get("Cache-Control", ""):
            return None
        etag = f'W/"{hashlib.blake2b(response.content, digest_size=12).hexdigest()}"'
        response["ETag"] = etag
        response["Cache-Control"] = "public, max-age=0, must-revalidate"
        patch_vary_headers(response, ["Accept-Encoding"])
        del response["Content-Length"]
        packed = gzip.compress(response.content, 6, mtime=0)
        kept = KeptPage(response.content, packed, dict(response.items()), etag)
        caches["pages"].set(key, kept, SECONDS)
        return kept
