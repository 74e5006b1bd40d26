"""A small signed cookie that says "this browser is signed in as creator 7", so that creators' own clicks do not count.

The redirect is answered before any session is read. The cookie is set for signed-in creators only, to keep the books
they are paid by honest, and goes with their session.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

COOKIE = "vitrina_creator"
_MARK = COOKIE + "="
LIFETIME = 14 * 24 * 3600


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"vitrina.creator-cookie|" + secret.encode()).digest()


def _signature(text: str) -> str:
    return hmac.new(_key(settings.SECRET_KEY), text.encode(), hashlib.sha256).hexdigest()[:32]


def cookie_value(creator_id: int, *, now: float | None = None) -> str:
    """The cookie's value for a creator, good for two weeks."""
    text = f"{creator_id}.{int(now if now is not None else time.time()) + LIFETIME}"
    return f"{text}.{_signature(text)}"


def creator_in_cookies(header: str, *, now: float | None = None) -> int:
    """The creator that a Cookie header proves, or 0."""
    at = header.find(_MARK)
    if at < 0 or (at > 0 and header[at - 1] not in " ;"):
        return 0
    value = header[at + len(_MARK) :].partition(";")[0].strip().strip('"')
    text, _, signature = value.rpartition(".")
    creator, _, until = text.partition(".")
    if not (creator.isascii() and creator.isdigit() and until.isascii() and until.isdigit()) or len(text) > 40:
        return 0
    if not hmac.compare_digest(signature.encode("latin-1", "replace"), _signature(text).encode()):
        return 0
    return int(creator) if int(until) > (now if now is not None else time.time()) else 0


def set_cookie(response: HttpResponse, creator_id: int) -> None:
    """Mark the browser as this creator's."""
    response.set_cookie(
        COOKIE,
        cookie_value(creator_id),
        max_age=LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


def remove_cookie(request: HttpRequest, response: HttpResponse) -> None:
    """Take the mark back, where there is one."""
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, samesite="Lax")
