"""A small signed cookie that says "this browser is signed in as creator 7", so that creators' own clicks do not count.

It is set for signed-in creators only, to keep the books they are paid by honest, and goes with their session.
"""

from __future__ import annotations

from django.http import HttpResponse

from affiliates.tracking.services.signed_cookie import LIFETIME, SignedCookie

__all__ = ["COOKIE", "LIFETIME", "cookie_value", "creator_in_cookies", "remove_cookie", "set_cookie"]

COOKIE = "vitrina_creator"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


_COOKIE = SignedCookie(COOKIE, "creator-cookie", _is_number, longest=40)
remove_cookie = _COOKIE.remove


def cookie_value(creator_id: int, *, now: float | None = None) -> str:
    """The cookie's value for a creator, good for two weeks."""
    return _COOKIE.value(str(creator_id), now=now)


def creator_in_cookies(header: str, *, now: float | None = None) -> int:
    """The creator that a Cookie header proves, or 0."""
    return int(_COOKIE.subject_in(header, now=now) or 0)


def set_cookie(response: HttpResponse, creator_id: int) -> None:
    """Mark the browser as this creator's."""
    _COOKIE.set_on(response, str(creator_id))
