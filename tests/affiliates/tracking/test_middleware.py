"""Only signed-in creators' browsers are marked."""

from __future__ import annotations

from django.contrib.auth import login, logout
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject

import pytest

from affiliates.tracking.middleware import CreatorCookieMiddleware
from affiliates.tracking.services.creator_cookie import COOKIE, cookie_value, creator_in_cookies
from community.models import Creator, User
from tests.factories.community import make_creator, make_user

pytestmark = pytest.mark.django_db


def answer(
    view: object, *, user: User | AnonymousUser, method: str = "GET", path: str = "/cms/", cookie: str = ""
) -> HttpResponse:
    request = getattr(RequestFactory(), method.lower())(path)
    SessionMiddleware(lambda r: HttpResponse()).process_request(request)
    if cookie:
        request.COOKIES[COOKIE] = cookie

    def get_user() -> User | AnonymousUser:
        request._cached_user = user
        return user

    request.user = SimpleLazyObject(get_user)
    return CreatorCookieMiddleware(view)(request)  # type: ignore[arg-type]


def looks(request: HttpRequest) -> HttpResponse:
    return HttpResponse(str(request.user.is_authenticated))


def ignores(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def signs_in(user: User) -> object:
    def view(request: HttpRequest) -> HttpResponse:
        login(request, user, backend="django.contrib.auth.backends.ModelBackend")
        return HttpResponse()

    return view


def signs_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return HttpResponse()


def marked(response: HttpResponse) -> int:
    morsel = response.cookies.get(COOKIE)
    return creator_in_cookies(f"{COOKIE}={morsel.value}") if morsel else 0


@pytest.fixture
def alice(db: None) -> Creator:
    return make_creator("alice")


def test_signing_in_marks_a_creator(alice: Creator) -> None:
    assert marked(answer(signs_in(alice.user), user=AnonymousUser(), method="POST", path="/account/login/")) == alice.pk


def test_the_studio_marks_a_creator(alice: Creator) -> None:
    response = answer(looks, user=alice.user)
    assert marked(response) == alice.pk
    assert response.cookies[COOKIE]["httponly"]


def test_a_marked_browser_is_left_alone(alice: Creator, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert COOKIE not in answer(looks, user=alice.user, cookie=cookie_value(alice.pk)).cookies


def test_readers_are_not_marked() -> None:
    assert COOKIE not in answer(looks, user=make_user()).cookies


def test_pages_that_ask_for_nobody_stay_cacheable(alice: Creator) -> None:
    assert COOKIE not in answer(ignores, user=alice.user).cookies


def test_signing_out_takes_the_mark_back(alice: Creator) -> None:
    response = answer(signs_out, user=alice.user, method="POST", path="/account/logout/", cookie=cookie_value(alice.pk))
    assert response.cookies[COOKIE].value == ""


def test_another_creator_in_the_same_browser_is_marked_anew(alice: Creator) -> None:
    bob = make_creator("bob")
    response = answer(signs_in(bob.user), user=AnonymousUser(), method="POST", cookie=cookie_value(alice.pk))
    assert marked(response) == bob.pk
