"""Response headers of every page, and for whom the page is made."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject

from cms.core.reader import Reader, reader_of

Handler = Callable[[HttpRequest], HttpResponse]

#: The reader's pages: nothing inline, nothing foreign.
PUBLIC_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; "
    "manifest-src 'self'"
)
#: Wagtail's admin has inline scripts and styles of its own and shows previews in a frame.
ADMIN_CSP = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'self'; object-src 'none'"
)
PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), browsing-topics=()"


class SecurityHeadersMiddleware:
    """Adds Content-Security-Policy and Permissions-Policy; a view that set its own policy keeps it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        admin = request.path.startswith("/cms/")
        response.headers.setdefault("Content-Security-Policy", ADMIN_CSP if admin else PUBLIC_CSP)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if admin or request.path.startswith("/api/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response


class ReaderMiddleware:
    """Sets `request.reader`, worked out when first asked for; such an answer says on what it depends."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        asked: list[Reader] = []

        def look() -> Reader:
            asked.append(reader_of(request))
            return asked[-1]

        request.reader = SimpleLazyObject(look)  # type: ignore[attr-defined]
        response = self.get_response(request)
        if asked:
            patch_vary_headers(response, ["Accept-Language", "Cookie", *filter(None, [settings.COUNTRY_HEADER])])
        return response
