"""Lists of offers, lanes and feeds: exported, asked for as often for many rows as for few, and acted upon."""

from __future__ import annotations

import csv
import datetime as dt
import io

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Feed, FeedMapping, FeedRun, Lane, OfferHealth
from tests.factories.catalogue import make_feed, make_offer
from tests.factories.community import make_creator, make_editor, make_operator, make_user
from tests.factories.parties import make_member, make_merchant

pytestmark = pytest.mark.django_db
LISTS = [
    "/cms/offers/", "/cms/lanes/", "/cms/feeds/", "/cms/offers/?export=csv", "/cms/lanes/?export=csv",
    "/cms/feeds/?export=csv", "/cms/health/", "/cms/feed-mappings/", "/cms/feed-imports/", "/cms/members/",
]  # fmt: skip
BULK = {"look": "/cms/bulk/catalogue/offer/look/", "fetch": "/cms/bulk/catalogue/feed/fetch/"}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


def fill(count: int) -> None:
    for _ in range(count):
        merchant = make_merchant()
        offer = make_offer(merchant=merchant)
        OfferHealth.objects.create(offer=offer, next_check_at=timezone.now())
        feed = make_feed(merchant)
        FeedRun.objects.create(merchant=merchant, feed=feed, source="feed.xml")
        FeedMapping.objects.create(merchant=merchant, slug=merchant.slug, name=merchant.name)
        make_member(merchant, make_user())
        Lane.objects.create(merchant=merchant, country="DE", ships=Lane.Ships.YES, seen_at=timezone.now())


@pytest.mark.parametrize("path", LISTS)
def test_a_list_asks_as_often_for_many_rows_as_for_few(operator: Client, path: str) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            answer = operator.get(path)
            assert answer.status_code == 200
            assert b"".join(answer) if answer.streaming else answer.content
        return len(queries)

    fill(2)
    count()
    few = count()
    fill(6)
    assert count() == few


def test_the_export_of_offers_says_what_a_shop_asks_for_what(operator: Client) -> None:
    offer = make_offer(merchant=make_merchant("acme"), price_minor=4990, title="=SUM(A1)")
    answer = operator.get("/cms/offers/?export=csv")
    (row,) = csv.DictReader(io.StringIO(b"".join(answer).decode()))
    told = [row[name] for name in ("Merchant", "Merchant's own number", "Product", "Stated price", "Currency")]
    assert told == ["acme", offer.external_id, offer.product.slug, "49.90", "EUR"]
    assert row["Title at the merchant"].startswith("'=")


def test_ticked_offers_are_looked_at_next_whether_or_not_they_ever_were(operator: Client) -> None:
    seen, unseen = make_offer(), make_offer()
    OfferHealth.objects.create(offer=seen, next_check_at=timezone.now() + dt.timedelta(days=7))
    operator.post(f"{BULK['look']}?next=/cms/&id={seen.pk}&id={unseen.pk}")
    assert OfferHealth.objects.filter(next_check_at__lte=timezone.now()).count() == 2


def test_ticked_feeds_are_fetched_next(operator: Client) -> None:
    feed = make_feed(next_run_at=timezone.now() + dt.timedelta(days=1))
    operator.post(f"{BULK['fetch']}?next=/cms/&id={feed.pk}")
    assert Feed.objects.get().next_run_at <= timezone.now()


@pytest.mark.parametrize("action", BULK)
@pytest.mark.parametrize("make_person", [make_editor, lambda: make_creator().user, None])
def test_only_operators_act_on_what_is_ticked(client: Client, action: str, make_person: object) -> None:
    later = timezone.now() + dt.timedelta(days=1)
    feed = make_feed(next_run_at=later)
    row = feed if action == "fetch" else make_offer(merchant=feed.merchant)
    if callable(make_person):
        client.force_login(make_person())
    answer = client.post(f"{BULK[action]}?next=/cms/&id={row.pk}")
    assert answer.status_code in {302, 403, 404}
    assert (Feed.objects.get().next_run_at, OfferHealth.objects.count()) == (later, 0)
