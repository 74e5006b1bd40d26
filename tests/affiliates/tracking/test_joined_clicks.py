"""A reader agrees that their clicks are joined, and takes it back."""

from __future__ import annotations

from django.test import Client

import pytest

from affiliates.tracking.domain.visitors import is_reader_key
from affiliates.tracking.models import Click, ReaderKey
from affiliates.tracking.services.loader import load_pending
from affiliates.tracking.services.reader_cookie import COOKIE, cookie_value, reader_in_cookies
from community.models import User
from community.services.accounts import erase_person, export_person
from tests.factories.community import make_user
from tests.factories.earnings import make_shop
from tests.factories.tracking import BROWSER

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader() -> User:
    return make_user()


def agreed(reader: User) -> Client:
    client = Client()
    client.force_login(reader)
    client.post("/account/clicks/", {"join": "on"})
    return client


def follow(client: Client, code: str) -> Click:
    client.get(f"/go/{code}", HTTP_USER_AGENT=BROWSER)
    load_pending()
    return Click.objects.latest("pk")


def test_nobody_asks_without_being_signed_in() -> None:
    assert Client().get("/account/clicks/").status_code == 302


def test_no_cookie_is_set_before_the_reader_agrees(reader: User) -> None:
    client = Client()
    client.force_login(reader)
    answer = client.get("/account/clicks/")
    assert b"Join my clicks" in answer.content and COOKIE not in client.cookies


def test_an_agreeing_readers_clicks_carry_one_key_on_every_device(reader: User) -> None:
    link, phone, laptop = make_shop().link, agreed(reader), agreed(reader)
    keys = {follow(device, link.code).visitor_key for device in (phone, laptop)}
    assert keys == {reader.reader_key.key} and all(map(is_reader_key, keys))


def test_another_readers_clicks_are_not_joined_with_them(reader: User) -> None:
    link = make_shop().link
    assert follow(agreed(reader), link.code).visitor_key != follow(agreed(make_user()), link.code).visitor_key


def test_consent_is_taken_back_on_every_device(reader: User) -> None:
    link, phone, laptop = make_shop().link, agreed(reader), agreed(reader)
    laptop.post("/account/clicks/", {"join": "off"})
    assert not laptop.cookies[COOKIE].value
    assert not ReaderKey.objects.exists() and follow(phone, link.code).visitor_key == ""


def test_consent_is_exported_and_erased_with_the_person(reader: User) -> None:
    agreed(reader)
    assert export_person(user=reader)["clicks_joined_since"]
    erase_person(user=reader)
    assert not ReaderKey.objects.exists()


@pytest.mark.parametrize(
    "spoil", [lambda v: v[:-1] + "x", lambda v: "a" + v[1:], lambda v: v.partition(".")[0], str.upper]
)
def test_a_forged_cookie_proves_nobody(spoil) -> None:  # type: ignore[no-untyped-def]
    value = cookie_value("r" + "5" * 31, now=1000.0)
    assert reader_in_cookies(f"a=b; {COOKIE}={value}", now=1000.0) == "r" + "5" * 31
    assert reader_in_cookies(f"{COOKIE}={spoil(value)}", now=1000.0) == ""
    assert reader_in_cookies(f"{COOKIE}={value}", now=1e10) == ""
