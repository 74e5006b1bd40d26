"""Old imports go; what somebody still needs of them stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

import pytest

from affiliates.catalogue.models import Feed, FeedRun, OfferCheck
from affiliates.catalogue.services.retention import prune_runs, rows_to_clear
from cms.home.job_list import job_rows
from tests.factories.catalogue import make_offer
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)


@pytest.fixture
def feed() -> Feed:
    return Feed.objects.create(merchant=make_merchant(), name="Goods", format="google", url="https://acme.example/f")


def run(feed: Feed, days: int, status: str = "done", **fields: Any) -> FeedRun:
    at = NOW - dt.timedelta(days=days)
    stated: dict[str, Any] = {"feed": feed, "created_at": at, "started_at": at, "finished_at": at} | fields
    return FeedRun.objects.create(merchant=feed.merchant, format="google", source="f", status=status, **stated)


def left() -> set[int]:
    return set(FeedRun.objects.values_list("pk", flat=True))


def test_imports_of_the_last_ninety_days_stay(feed: Feed) -> None:
    kept = {run(feed, days).pk for days in (90, 30, 1)}
    run(feed, 91)
    run(feed, 0)
    assert prune_runs(now=NOW) == 1
    assert kept <= left()


def test_a_feeds_last_success_and_last_failure_stay_however_old(feed: Feed) -> None:
    run(feed, 300), run(feed, 290, "refused")
    success, failure = run(feed, 200), run(feed, 190, "refused")
    prune_runs(now=NOW)
    assert left() == {success.pk, failure.pk}


def test_each_feed_keeps_its_own_and_so_do_imports_by_hand(feed: Feed) -> None:
    other = Feed.objects.create(merchant=feed.merchant, name="Other", format="google", url="https://acme.example/g")
    run(feed, 300)
    by_hand = run(feed, 270)
    FeedRun.objects.filter(pk=by_hand.pk).update(feed=None)
    kept = {run(feed, 250).pk, run(other, 280).pk, by_hand.pk}
    prune_runs(now=NOW)
    assert left() == kept


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("queued", {"file": "feeds/a.xml"}),
        ("running", {"file": "feeds/a.xml"}),
        ("running", {"heartbeat_at": NOW}),
        ("refused", {"file": "feeds/a.xml"}),
        ("done", {"file": "feeds/a.xml", "phase": "apply"}),
    ],
)
def test_an_import_with_work_to_do_is_never_deleted(feed: Feed, status: str, fields: dict[str, Any]) -> None:
    waiting = run(feed, 200, status, finished_at=None, **fields)
    run(feed, 0), run(feed, 0, "refused")
    prune_runs(now=NOW)
    assert waiting.pk in left()


def test_an_import_that_died_at_a_terminal_goes(feed: Feed) -> None:
    run(feed, 200, "running", finished_at=None, heartbeat_at=NOW - dt.timedelta(days=200))
    assert prune_runs(now=NOW) == 1


def test_old_imports_go_in_portions(feed: Feed) -> None:
    for days in (200, 199, 198, 197):
        run(feed, days)
    assert [prune_runs(now=NOW, limit=2) for _ in range(3)] == [2, 1, 0]


def test_what_waits_to_be_cleared_is_counted(feed: Feed) -> None:
    run(feed, 200), run(feed, 1)
    OfferCheck.objects.create(offer=make_offer(), state="ok", checked_at=NOW - dt.timedelta(days=91))
    assert rows_to_clear(now=NOW) == 2


def test_the_page_of_jobs_says_what_waits_for_retention() -> None:
    waiting = {row.job.name: row.waiting for row in job_rows(NOW)}
    assert (waiting["catalogue.clear_old_checks"], waiting["catalogue.roll_up_readings"]) == (0, 0)
