"""Whose page it is: nobody's yet, one person's, or everyone's."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from community.selectors.accounts import first_run_is_open

Handler = Callable[[HttpRequest], HttpResponse]

_ACCOUNT = re.compile(r"/(?:[a-z]{2}(?:-[a-z]+)?/)?account/")
_DOORS = frozenset({"/", "/cms/", "/account/login/", "/account/signup/"})


class FirstRunMiddleware:
    """Sends the front doors of a site without any person to `/welcome/`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info in _DOORS and first_run_is_open():
            return redirect("community:first_run")
        return self.get_response(request)


class PrivatePagesMiddleware:
    """Account pages, and whatever sets a cookie, are for one person: no cache between may keep them.

    Stands outside the session middleware, which sets its cookie last.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.cookies or _ACCOUNT.match(request.path_info):
            response.headers["Cache-Control"] = "private, no-store"
        return response
