from __future__ import annotations

import datetime as dt

import pytest

from affiliates.catalogue.domain.offers import OfferView, is_too_old, offer_rank

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def view(offer_id: int, **changes: object) -> OfferView:
    facts: dict[str, object] = {
        "offer_id": offer_id, "product_id": 1, "merchant_id": 1, "merchant_slug": "acme", "merchant_name": "Acme",
        "merchant_country": "DE", "url": "https://acme.example/", "currency": "EUR", "price_minor": 5000,
        "list_price_minor": None, "price_seen_at": NOW, "price_too_old": False, "source_label": "Acme",
        "availability": "in_stock", "ships": "yes", "delivery_price_minor": 0, "delivery_currency": "EUR",
    }  # fmt: skip
    return OfferView(**{**facts, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"ships": "yes", "price_minor": 9000}, {"ships": "unknown", "price_minor": 100}),
        ({"ships": "unknown"}, {"ships": "no"}),
        ({"availability": "in_stock", "price_minor": 9000}, {"availability": "out_of_stock", "price_minor": 100}),
        ({"availability": "backorder"}, {"availability": "unknown"}),
        ({"price_minor": 9000}, {"price_minor": None}),
        ({"price_minor": 9000}, {"currency": "USD", "delivery_currency": "USD", "price_minor": 1}),
        ({"price_minor": 5000, "delivery_price_minor": 100}, {"price_minor": 4900, "delivery_price_minor": 900}),
        ({"price_minor": 5000}, {"price_minor": 4000, "delivery_price_minor": None}),
        ({"merchant_country": "DE"}, {"merchant_country": "FR"}),
        ({"currency": "USD", "delivery_currency": "USD", "price_minor": 9000},
         {"currency": "USD", "delivery_currency": "USD", "price_minor": 9001}),
    ],
)  # fmt: skip
def test_what_goes_first(better: dict[str, object], worse: dict[str, object]) -> None:
    offers = [view(1, **worse), view(2, **better)]
    offers.sort(key=lambda offer: offer_rank(offer, country="DE", home_currency="EUR"))
    assert [offer.offer_id for offer in offers] == [2, 1]


def test_among_equals_the_older_offer_goes_first() -> None:
    ranks = [offer_rank(view(number), country="DE", home_currency="EUR") for number in (1, 2)]
    assert ranks[0] < ranks[1]


def test_a_price_with_delivery_in_another_currency_is_not_added_up() -> None:
    assert view(1, delivery_currency="USD").landed_minor is None


@pytest.mark.parametrize(("age", "old"), [(dt.timedelta(hours=48), False), (dt.timedelta(hours=48, seconds=1), True)])
def test_a_price_lasts_as_long_as_its_source_allows(age: dt.timedelta, old: bool) -> None:
    assert is_too_old(NOW - age, 48, NOW) is old


def test_a_price_without_a_time_is_too_old() -> None:
    assert is_too_old(None, 48, NOW)
