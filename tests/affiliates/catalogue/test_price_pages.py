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

from affiliates.catalogue.models import Offer, Reading, ReadingDay, Suspension
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


def test_the_page_says_how_many_readings_it_rests_on_and_where_the_gaps_are(client: Client, cheap: Offer) -> None:
    assert "3 readings and 3 changes of price in these 90 days. No gap longer than 48 hours." in page(client, cheap)


def test_a_gap_is_said_and_dated(client: Client, cheap: Offer) -> None:
    Reading.objects.create(
        offer=cheap, price_minor=8400, currency="EUR", availability="in_stock", observed_at=NOW, policy=cheap.policy,
        before_at=NOW - 3 * DAY,
    )  # fmt: skip
    assert "1 gap in which nobody looked:" in page(client, cheap)


def test_only_the_chart_of_the_shop_that_serves_stands_open(client: Client, cheap: Offer) -> None:
    for _number in range(2):
        saw(make_offer(cheap.product, price_minor=90000, currency="USD", seen_at=NOW), (50, 99000), (10, 90000))
    folded = page(client, cheap).split('<details class="price-history__more">')
    assert len(folded) == 2
    assert "Between €85.00 and €104.00" in folded[0]
    assert "chart__line" in folded[1]


def test_a_suspended_shops_past_prices_are_not_shown(client: Client, cheap: Offer) -> None:
    Suspension.objects.create(merchant=cheap.merchant, reason="Fakes", object_by=NOW)
    html = page(client, cheap)
    assert "85.00" not in html
    assert "We show no present price of it" in html


def test_a_price_found_wrong_is_in_no_chart(client: Client, cheap: Offer) -> None:
    Offer.objects.filter(pk=cheap.pk).update(price_minor=None)
    assert "85.00" not in page(client, cheap)


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


def test_forbidding_history_is_done_once_it_is_confirmed(client: Client, cheap: Offer) -> None:
    client.force_login(make_member_of("Operators"))
    address = reverse("catalogue_sources:edit", args=[cheap.policy_id])
    client.post(address, {"slug": "free-feed", "name": "Free", "max_price_age_hours": 48, "confirm": "on"})
    assert not Reading.objects.exists()


@pytest.mark.parametrize("hours", [0, -1, 8761])
def test_an_absurd_age_of_prices_is_refused(client: Client, cheap: Offer, hours: int) -> None:
    client.force_login(make_member_of("Operators"))
    address = reverse("catalogue_sources:edit", args=[cheap.policy_id])
    client.post(address, {"slug": "free-feed", "name": "F", "may_keep_history": "on", "max_price_age_hours": hours})
    cheap.policy.refresh_from_db()
    assert cheap.policy.max_price_age_hours == 48


def test_a_price_older_than_the_window_opens_it_though_it_was_rolled_up(cheap: Offer) -> None:
    offer = make_offer(price_minor=8500, seen_at=NOW)
    _old(offer, KEPT_DAYS + 5, 10000)
    roll_up_readings(now=NOW)
    saw(offer, (20, 9900), (10, 9800), (3, 8500))
    assert deals_for([offer.pk], now=NOW)[offer.pk].median_minor == 10000


def test_a_time_in_another_currency_is_none_of_the_price(cheap: Offer) -> None:
    offer = make_offer(price_minor=5000, seen_at=NOW)
    saw(offer, (80, 5000))
    Reading.objects.create(
        offer=offer, price_minor=1, currency="USD", availability="in_stock", observed_at=NOW - 60 * DAY,
        policy=offer.policy,
    )  # fmt: skip
    saw(offer, (10, 5000))
    shop = price_history(offer.product_id, now=NOW).by_currency["EUR"][0]
    assert [(NOW - span.end).days for span in shop.spans] == [60, 0]


def test_two_listings_of_one_shop_are_told_apart(cheap: Offer) -> None:
    other = make_offer(cheap.product, cheap.merchant, title="The red one", seen_at=NOW)
    saw(other, (50, 9900), (10, 9000))
    names = [shop.shop for shop in price_history(cheap.product_id, now=NOW).by_currency["EUR"]]
    assert f"{cheap.merchant.name}, The red one" in names


def test_a_year_of_hourly_prices_stays_a_page(client: Client, cheap: Offer) -> None:
    Reading.objects.bulk_create(
        Reading(
            offer=cheap, price_minor=8600 + n % 97, currency="EUR", availability="in_stock",
            observed_at=NOW - 80 * DAY + n * dt.timedelta(minutes=20), policy=cheap.policy,
        )
        for n in range(5000)
    )  # fmt: skip
    html = page(client, cheap)
    assert len(html) < 150_000 and "older prices of" in html


def test_deals_take_as_many_queries_for_one_offer_as_for_many(cheap: Offer) -> None:
    counts = []
    deals_for([cheap.pk], now=NOW)
    for number in (0, 6):
        for _ in range(number):
            saw(make_offer(cheap.product, seen_at=NOW), (50, 9900), (10, 9000))
        with CaptureQueriesContext(connection) as queries:
            deals_for(list(Offer.objects.values_list("pk", flat=True)), now=NOW)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_an_operator_deletes_history_where_terms_forbid_it(client: Client, cheap: Offer, amazon: None) -> None:
    client.force_login(make_member_of("Operators"))
    said = client.get(reverse("catalogue_history")).content.decode()
    client.post(reverse("catalogue_history"), {"confirm": "yes"})
    assert "Delete these 4 rows for good" in said and not Reading.objects.exists()


def test_deleting_history_has_to_be_confirmed(client: Client, cheap: Offer, amazon: None) -> None:
    client.force_login(make_member_of("Operators"))
    client.post(reverse("catalogue_history"))
    assert Reading.objects.count() == 4


def test_an_operator_deletes_no_history_while_it_is_allowed(client: Client, cheap: Offer) -> None:
    client.force_login(make_member_of("Operators"))
    client.post(reverse("catalogue_history"), {"confirm": "yes"})
    assert Reading.objects.count() == 4


@pytest.mark.parametrize("group", ["Editors", "Finance"])
def test_price_history_in_the_admin_is_the_operators_own(
    client: Client, cheap: Offer, amazon: None, group: str
) -> None:
    client.force_login(make_member_of(group))
    client.post(reverse("catalogue_history"), {"confirm": "yes"})
    assert Reading.objects.count() == 4
