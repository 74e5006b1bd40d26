"""Feeds are fetched when due, once, and their addresses stay to themselves."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

from django.core import mail

import pytest

from affiliates.catalogue.models import Feed, FeedRun, Offer
from affiliates.catalogue.services import feed_fetching as fetching
from affiliates.catalogue.services.feed_fetching import fetch_due_feeds, fetch_feed, tell_of_feeds
from cms.core.fetch import Fetched, FetchFailed, FetchRefused
from tests.factories.catalogue import make_feed, make_offer, make_policy
from tests.factories.community import make_operator
from tests.factories.parties import make_merchant

NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
BEFORE = NOW - dt.timedelta(hours=6)
SECRET = "https://shop.example/feeds/secret.xml?key=secret"
pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[dict[str, Any]]]:
    """Sets what the shop answers; what it was asked is in the list."""
    asked: list[dict[str, Any]] = []

    def answers(
        body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None, fault: Exception | None = None
    ) -> list[dict[str, Any]]:
        def fake(url: str, *, sink: Any, **options: Any) -> Fetched:
            asked.append({"url": url, **options})
            if fault:
                raise fault
            if status == 200:
                sink.write(body)
            return Fetched(url, status, headers or {}, b"", (), False, 1)

        monkeypatch.setattr(fetching, "fetch", fake)
        return asked

    return answers


def test_a_feed_that_is_due_becomes_a_queued_import_with_its_file(shop) -> None:
    feed = make_feed(url=SECRET, is_complete=True)
    shop(b"a feed")
    assert fetch_due_feeds() == 1
    run = FeedRun.objects.get(feed=feed)
    assert (run.status, run.is_complete, run.source) == ("queued", True, "https://shop.example/…")
    assert run.file.read() == b"a feed"


def test_a_feed_that_was_fetched_is_next_fetched_after_its_time(shop) -> None:
    feed = make_feed(every_minutes=90)
    shop(b"a feed")
    fetch_feed(feed=feed, now=NOW)
    feed.refresh_from_db()
    assert feed.next_run_at == NOW + dt.timedelta(minutes=90)


@pytest.mark.parametrize("off", ["feed", "merchant"])
def test_a_feed_that_is_switched_off_is_not_fetched(shop, off: str) -> None:
    make_feed(is_active=off != "feed", merchant=make_merchant(is_active=off != "merchant"))
    shop(b"a feed")
    assert fetch_due_feeds() == 0


def test_a_feed_whose_file_still_waits_is_not_fetched_again(shop) -> None:
    feed = make_feed()
    shop(b"a feed")
    fetch_due_feeds()
    Feed.objects.filter(pk=feed.pk).update(next_run_at=NOW)
    assert fetch_due_feeds() == 0


def test_a_feed_that_somebody_else_claimed_is_left_to_them(shop) -> None:
    feed = make_feed()
    seen = feed.next_run_at
    assert fetching._claim(seen) is not None
    assert fetching._claim(seen) is None


def test_the_shop_is_asked_only_for_what_is_new(shop) -> None:
    feed = make_feed(etag='"7"', last_modified="Sun, 01 Mar 2026 10:00:00 GMT", content_hash="x")
    asked = shop(status=304)
    fetch_feed(feed=feed, now=NOW)
    assert asked[0]["headers"] == {"If-None-Match": '"7"', "If-Modified-Since": "Sun, 01 Mar 2026 10:00:00 GMT"}


def test_what_the_shop_said_of_the_file_is_kept_for_next_time(shop) -> None:
    feed = make_feed()
    shop(b"a feed", headers={"etag": '"8"', "last-modified": "today"})
    fetch_feed(feed=feed, now=NOW)
    feed.refresh_from_db()
    assert (feed.etag, feed.last_modified) == ('"8"', "today")
    assert feed.content_hash == hashlib.sha256(b"a feed").hexdigest()


def _confirmed(shop, *, by_hash: bool) -> tuple[Feed, Offer, Offer]:
    """A feed with one offer of its last success and one of another feed of the shop, confirmed now."""
    policy = make_policy()
    digest = hashlib.sha256(b"same").hexdigest()
    feed = make_feed(policy=policy, succeeded_at=BEFORE, etag='"7"', content_hash=digest, failures=2, last_error="x")
    own = make_offer(merchant=feed.merchant, policy=policy, seen_at=BEFORE)
    other = make_offer(merchant=feed.merchant, policy=policy, seen_at=BEFORE + dt.timedelta(minutes=1))
    shop(b"same") if by_hash else shop(status=304)
    assert fetch_feed(feed=feed, now=NOW) is None
    for row in (feed, own, other):
        row.refresh_from_db()
    return feed, own, other


@pytest.mark.parametrize("by_hash", [True, False])
def test_an_unchanged_feed_confirms_the_prices_of_its_last_import(shop, by_hash: bool) -> None:
    feed, own, other = _confirmed(shop, by_hash=by_hash)
    assert (own.price_seen_at, own.last_seen_at) == (NOW, NOW)
    assert other.price_seen_at == BEFORE + dt.timedelta(minutes=1)
    assert (feed.succeeded_at, feed.failures, feed.last_error) == (NOW, 0, "")


def test_an_unchanged_feed_confirms_twice_in_a_row(shop) -> None:
    feed, own, _other = _confirmed(shop, by_hash=False)
    fetch_feed(feed=feed, now=NOW + dt.timedelta(hours=6))
    own.refresh_from_db()
    assert own.price_seen_at == NOW + dt.timedelta(hours=6)


@pytest.mark.parametrize(("row_hash", "seen_at"), [(Offer.AGREED, NOW), ("", BEFORE)])
def test_an_unchanged_feed_confirms_a_price_read_on_the_page_where_both_ask_the_same(
    shop, row_hash: str, seen_at: dt.datetime
) -> None:
    policy = make_policy()
    feed = make_feed(policy=policy, succeeded_at=BEFORE, etag='"7"', content_hash="x")
    read = make_offer(merchant=feed.merchant, policy=policy, seen_at=BEFORE, source_kind="schema", row_hash=row_hash)
    shop(status=304)
    fetch_feed(feed=feed, now=NOW)
    read.refresh_from_db()
    assert (read.price_seen_at, read.last_seen_at) == (seen_at, NOW)
    assert read.source_kind == ("feed" if row_hash else "schema")


def test_an_unchanged_feed_is_not_imported_again(shop) -> None:
    _confirmed(shop, by_hash=True)
    assert not FeedRun.objects.exists()


def test_not_modified_is_no_answer_to_a_question_without_conditions(shop) -> None:
    feed = make_feed()
    shop(status=304)
    fetch_feed(feed=feed, now=NOW)
    assert (feed.failures, feed.succeeded_at) == (1, None)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"status": 404}, "The shop answered with the status 404."),
        ({"fault": FetchRefused("size")}, "What it sends is larger than allowed."),
        ({"fault": FetchFailed("timeout")}, "The host does not answer in time."),
    ],
)
def test_a_feed_that_fails_says_why_and_changes_nothing(shop, answer: dict[str, Any], said: str) -> None:
    feed = make_feed(url=SECRET, content_hash="x", etag="y")
    shop(**answer)
    fetch_feed(feed=feed, now=NOW)
    assert (feed.failures, feed.last_error, feed.etag) == (1, said, "")
    assert not FeedRun.objects.exists()


def test_a_feed_that_keeps_failing_is_tried_less_and_less_often(shop) -> None:
    feed = make_feed(every_minutes=60)
    shop(status=500)
    waits = []
    for _ in range(6):
        fetch_feed(feed=feed, now=NOW)
        waits.append((feed.next_run_at - NOW).total_seconds() / 60)
    assert waits == [5, 10, 20, 40, 60, 60]


@pytest.mark.parametrize("answer", [{"status": 500}, {"fault": FetchFailed("dns")}, {"body": b"a feed"}])
def test_the_key_in_an_address_is_never_logged_or_kept(shop, caplog, answer: dict[str, Any]) -> None:
    feed = make_feed(url=SECRET)
    shop(**answer)
    for _ in range(5):
        fetch_feed(feed=feed, now=NOW)
    tell_of_feeds(now=NOW)
    kept = [str(value) for row in FeedRun.objects.values() for value in row.values()]
    assert "secret" not in " ".join([caplog.text, feed.last_error, str(feed), repr(feed), *kept])


def test_of_a_feed_that_keeps_failing_the_operator_hears_once() -> None:
    make_feed(name="Daily", failures=5, last_error="The shop answered with the status 404.")
    make_operator()
    assert [tell_of_feeds(now=NOW), tell_of_feeds(now=NOW)] == [1, 0]
    assert "Daily" in mail.outbox[0].subject
    assert "404" in mail.outbox[0].body


def test_of_a_feed_that_brings_nothing_for_long_the_operator_hears() -> None:
    make_feed(every_minutes=60, succeeded_at=NOW - dt.timedelta(hours=5))
    assert tell_of_feeds(now=NOW) == 1


def test_a_feed_that_is_a_little_late_is_nobodys_concern() -> None:
    make_feed(every_minutes=60, succeeded_at=NOW - dt.timedelta(hours=3))
    assert tell_of_feeds(now=NOW) == 0
