"""A signed cookie with the visitor key of a signed-in reader who agreed that their clicks are joined.

It is set for those who agreed only, and goes with their session and with their consent.
"""

from __future__ import annotations

from affiliates.tracking.domain.visitors import is_reader_key
from affiliates.tracking.services.signed_cookie import SignedCookie

COOKIE = "vitrina_joined"
_COOKIE = SignedCookie(COOKIE, "reader-cookie", is_reader_key)
cookie_value, reader_in_cookies = _COOKIE.value, _COOKIE.subject_in
set_cookie, remove_cookie = _COOKIE.set_on, _COOKIE.remove
