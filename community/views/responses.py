"""How community's pages answer."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

from django_htmx.middleware import HtmxDetails

from community.models import User

View = Callable[..., HttpResponse]


class Request(HttpRequest):
    """A request as django-htmx leaves it."""

    htmx: HtmxDetails


def signed_in(request: HttpRequest) -> User:
    """The person of a request that `login_required` or a check has let through."""
    return cast(User, request.user)


def private(view: View) -> View:
    """The answer is one person's: no cache may keep it, no search engine list it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return answer


def safe_path(request: HttpRequest, address: str | None, default: str = "/") -> str:
    """The path and query of an address on this site, else the default."""
    address = (address or "").strip()
    if not address or not url_has_allowed_host_and_scheme(address, allowed_hosts={request.get_host()}):
        return default
    parts = urlsplit(address)
    if not parts.path.startswith("/") or parts.path.startswith("//"):
        return default
    return parts.path + (f"?{parts.query}" if parts.query else "") + (f"#{parts.fragment}" if parts.fragment else "")


def to_login(request: HttpRequest, next_path: str) -> HttpResponseRedirect:
    """To the one log-in page, and back afterwards."""
    return HttpResponseRedirect(f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': next_path})}")
