"""Offers end when their merchant said they would: by an import, or between two."""

from __future__ import annotations

import datetime as dt
import io

import pytest

from affiliates.catalogue.models import FeedRun, Offer
from affiliates.catalogue.services.expiry import end_expired_offers, expired_offers
from affiliates.catalogue.services.feeds import import_feed
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Merchant
from tests.factories.catalogue import make_offer
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
LATER = NOON + dt.timedelta(days=2)
FUTURE, PAST = "2026-11-21T00:00Z", "2026-11-19T00:00Z"


@pytest.fixture
def acme() -> Merchant:
    return make_merchant("acme")


def feed(merchant: Merchant, expires: str, *, now: dt.datetime = NOON) -> FeedRun:
    head = "id\ttitle\tlink\tavailability\tprice\texpiration_date\n"
    data = f"{head}A-1\tKettle\thttps://acme.example/p/1\tin stock\t10 EUR\t{expires}\n".encode()
    return import_feed(merchant=merchant, source=io.BytesIO(data), format="google", now=now)


def test_an_item_that_has_not_expired_is_listed_and_its_end_kept(acme: Merchant) -> None:
    feed(acme, FUTURE)
    offer = Offer.objects.get()
    assert (offer.gone_at, offer.expires_at) == (None, dt.datetime(2026, 11, 21, tzinfo=dt.UTC))


def test_an_expired_item_nobody_knew_becomes_no_offer(acme: Merchant) -> None:
    run = feed(acme, PAST)
    assert (Offer.objects.count(), run.unchanged) == (0, 1)


def test_an_item_stated_as_expired_is_gone(acme: Merchant) -> None:
    feed(acme, FUTURE)
    run = feed(acme, PAST)
    assert (Offer.objects.get().gone_at, run.gone) == (NOON, 1)


def test_the_same_row_after_its_end_is_gone(acme: Merchant) -> None:
    feed(acme, FUTURE)
    run = feed(acme, FUTURE, now=LATER)
    assert (Offer.objects.get().gone_at, run.gone, run.unchanged) == (LATER, 1, 0)


def test_the_same_expired_file_twice_changes_nothing(acme: Merchant) -> None:
    feed(acme, FUTURE)
    feed(acme, FUTURE, now=LATER)
    before = Offer.objects.values().get()
    run = feed(acme, FUTURE, now=LATER + dt.timedelta(days=1))
    assert (Offer.objects.values().get(), run.unchanged, run.gone) == (before, 1, 0)


def test_a_later_end_brings_an_offer_back(acme: Merchant) -> None:
    feed(acme, FUTURE)
    feed(acme, PAST)
    feed(acme, "2026-12-24", now=LATER)
    assert Offer.objects.get().gone_at is None


def test_an_end_that_is_no_longer_stated_is_forgotten(acme: Merchant) -> None:
    feed(acme, FUTURE)
    feed(acme, "")
    assert Offer.objects.get().expires_at is None


def test_an_offer_ends_between_two_imports_and_everybody_is_told(acme: Merchant) -> None:
    offer = make_offer(merchant=acme, expires_at=NOON)
    told: list[list[int]] = []

    def hear(offer_ids: list[int], **_rest: object) -> None:
        told.append(offer_ids)

    offers_changed.connect(hear)
    try:
        assert (expired_offers(now=NOON), end_expired_offers(now=NOON), expired_offers(now=NOON)) == (1, 1, 0)
    finally:
        offers_changed.disconnect(hear)
    offer.refresh_from_db()
    assert (offer.gone_at, told) == (NOON, [[offer.pk]])


def test_an_offer_does_not_end_before_its_time(acme: Merchant) -> None:
    make_offer(merchant=acme, expires_at=NOON)
    assert end_expired_offers(now=NOON - dt.timedelta(seconds=1)) == 0
