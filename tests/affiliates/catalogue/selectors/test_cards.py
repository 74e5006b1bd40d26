from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, Product
from affiliates.catalogue.selectors.cards import ProductCard, product_cards
from cms.core.models import SiteSettings, site_defaults
from tests.factories.catalogue import make_delivery, make_lane, make_offer, make_policy, make_product
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db


def card(product: Product, country: str | None = "DE", now: dt.datetime | None = None) -> ProductCard:
    return product_cards([product.pk], reader_country=country, now=now or timezone.now())[product.pk]


def ships(offer: Offer, country: str | None = "DE") -> str:
    shown = card(offer.product, country).offer
    assert shown is not None
    return shown.ships


def test_the_card_shows_the_offer_with_its_shop_price_and_time() -> None:
    offer = make_offer(merchant=make_merchant("acme", name="Acme", home_country="DE"))
    shown = card(offer.product).offer
    assert shown is not None
    assert (shown.merchant_name, shown.merchant_country, shown.price_minor) == ("Acme", "DE", 4990)
    assert (shown.price_seen_at, shown.source_label) == (offer.price_seen_at, "Acme")


def test_a_price_disappears_when_older_than_its_source_allows() -> None:
    now = timezone.now()
    offer = make_offer(seen_at=now - dt.timedelta(hours=25), policy=make_policy("daily", max_price_age_hours=24))
    shown = card(offer.product, now=now).offer
    assert shown is not None
    assert (shown.price_minor, shown.list_price_minor, shown.price_too_old) == (None, None, True)


def test_each_source_has_its_own_age() -> None:
    now = timezone.now()
    offer = make_offer(seen_at=now - dt.timedelta(hours=25), policy=make_policy("weekly", max_price_age_hours=168))
    shown = card(offer.product, now=now).offer
    assert shown is not None
    assert (shown.price_minor, shown.price_too_old) == (4990, False)


def test_an_offer_never_priced_is_not_called_too_old() -> None:
    shown = card(make_offer(price_minor=None, price_seen_at=None).product).offer
    assert shown is not None
    assert (shown.price_minor, shown.price_too_old) == (None, False)


def test_nothing_known_is_shown_as_unknown() -> None:
    assert ships(make_offer()) == "unknown"


def test_a_stated_delivery_is_a_yes_with_price_and_days() -> None:
    offer = make_offer()
    make_delivery(offer, "DE", 390, min_days=1, max_days=3)
    shown = card(offer.product).offer
    assert shown is not None
    assert (shown.ships, shown.delivery_price_minor, shown.min_days, shown.max_days) == ("yes", 390, 1, 3)


def test_delivery_elsewhere_says_nothing_about_here() -> None:
    offer = make_offer()
    make_delivery(offer, "AT")
    assert ships(offer) == "unknown"


@pytest.mark.parametrize("word", ["yes", "no", "unknown"])
def test_a_lane_speaks_for_the_whole_shop(word: str) -> None:
    offer = make_offer()
    make_lane(offer.merchant, "DE", word)
    assert ships(offer) == word


def test_to_an_unknown_country_nothing_ships() -> None:
    offer = make_offer()
    make_delivery(offer, "DE")
    make_lane(offer.merchant, "DE", "yes")
    shown = card(offer.product, country=None).offer
    assert shown is not None
    assert (shown.ships, shown.delivery_price_minor, shown.max_days) == ("unknown", None, None)


def test_the_sites_default_country_serves_where_the_readers_is_unknown() -> None:
    product = make_product()
    make_offer(product, make_merchant(home_country="US", currency="USD"), price_minor=100)
    british = make_offer(product, make_merchant(home_country="GB", currency="GBP"), price_minor=9000)
    site = SiteSettings.objects.filter(site__is_default_site=True).first()
    if site is None:
        from wagtail.models import Site

        site = SiteSettings(site=Site.objects.get(is_default_site=True))
    site.default_country = "GB"
    site.save()
    shown = card(product, country=None).offer
    assert shown is not None
    assert shown.offer_id == british.pk


def test_the_cheapest_stated_delivery_counts() -> None:
    offer = make_offer()
    make_delivery(offer, "DE", None, service="pick-up")
    make_delivery(offer, "DE", 990, service="express")
    make_delivery(offer, "DE", 390, service="standard")
    shown = card(offer.product).offer
    assert shown is not None
    assert shown.delivery_price_minor == 390


def test_readers_of_two_countries_see_two_shops() -> None:
    product = make_product()
    german = make_offer(product, make_merchant(home_country="DE"))
    british = make_offer(product, make_merchant(home_country="GB", currency="GBP"))
    make_delivery(german, "DE")
    make_delivery(british, "GB")
    shown = {country: card(product, country).offer for country in ("DE", "GB")}
    assert {country: view.offer_id for country, view in shown.items() if view} == {"DE": german.pk, "GB": british.pk}


def test_offers_that_are_gone_or_of_a_closed_shop_are_not_shown() -> None:
    product = make_product()
    make_offer(product, gone_at=timezone.now())
    make_offer(product, make_merchant(is_active=False))
    assert card(product).offers == ()


def test_the_other_offers_follow_in_order() -> None:
    product = make_product()
    offers = [make_offer(product, price_minor=price) for price in (3000, 1000, 2000)]
    shown = card(product)
    assert [view.offer_id for view in shown.offers] == [offers[1].pk, offers[2].pk, offers[0].pk]
    assert shown.other_offers == shown.offers[1:]


def test_a_product_that_does_not_exist_is_missing() -> None:
    assert product_cards([0], reader_country="DE", now=timezone.now()) == {}


@pytest.mark.parametrize("country", ["DE", None])
def test_queries_are_equal_for_two_and_twelve_products(country: str | None) -> None:
    ids = []
    for _ in range(12):
        offers = [make_offer(make_product()), make_offer(make_product())]
        for offer in offers:
            make_delivery(offer)
            make_lane(offer.merchant, "DE")
        ids.append(offers[0].product_id)
    counted = []
    site_defaults()
    for some in (ids[:2], ids):
        with CaptureQueriesContext(connection) as queries:
            product_cards(some, reader_country=country, now=timezone.now())
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 6
