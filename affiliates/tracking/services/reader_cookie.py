"""A signed cookie with the visitor key of a signed-in reader who agreed that their clicks are joined.

The redirect is answered before any session is read. The cookie is set for those who agreed only, and goes with their
session and with their consent.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from affiliates.tracking.domain.visitors import is_reader_key

COOKIE = "vitrina_joined"
_MARK = COOKIE + "="
LIFETIME = 14 * 24 * 3600


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"vitrina.reader-cookie|" + secret.encode()).digest()


def _signature(text: str) -> str:
    return hmac.new(_key(settings.SECRET_KEY), text.encode(), hashlib.sha256).hexdigest()[:32]


def cookie_value(key: str, *, now: float | None = None) -> str:
    """The cookie's value for a reader's key, good for two weeks."""
    text = f"{key}.{int(now if now is not None else time.time()) + LIFETIME}"
    return f"{text}.{_signature(text)}"


def reader_in_cookies(header: str, *, now: float | None = None) -> str:
    """The reader's key that a Cookie header proves, or an empty string."""
    at = header.find(_MARK)
    if at < 0 or (at > 0 and header[at - 1] not in " ;"):
        return ""
    value = header[at + len(_MARK) :].partition(";")[0].strip().strip('"')
    text, _, signature = value.rpartition(".")
    key, _, until = text.partition(".")
    if not (is_reader_key(key) and until.isascii() and until.isdigit()) or len(text) > 60:
        return ""
    if not hmac.compare_digest(signature.encode("latin-1", "replace"), _signature(text).encode()):
        return ""
    return key if int(until) > (now if now is not None else time.time()) else ""


def set_cookie(response: HttpResponse, key: str) -> None:
    """Mark the browser as this reader's."""
    response.set_cookie(
        COOKIE,
        cookie_value(key),
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def remove_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Take the mark back, where there is one."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
