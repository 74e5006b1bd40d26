"""Readers hear once, in the site, of shops that were suspended after they went there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Suspension
from affiliates.catalogue.services.suspensions import lift_suspension, suspend_shop
from affiliates.parties.models import Merchant
from affiliates.tracking.models import ReaderKey, ShopWarning
from affiliates.tracking.services.shop_warnings import take_warnings, write_warnings
from community.models import User
from community.services.accounts import export_person
from tests.factories.community import make_user
from tests.factories.parties import make_merchant
from tests.factories.tracking import make_click, make_link

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
LATER = NOW + dt.timedelta(minutes=2)


@pytest.fixture
def shop() -> Merchant:
    return make_merchant("fakes", name="Fakes & Co")


def agreed() -> User:
    user = make_user()
    ReaderKey.objects.create(user=user, agreed_at=NOW)
    return user


def went(user: User, shop: Merchant, days_ago: int = 1, **more: Any) -> None:
    link = shop.links.first() or make_link(merchant=shop)
    make_click(link=link, at=NOW - dt.timedelta(days=days_ago), visitor_key=user.reader_key.key, **more)


def suspended(shop: Merchant) -> Suspension:
    suspension = suspend_shop(merchant=shop, reason="Two fakes", by=None, now=NOW)
    write_warnings(now=LATER)
    return suspension


def warned() -> list[User]:
    return [warning.reader.user for warning in ShopWarning.objects.all()]


def test_a_reader_who_went_there_within_sixty_days_is_warned(shop: Merchant) -> None:
    person = agreed()
    went(person, shop, 59)
    suspended(shop)
    assert warned() == [person]


def test_who_went_there_longer_ago_is_not(shop: Merchant) -> None:
    went(agreed(), shop, 61)
    suspended(shop)
    assert warned() == []


def test_who_went_to_another_shop_is_not(shop: Merchant) -> None:
    went(agreed(), make_merchant("other"))
    suspended(shop)
    assert warned() == []


def test_whose_click_was_a_program_is_not(shop: Merchant) -> None:
    went(agreed(), shop, reason="bot")
    suspended(shop)
    assert warned() == []


def test_nobody_is_warned_twice_of_one_suspension(shop: Merchant) -> None:
    went(agreed(), shop)
    suspended(shop)
    assert (write_warnings(now=LATER), ShopWarning.objects.count()) == (0, 1)


def test_clicks_still_on_their_way_are_waited_for(shop: Merchant) -> None:
    went(agreed(), shop)
    suspend_shop(merchant=shop, reason="Two fakes", by=None, now=NOW)
    assert write_warnings(now=NOW + dt.timedelta(seconds=5)) == 0


def test_a_warning_is_taken_once(shop: Merchant) -> None:
    person = agreed()
    went(person, shop)
    suspended(shop)
    assert [len(take_warnings(user_id=person.pk, now=LATER)) for _ in range(2)] == [1, 0]


def test_a_shop_that_is_back_is_not_warned_of(shop: Merchant) -> None:
    person = agreed()
    went(person, shop)
    lift_suspension(suspension=suspended(shop), because="Invoices shown", by=make_user(), now=LATER)
    assert take_warnings(user_id=person.pk, now=LATER) == []


def signed_in(person: User) -> Client:
    """On a device that carries the reader's key."""
    client = Client()
    client.force_login(person)
    client.post("/account/clicks/", {"join": "on"})
    client.get("/account/clicks/")
    return client


def said(client: Client, address: str) -> bool:
    return "Fakes &amp; Co was suspended here" in client.get(address).content.decode()


def test_the_next_page_says_it_once(shop: Merchant) -> None:
    person = agreed()
    device = signed_in(person)
    went(person, shop)
    suspended(shop)
    said(device, "/following/")
    assert [said(device, "/following/") for _ in range(2)] == [True, False]


def test_other_readers_are_told_nothing(shop: Merchant) -> None:
    went(agreed(), shop)
    suspended(shop)
    device = signed_in(make_user())
    said(device, "/following/")
    assert not said(device, "/following/")


@pytest.mark.parametrize(("whose", "listed"), [("own", True), ("a stranger's", False)])
def test_your_clicks_keeps_the_notice_for_its_reader(shop: Merchant, whose: str, listed: bool) -> None:
    person = agreed()
    went(person, shop)
    suspended(shop)
    page = signed_in(person if whose == "own" else make_user()).get("/account/clicks/").content.decode()
    assert ("Fakes &amp; Co, suspended on" in page) is listed


def test_who_takes_the_consent_back_leaves_no_warning_behind(shop: Merchant) -> None:
    person = agreed()
    went(person, shop)
    suspended(shop)
    signed_in(person).post("/account/clicks/", {"join": "off"})
    assert not ShopWarning.objects.exists()


def test_warnings_are_exported(shop: Merchant) -> None:
    person = agreed()
    went(person, shop)
    suspended(shop)
    assert [row["merchant"] for row in export_person(user=person)["warned_of_shops"]] == ["fakes"]
