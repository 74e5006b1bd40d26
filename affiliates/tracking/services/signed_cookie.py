"""Signed cookies that say who a browser is, for the redirect, which is answered before any session is read."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

LIFETIME = 14 * 24 * 3600


@lru_cache(maxsize=8)
def _key(secret: str, purpose: str) -> bytes:
    return hashlib.sha256(f"vitrina.{purpose}|{secret}".encode()).digest()


@dataclass(frozen=True, slots=True)
class SignedCookie:
    """A cookie that holds who it is about, until when, and our signature of both; good for two weeks.

    `purpose` parts the signatures of different cookies; `is_subject` says what can be signed at all.
    """

    name: str
    purpose: str
    is_subject: Callable[[str], bool]
    longest: int = 60

    def _signature(self, text: str) -> str:
        key = _key(settings.SECRET_KEY, self.purpose)
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:32]

    def value(self, subject: str, *, now: float | None = None) -> str:
        """The cookie's value for a subject."""
        text = f"{subject}.{int(now if now is not None else time.time()) + LIFETIME}"
        return f"{text}.{self._signature(text)}"

    def subject_in(self, header: str, *, now: float | None = None) -> str:
        """The subject that a Cookie header proves, or an empty string."""
        mark = f"{self.name}="
        at = header.find(mark)
        if at < 0 or (at > 0 and header[at - 1] not in " ;"):
            return ""
        value = header[at + len(mark) :].partition(";")[0].strip().strip('"')
        text, _, signature = value.rpartition(".")
        subject, _, until = text.partition(".")
        if not (self.is_subject(subject) and until.isascii() and until.isdigit()) or len(text) > self.longest:
            return ""
        if not hmac.compare_digest(signature.encode("latin-1", "replace"), self._signature(text).encode()):
            return ""
        return subject if int(until) > (now if now is not None else time.time()) else ""

    def set_on(self, response: HttpResponse, subject: str) -> None:
        """Mark the browser."""
        response.set_cookie(
            self.name,
            self.value(subject),
            max_age=LIFETIME,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )

    def remove(self, request: HttpRequest, response: HttpResponse) -> None:
        """Take the mark back, where there is one."""
        if self.name in request.COOKIES:
            response.delete_cookie(self.name, samesite="Lax")
