"""Price history, deals and what sources and terms forbid, on the product's page."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from wagtail.models import Site

import pytest

from affiliates.catalogue.models import Offer, Reading, ReadingDay
from affiliates.catalogue.selectors.price_history import deals_for, price_history
from affiliates.catalogue.services.retention import KEPT_DAYS, roll_up_readings
from cms.core import generation
from cms.core.models import SiteSettings
from tests.factories.catalogue import make_offer, make_policy
from tests.factories.community import make_member_of

pytestmark = pytest.mark.django_db
NOW = timezone.now().replace(microsecond=0)
DAY = dt.timedelta(days=1)


def saw(offer: Offer, *steps: tuple[int, int | None]) -> None:
    """Readings by days ago, each confirmed up to the next."""
    for number, (days, minor) in enumerate(steps):
        Reading.objects.create(
            offer=offer, price_minor=minor, currency=offer.currency, availability="in_stock",
            observed_at=NOW - days * DAY, before_at=NOW - days * DAY if number else None, policy=offer.policy,
        )  # fmt: skip


@pytest.fixture
def cheap() -> Offer:
    offer = make_offer(price_minor=8500, seen_at=NOW)
    saw(offer, (90, 10000), (60, 10400), (31, 10000), (3, 8500))
    return offer


@pytest.fixture
def amazon(django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        SiteSettings.objects.update_or_create(
            site=Site.objects.get(is_default_site=True), defaults={"amazon_associates": True, "amazon_consent": ""}
        )


def page(client: Client, offer: Offer) -> str:
    return client.get(f"/products/{offer.product.slug}/").content.decode()


def test_the_page_says_the_range_draws_it_and_tables_it(client: Client, cheap: Offer) -> None:
    html = page(client, cheap)
    assert "Between €85.00 and €104.00" in html and "chart__line" in html and "as a table" in html


def test_a_deal_is_labelled_with_both_numbers(client: Client, cheap: Offer) -> None:
    assert "€85.00 is the lowest in 30 days and 15 % under the 90-day median of €100.00." in page(client, cheap)


def test_a_shops_own_crossed_out_price_is_no_deal(client: Client) -> None:
    assert "deal__label" not in page(client, make_offer(price_minor=5000, list_price_minor=9900))


def test_one_price_is_nothing_to_draw(client: Client) -> None:
    offer = make_offer(seen_at=NOW)
    saw(offer, (3, 4990))
    assert "nothing to draw yet" in page(client, offer)


def test_a_source_without_history_says_so(client: Client) -> None:
    offer = make_offer(policy=make_policy("strict", may_keep_history=False))
    assert "do not allow us to keep their prices" in page(client, offer)


def test_a_price_too_old_to_show_is_no_deal(cheap: Offer) -> None:
    Offer.objects.filter(pk=cheap.pk).update(price_seen_at=NOW - 5 * DAY)
    assert deals_for([cheap.pk], now=NOW) == {}


def test_a_sold_out_offer_is_no_deal(cheap: Offer) -> None:
    Offer.objects.filter(pk=cheap.pk).update(availability="out_of_stock")
    assert deals_for([cheap.pk], now=NOW) == {}


def test_two_currencies_are_never_one_line(cheap: Offer) -> None:
    other = make_offer(cheap.product, price_minor=9000, currency="USD", seen_at=NOW)
    saw(other, (50, 9900), (10, 9000))
    assert set(price_history(cheap.product_id, now=NOW).by_currency) == {"EUR", "USD"}


def test_queries_are_equal_for_one_shop_and_for_many(cheap: Offer) -> None:
    counts = []
    price_history(cheap.product_id, now=NOW)
    for number in (0, 6):
        for _ in range(number):
            saw(make_offer(cheap.product, seen_at=NOW), (50, 9900), (10, 9000))
        with CaptureQueriesContext(connection) as queries:
            price_history(cheap.product_id, now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_with_amazon_and_without_consent_nothing_is_followed(client: Client, cheap: Offer, amazon: None) -> None:
    html = page(client, cheap)
    assert "What the price did" not in html and "deal__label" not in html


def test_with_amazon_the_database_keeps_no_reading(cheap: Offer, amazon: None) -> None:
    with pytest.raises(DatabaseError, match="does not allow history"), transaction.atomic():
        saw(cheap, (1, 8000))


def test_with_amazons_consent_prices_are_followed(client: Client, cheap: Offer, amazon: None) -> None:
    SiteSettings.objects.update(amazon_consent="Mail of 3 May")
    generation._bump()
    assert "What the price did" in page(client, cheap)


def test_history_is_not_forgotten_while_it_is_allowed(cheap: Offer) -> None:
    with pytest.raises(CommandError, match="Price tracking is on"):
        call_command("forget_price_history", "--yes")


def test_history_is_forgotten_where_terms_forbid_it(cheap: Offer, amazon: None) -> None:
    call_command("forget_price_history", "--yes")
    assert not Reading.objects.exists()


def _old(offer: Offer, days: int, *prices: int) -> None:
    for hour, minor in enumerate(prices):
        at = (NOW - days * DAY).replace(hour=hour + 1, minute=0, second=0)
        Reading.objects.create(
            offer=offer, price_minor=minor, currency="EUR", availability="in_stock", observed_at=at, policy=offer.policy
        )


def test_old_readings_are_rolled_up_by_day(cheap: Offer) -> None:
    _old(cheap, KEPT_DAYS + 5, 100, 80, 90)
    assert roll_up_readings(now=NOW) == 3
    day = ReadingDay.objects.get()
    assert (day.low_minor, day.high_minor, day.last_minor, day.readings) == (80, 100, 90, 3)


def test_rolling_up_in_portions_comes_to_the_same(cheap: Offer) -> None:
    _old(cheap, KEPT_DAYS + 5, 100, 80, 90)
    while roll_up_readings(now=NOW, limit=1):
        pass
    day = ReadingDay.objects.get()
    assert (day.low_minor, day.high_minor, day.last_minor, day.readings) == (80, 100, 90, 3)


def test_recent_readings_stay(cheap: Offer) -> None:
    assert (roll_up_readings(now=NOW), Reading.objects.count()) == (0, 4)


def test_an_old_reading_that_was_not_summed_up_does_not_go(cheap: Offer) -> None:
    _old(cheap, KEPT_DAYS + 5, 100)
    with pytest.raises(DatabaseError, match="not deleted"), transaction.atomic():
        Reading.objects.filter(observed_at__lt=NOW - KEPT_DAYS * DAY).delete()


def test_forbidding_history_has_to_be_confirmed(client: Client, cheap: Offer) -> None:
    client.force_login(make_member_of("Operators"))
    address = reverse("catalogue_sources:edit", args=[cheap.policy_id])
    said = client.post(address, {"slug": "free-feed", "name": "Free", "max_price_age_hours": 48}).content.decode()
    assert "This deletes 4 readings for good" in said and Reading.objects.count() == 4
