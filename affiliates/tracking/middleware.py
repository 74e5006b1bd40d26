"""Marks the browsers of signed-in creators, so that their clicks on their own links do not count, and those of readers
who agreed that their clicks are joined; these are told of shops that were suspended after they went there.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from affiliates.tracking.models import ReaderKey
from affiliates.tracking.services import reader_cookie
from affiliates.tracking.services.creator_cookie import COOKIE, creator_in_cookies, remove_cookie, set_cookie
from affiliates.tracking.services.shop_warnings import take_warnings
from community.models import Creator

Handler = Callable[[HttpRequest], HttpResponse]


class CreatorCookieMiddleware:
    """Sets the cookie when a creator signs in or comes to the studio without one; takes it back with the session.

    Only requests that read the session anyway are looked at, so pages for everyone stay cacheable.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not _user_was_asked_for(request):
            return response
        user = request.user
        if not user.is_authenticated:
            remove_cookie(request, response)
            reader_cookie.remove_cookie(request, response)
            return response
        if reader_cookie.COOKIE in request.COOKIES:
            _warn_reader(request, user.pk)
        if request.method == "POST":
            _mark_reader(request, response, user.pk)
        # Asked when a form was sent, which includes signing in, and in the studio, where every creator works.
        marked = creator_in_cookies(f"{COOKIE}={request.COOKIES[COOKIE]}") if COOKIE in request.COOKIES else 0
        if request.method == "POST" or (not marked and request.path.startswith("/cms/")):
            creator_id = Creator.objects.filter(user_id=user.pk).values_list("pk", flat=True).first()
            if creator_id is None:
                remove_cookie(request, response)
            elif creator_id != marked:
                set_cookie(response, creator_id)
        return response


def _mark_reader(request: HttpRequest, response: HttpResponse, user_id: int) -> None:
    """Whoever agreed that their clicks are joined carries their key on this device too."""
    key = ReaderKey.objects.filter(user_id=user_id).values_list("key", flat=True).first()
    if key:
        reader_cookie.set_cookie(response, key)
    else:
        reader_cookie.remove_cookie(request, response)


def _warn_reader(request: HttpRequest, user_id: int) -> None:
    """The next page that the reader sees says it, once."""
    for warning in take_warnings(user_id=user_id, now=timezone.now()):
        text = _(
            "%(shop)s was suspended here. You went there from this site within the sixty days before: if you bought "
            "something, look closely at what arrived. “Your clicks” in your account keeps this notice."
        )
        messages.warning(request, text % {"shop": warning.suspension.merchant.name})


def _user_was_asked_for(request: HttpRequest) -> bool:
    """Whether the view looked at who is signed in, or signed somebody in or out."""
    user = request.__dict__.get("user")
    return "_cached_user" in request.__dict__ or (user is not None and not isinstance(user, SimpleLazyObject))
