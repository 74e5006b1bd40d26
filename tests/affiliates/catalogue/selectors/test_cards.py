from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, OfferHealth, Product, Suspension
from affiliates.catalogue.selectors.alternatives import with_alternatives
from affiliates.catalogue.selectors.cards import ProductCard, product_cards
from cms.core.models import SiteSettings
from tests.factories.catalogue import make_delivery, make_lane, make_offer, make_policy, make_product, make_rates
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


def test_the_card_says_that_somebody_had_it_before() -> None:
    shown = card(make_offer(condition="used").product).offer
    assert shown is not None
    assert shown.condition == "used"


def test_what_a_person_found_out_outweighs_what_the_feed_promises() -> None:
    offer = make_offer()
    make_delivery(offer, "DE")
    make_lane(offer.merchant, "DE", "no", source="Phone call with the shop")
    assert ships(offer) == "no"


def test_a_feeds_own_no_of_the_shop_leaves_a_listings_delivery() -> None:
    offer = make_offer()
    make_delivery(offer, "DE")
    make_lane(offer.merchant, "DE", "no", source_kind="feed")
    assert ships(offer) == "yes"


def test_a_lane_names_who_says_so_and_when() -> None:
    offer, seen = make_offer(), timezone.now()
    make_lane(offer.merchant, "DE", "yes", source="Phone call with the shop", seen_at=seen)
    shown = card(offer.product).offer
    assert shown is not None
    assert (shown.ships_source, shown.ships_seen_at) == ("Phone call with the shop", seen)


def test_a_delivery_of_the_feed_needs_no_source_of_its_own() -> None:
    offer = make_offer()
    make_delivery(offer, "DE")
    make_lane(offer.merchant, "DE", "yes", source="Phone call with the shop")
    shown = card(offer.product).offer
    assert shown is not None
    assert shown.ships_source == ""


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


# What turns a button off ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("state", ["gone", "soft_gone", "redirected", "title_mismatch"])
def test_an_offer_whose_page_is_gone_is_last_and_without_price(state: str) -> None:
    product = make_product()
    dead, alive = make_offer(product, price_minor=100), make_offer(product, price_minor=9000)
    OfferHealth.objects.create(offer=dead, state=state)
    shown = card(product)
    assert [view.offer_id for view in shown.offers] == [alive.pk, dead.pk]
    assert (shown.offers[1].block, shown.offers[1].price_minor) == ("gone", None)


@pytest.mark.parametrize("state", ["ok", "unchecked", "blocked", "slow", "price_mismatch", "sold_out"])
def test_what_is_merely_odd_turns_nothing_off(state: str) -> None:
    offer = make_offer()
    OfferHealth.objects.create(offer=offer, state=state)
    assert card(offer.product).offers[0].block == ""


def test_an_offer_that_readers_reported_shows_no_price_until_it_is_checked() -> None:
    offer = make_offer()
    OfferHealth.objects.create(offer=offer, hidden_at=timezone.now())
    shown = card(offer.product).offers[0]
    assert (shown.block, shown.price_minor) == ("checking", None)


def test_a_suspended_shop_shows_no_price_until_it_is_lifted() -> None:
    offer = make_offer()
    suspension = Suspension.objects.create(merchant=offer.merchant, reason="Fakes", object_by=timezone.now())
    assert card(offer.product).offers[0].block == "suspended"
    Suspension.objects.filter(pk=suspension.pk).update(lifted_at=timezone.now())
    assert card(offer.product).offers[0].price_minor == 4990


def test_what_sending_costs_disappears_with_the_price() -> None:
    offer = make_offer(seen_at=timezone.now() - dt.timedelta(days=30))
    make_delivery(offer, "DE", 390, min_days=1, max_days=3)
    shown = card(offer.product).offers[0]
    assert (shown.ships, shown.delivery_price_minor, shown.max_days) == ("yes", None, 3)


# Whom it serves ---------------------------------------------------------------------------------------------------
def test_a_shop_that_ships_and_has_it_serves() -> None:
    offer = make_offer()
    make_delivery(offer, "NO")
    assert card(offer.product, "NO").serving == "served"


@pytest.mark.parametrize(("ships", "word"), [("no", "not_shipped"), ("unknown", "not_known")])
def test_where_nobody_is_known_to_ship_nothing_serves(ships: str, word: str) -> None:
    offer = make_offer()
    make_lane(offer.merchant, "NO", ships)
    assert card(offer.product, "NO").serving == word


def test_sold_out_wherever_it_ships_is_said_as_such() -> None:
    product = make_product()
    make_delivery(make_offer(product, availability="out_of_stock"), "NO")
    make_offer(product)
    assert card(product, "NO").serving == "sold_out"


def test_a_reader_from_nowhere_in_particular_is_served_by_any_shop_that_has_it() -> None:
    product = make_offer().product
    assert card(product, None).serving == "served"
    Offer.objects.update(availability="out_of_stock")
    assert card(product, None).serving == "sold_out"


def test_no_shop_and_no_shop_in_order_are_two_things() -> None:
    offer = make_offer()
    OfferHealth.objects.create(offer=offer, state="gone")
    assert card(make_product()).serving == "unlisted"
    assert card(offer.product).serving == "off"


# What can be had instead ------------------------------------------------------------------------------------------
def serving_offer(country: str = "NO", price_minor: int = 4990, **fields: object) -> Product:
    """A kettle that a shop has and sends there."""
    fields = {"category": "kitchen", "kind": "kettle", **fields}
    offer = make_offer(make_product(**fields), price_minor=price_minor)
    make_delivery(offer, country)
    return offer.product


def instead_of(product: Product, *chosen: Product, country: str | None = "NO") -> list[tuple[int, bool]]:
    now = timezone.now()
    cards = product_cards([product.pk, *(one.pk for one in chosen)], reader_country=country, now=now)
    found = with_alternatives(cards, chosen=[cards[one.pk] for one in chosen], only=[product.pk], now=now)
    return [(one.card.product.pk, one.by_author) for one in found[product.pk].alternatives]


@pytest.fixture
def wanted() -> Product:
    """A kettle of which nobody knows whether it ships anywhere."""
    return make_offer(make_product(category="kitchen", kind="kettle")).product


def test_first_what_the_author_chose_then_what_is_alike(wanted: Product) -> None:
    alike, chosen = serving_offer(price_minor=100), serving_offer(price_minor=9000)
    assert instead_of(wanted, chosen) == [(chosen.pk, True), (alike.pk, False)]


def test_a_product_that_serves_needs_no_other() -> None:
    one, _other = serving_offer(), serving_offer()
    assert instead_of(one) == []


def test_at_most_three_are_named_the_cheapest_with_delivery_first(wanted: Product) -> None:
    found = [serving_offer(price_minor=price) for price in (4000, 1000, 3000, 2000)]
    assert instead_of(wanted) == [(found[1].pk, False), (found[3].pk, False), (found[2].pk, False)]


@pytest.mark.parametrize("fields", [{"kind": "lamp"}, {"category": "office", "kind": "pen"}])
def test_another_kind_of_thing_is_no_alternative(wanted: Product, fields: dict[str, str]) -> None:
    other = serving_offer(**fields)
    assert instead_of(wanted, other) == []


def test_what_is_sold_out_goes_elsewhere_or_is_off_is_no_alternative(wanted: Product) -> None:
    serving_offer("DE")
    sold, reported, suspended = (serving_offer().offers.get() for _ in range(3))
    Offer.objects.filter(pk=sold.pk).update(availability="out_of_stock")
    OfferHealth.objects.create(offer=reported, hidden_at=timezone.now())
    Suspension.objects.create(merchant=suspended.merchant, reason="Fakes", object_by=timezone.now())
    assert instead_of(wanted) == []


def test_a_lane_makes_an_alternative_too(wanted: Product) -> None:
    other = make_offer(make_product(category="kitchen", kind="kettle"))
    make_lane(other.merchant, "NO", "yes")
    assert instead_of(wanted) == [(other.product_id, False)]


def test_a_thing_nobody_classed_is_like_nothing() -> None:
    serving_offer(category="", kind="")
    assert instead_of(make_offer().product) == []


@pytest.mark.parametrize("country", ["DE", None])
def test_queries_are_equal_for_two_and_twelve_products(country: str | None) -> None:
    make_rates()
    ids = []
    for _ in range(12):
        offers = [make_offer(make_product()), make_offer(make_product(), make_merchant(currency="USD"))]
        for offer in offers:
            make_delivery(offer)
            make_lane(offer.merchant, "DE")
            OfferHealth.objects.create(offer=offer)
        ids += [offer.product_id for offer in offers]
    counted = []
    for some in (ids[:2], ids[:2], ids):
        with CaptureQueriesContext(connection) as queries:
            product_cards(some, reader_country=country, now=timezone.now())
        counted.append(len(queries))
    assert counted[0] <= 9
    assert counted[1] == counted[2]


def test_alternatives_cost_equally_many_queries_for_one_and_twelve_products() -> None:
    now, kinds = timezone.now(), [f"kind {number}" for number in range(12)]
    wanting = [make_offer(make_product(category="kitchen", kind=kind)).product_id for kind in kinds]
    for kind in kinds:
        serving_offer(kind=kind)
    counted = []
    for some in (wanting[:1], wanting):
        cards = product_cards(some, reader_country="NO", now=now)
        with CaptureQueriesContext(connection) as queries:
            found = with_alternatives(cards, chosen=[], now=now)
        assert all(card.alternatives for card in found.values())
        counted.append(len(queries))
    assert counted[0] == counted[1] <= 9
