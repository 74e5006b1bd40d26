"""Which readings imports keep: what was seen, when it was seen, and nothing that was not."""

from __future__ import annotations

import datetime as dt

import pytest

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.models import Reading
from affiliates.catalogue.services.listings import Outcome, apply_rows
from affiliates.parties.models import Merchant
from tests.factories.catalogue import make_policy
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 11, 2, 12, tzinfo=dt.UTC)
ROW = FeedRow(external_id="A", title="Kettle", url="https://shop.example/p/a", currency="EUR", price_minor=1000)
HOUR = dt.timedelta(hours=1)
ON_SALE = ROW._replace(sale_price_minor=800, sale_starts_at=START + 3 * HOUR, sale_ends_at=START + 30 * HOUR)


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant()


def take(merchant: Merchant, hours: int, row: FeedRow = ROW) -> Outcome:
    return apply_rows(merchant=merchant, rows=[row], policy=make_policy(), now=START + hours * HOUR, index=False)


def kept() -> list[tuple[int, int | None, int | None]]:
    """Hours after the start, price, and the hour it had last been seen before."""

    def hour(at: dt.datetime | None) -> int | None:
        return None if at is None else (at - START) // HOUR

    rows = Reading.objects.values_list("observed_at", "price_minor", "before_at")
    return [(hour(at) or 0, minor, hour(before)) for at, minor, before in rows]


def test_a_price_that_is_said_again_is_no_reading(merchant: Merchant) -> None:
    for hours in (0, 6, 12):
        take(merchant, hours)
    assert kept() == [(0, 1000, None)]


def test_a_sale_is_kept_from_when_an_import_saw_it_and_not_from_when_it_was_announced(merchant: Merchant) -> None:
    for hours in (0, 1, 6, 12, 40):
        take(merchant, hours, ON_SALE)
    assert kept() == [(0, 1000, None), (6, 800, 1), (40, 1000, 12)]


def test_a_sale_that_came_and_went_unseen_is_not_invented(merchant: Merchant) -> None:
    for hours in (0, 2, 40):
        take(merchant, hours, ON_SALE)
    assert kept() == [(0, 1000, None)]


def test_a_return_after_a_silence_is_kept_with_the_time_it_was_last_seen(merchant: Merchant) -> None:
    for hours in (0, 5, 105):
        take(merchant, hours)
    assert kept() == [(0, 1000, None), (105, 1000, 5)]


def test_a_return_changes_nothing_of_the_offer(merchant: Merchant) -> None:
    take(merchant, 0)
    again = take(merchant, 100)
    assert (again.unchanged, again.updated) == (1, [])


def test_another_title_alone_is_no_reading(merchant: Merchant) -> None:
    take(merchant, 0)
    take(merchant, 6, ROW._replace(title="Kettle, red"))
    assert kept() == [(0, 1000, None)]
