from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.offers import (
    DEAD,
    Comparison,
    OfferView,
    as_the_author_wishes,
    block_of,
    blocked,
    compared,
    is_too_old,
    linked,
    offer_rank,
    ranked,
)
from affiliates.catalogue.domain.rates import RateTable
from affiliates.catalogue.domain.serving import serving
from affiliates.catalogue.domain.variants import Difference

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
TABLE = RateTable(
    on=dt.date(2026, 11, 19),
    source="ECB",
    base="EUR",
    rates_e8={"USD": 110_000_000, "GBP": 80_000_000, "JPY": 16_000_000_000},
)


def view(offer_id: int, **changes: object) -> OfferView:
    facts: dict[str, object] = {
        "offer_id": offer_id, "product_id": 1, "merchant_id": 1, "merchant_slug": "acme", "merchant_name": "Acme",
        "merchant_country": "DE", "url": "https://acme.example/", "currency": "EUR", "price_minor": 5000,
        "list_price_minor": None, "price_seen_at": NOW, "price_too_old": False, "source_label": "Acme",
        "availability": "in_stock", "ships": "yes", "delivery_price_minor": 0, "delivery_currency": "EUR",
    }  # fmt: skip
    return OfferView(**{**facts, **changes})  # type: ignore[arg-type]


def seen_from_germany(offer: OfferView) -> OfferView:
    return compared(offer, currency="EUR", country="DE", table=TABLE, on=NOW.date())


def order(*offers: OfferView) -> list[int]:
    return [offer.offer_id for offer in ranked(map(seen_from_germany, offers), country="DE")]


USD = {"currency": "USD", "delivery_currency": "USD"}
HIDDEN = {"price_minor": None, "price_too_old": True, "delivery_price_minor": None, "delivery_currency": ""}
OTHER_COLOUR = (Difference("colour", "black", "white"),)


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"ships": "yes", "price_minor": 9000}, {"ships": "unknown", "price_minor": 100}),
        ({"ships": "unknown"}, {"ships": "no"}),
        ({"availability": "in_stock", "price_minor": 9000}, {"availability": "out_of_stock", "price_minor": 100}),
        ({"availability": "backorder"}, {"availability": "unknown"}),
        ({"price_minor": 9000}, {"price_minor": None}),
        ({"price_minor": 4900}, {**USD, "price_minor": 5500}),
        ({**USD, "price_minor": 5400}, {"price_minor": 5000}),
        ({"price_minor": 9000}, {"currency": "CLP", "delivery_currency": "CLP", "price_minor": 1}),
        ({"price_minor": 5000, "delivery_price_minor": 100}, {"price_minor": 4900, "delivery_price_minor": 900}),
        ({"price_minor": 5000}, {"price_minor": 4000, "delivery_price_minor": None}),
        ({"merchant_country": "DE"}, {"merchant_country": "FR"}),
        ({**USD, "price_minor": 9000}, {**USD, "price_minor": 9001}),
        ({"price_minor": 9000}, {"price_minor": None, "block": "suspended"}),
        ({"ships": "no", "availability": "out_of_stock"}, {"block": "checking"}),
        ({"block": "checking"}, {"block": "gone"}),
        ({"price_minor": 9000}, {"price_minor": 100, "variant_differs": OTHER_COLOUR}),
        ({"ships": "no"}, {"variant_differs": OTHER_COLOUR}),
        ({"variant_differs": OTHER_COLOUR}, {"block": "checking"}),
        ({"condition": "new", "price_minor": 10000}, {"condition": "used", "price_minor": 5000}),
        ({"condition": "refurbished", "price_minor": 6000}, {"condition": "used", "price_minor": 5000}),
        ({"price_minor": 10000}, {"condition": "refurbished", "price_minor": 5000}),
        ({"condition": "used"}, {"condition": "new", "ships": "unknown"}),
        ({**HIDDEN, "currency": "USD", "max_days": 5}, {**HIDDEN, "currency": "GBP", "max_days": 12}),
        ({**HIDDEN, "currency": "USD", "max_days": 12}, {**HIDDEN, "currency": "GBP", "max_days": None}),
        ({**HIDDEN, "currency": "USD", "delivery_price_minor": 900}, {**HIDDEN, "currency": "EUR", "max_days": 1}),
        ({**HIDDEN, "currency": "USD"}, {**HIDDEN, "currency": "EUR", "merchant_country": "FR"}),
    ],
)  # fmt: skip
def test_what_goes_first(better: dict[str, object], worse: dict[str, object]) -> None:
    assert order(view(1, **worse), view(2, **better)) == [2, 1]


def test_among_equals_the_older_offer_goes_first() -> None:
    assert order(view(2), view(1)) == [1, 2]


def test_a_price_with_delivery_in_another_currency_is_not_added_up() -> None:
    assert view(1, delivery_currency="USD").landed_minor is None


def test_a_landed_price_is_converted_as_a_whole_with_the_day_of_its_rate() -> None:
    found = seen_from_germany(view(1, **USD, price_minor=1000, delivery_price_minor=100)).comparison
    assert found == Comparison("EUR", 909, 1000, dt.date(2026, 11, 19), "ECB")


def test_a_price_in_the_readers_currency_is_no_estimate() -> None:
    found = seen_from_germany(view(1)).comparison
    assert found is not None
    assert (found.price_minor, found.is_estimate) == (5000, False)


def test_without_a_rate_an_offer_is_not_compared_and_says_for_which_currency() -> None:
    found = seen_from_germany(view(1, currency="CLP", delivery_currency="CLP")).comparison
    assert found == Comparison("EUR", no_rate_for="CLP")


def test_without_any_rates_offers_in_the_readers_currency_still_go_first() -> None:
    offers = [view(1, **USD, price_minor=1), view(2)]
    found = [compared(one, currency="EUR", country="DE", table=None, on=NOW.date()) for one in offers]
    assert [one.offer_id for one in ranked(found, country="DE")] == [2, 1]


@pytest.mark.parametrize(("origin", "crosses"), [("AT", False), ("DE", False), ("GB", True), ("CH", True)])
def test_a_parcel_from_outside_the_union_meets_customs(origin: str, crosses: bool) -> None:
    assert seen_from_germany(view(1, merchant_country=origin)).crosses_customs is crosses


@pytest.mark.parametrize(("age", "old"), [(dt.timedelta(hours=48), False), (dt.timedelta(hours=48, seconds=1), True)])
def test_a_price_lasts_as_long_as_its_source_allows(age: dt.timedelta, old: bool) -> None:
    assert is_too_old(NOW - age, 48, NOW) is old


def test_a_price_without_a_time_is_too_old() -> None:
    assert is_too_old(None, 48, NOW)


# The button and why it is off ------------------------------------------------------------------------------------
@pytest.mark.parametrize("health", sorted(DEAD))
def test_a_page_that_is_gone_turns_the_button_off(health: str) -> None:
    assert block_of(health, is_hidden=True, is_suspended=True) == "gone"


@pytest.mark.parametrize(
    ("health", "hidden", "suspended", "block"),
    [("ok", False, False, ""), ("sold_out", False, False, ""), ("ok", True, False, "checking"),
     ("", True, True, "suspended")],
)  # fmt: skip
def test_reports_and_suspensions_turn_it_off(health: str, hidden: bool, suspended: bool, block: str) -> None:
    assert block_of(health, is_hidden=hidden, is_suspended=suspended) == block


def test_an_offer_whose_button_is_off_shows_no_price_and_leads_nowhere() -> None:
    off = linked(blocked(view(1, list_price_minor=9000), "checking"), "/go/x")
    assert (off.price_minor, off.list_price_minor, off.landed_minor, off.go_path) == (None, None, None, "")


# The author's shop -----------------------------------------------------------------------------------------------
def wished(*offers: OfferView, shop: str = "own", may_switch: bool = True) -> list[OfferView]:
    found = ranked(map(seen_from_germany, offers), country="DE")
    return list(as_the_author_wishes(found, preferred_shop=shop, may_switch=may_switch, country="DE"))


def test_the_authors_shop_is_marked_and_not_moved_up() -> None:
    found = wished(view(1, merchant_slug="own", price_minor=6000), view(2, price_minor=5000))
    assert [(one.offer_id, one.is_preferred) for one in found] == [(2, False), (1, True)]


def test_where_switching_is_allowed_a_sold_out_shop_gives_way() -> None:
    found = wished(view(1, merchant_slug="own", price_minor=10, availability="out_of_stock"), view(2))
    assert found[0].offer_id == 2


def test_where_it_is_forbidden_the_authors_shop_stays_sold_out_as_it_is() -> None:
    own = view(1, merchant_slug="own", price_minor=10, availability="out_of_stock")
    found = wished(own, view(2), may_switch=False)
    assert [(one.offer_id, one.availability) for one in found] == [(1, "out_of_stock"), (2, "in_stock")]


def test_forbidding_to_switch_moves_no_dearer_shop_up() -> None:
    own = view(1, merchant_slug="own", price_minor=9000, availability="out_of_stock")
    assert wished(own, view(2), may_switch=False)[0].offer_id == 2


def test_without_an_own_shop_the_first_one_stays() -> None:
    found = wished(view(1, price_minor=10, availability="out_of_stock"), view(2), shop="", may_switch=False)
    assert found[0].offer_id == 1


# The exact product or nothing ------------------------------------------------------------------------------------
def test_another_variant_serves_nobody_while_the_exact_one_is_listed() -> None:
    offers = [view(1, ships="no"), view(2, variant_differs=OTHER_COLOUR)]
    assert serving(offers, country_known=True) == "not_shipped"


def test_where_only_another_variant_is_listed_it_serves_and_says_so() -> None:
    assert serving([view(1, variant_differs=OTHER_COLOUR)], country_known=True) == "served"


# What always holds -----------------------------------------------------------------------------------------------
offers = st.builds(
    view,
    st.integers(1, 10**6),
    ships=st.sampled_from(["yes", "no", "unknown"]),
    availability=st.sampled_from(["in_stock", "limited", "out_of_stock", "preorder", "backorder", "unknown"]),
    currency=st.sampled_from(["EUR", "USD", "JPY", "CLP"]),
    price_minor=st.none() | st.integers(0, 10**9),
    delivery_price_minor=st.none() | st.integers(0, 10**5),
    delivery_currency=st.sampled_from(["EUR", "USD", "CLP"]),
    merchant_country=st.sampled_from(["DE", "GB", "JP"]),
    block=st.sampled_from(["", "checking", "suspended", "gone"]),
)
some = st.lists(offers, unique_by=lambda offer: offer.offer_id, max_size=8)


@given(some)
def test_the_order_is_total_and_the_same_from_every_start(found: list[OfferView]) -> None:
    assert order(*found) == order(*reversed(found))


@given(offers, offers)
def test_of_two_offers_exactly_one_goes_first(one: OfferView, other: OfferView) -> None:
    first, second = (offer_rank(seen_from_germany(offer), country="DE") for offer in (one, other))
    assert (first < second) + (second < first) == (one.offer_id != other.offer_id or first != second)


@given(some)
def test_unknown_shipping_never_stands_above_known_shipping(found: list[OfferView]) -> None:
    shown = ranked(map(seen_from_germany, found), country="DE")
    words = [offer.ships for offer in shown if not offer.block]
    assert words == sorted(words, key=["yes", "unknown", "no"].index)


@given(some)
def test_the_authors_wishes_lose_and_invent_no_offer(found: list[OfferView]) -> None:
    for shop, may_switch in itertools.product(("acme", ""), (True, False)):
        assert sorted(one.offer_id for one in wished(*found, shop=shop, may_switch=may_switch)) == sorted(order(*found))


def test_commission_is_no_fact_of_an_offer() -> None:
    names = " ".join(field.name for field in fields(OfferView))
    assert not [word for word in ("commission", "rate_percent", "program", "share", "payout") if word in names]
