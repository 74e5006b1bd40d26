"""Which of a page's offers is ours: the only one, or the one that says so; otherwise what all say alike."""

from __future__ import annotations

import json
from typing import Any

import pytest

from affiliates.catalogue.domain.page_markup import read_markup
from affiliates.catalogue.domain.page_offers import Ours
from affiliates.catalogue.domain.shop_pages import ShopPage, read_shop_page

GTIN, SISTER = "4006381333931", "4012345678901"
OURS = Ours(
    gtins=frozenset({GTIN}), number="L", url="https://shop.example/p/lamp?variant=2", price_minor=12900, currency="EUR",
    condition="new",
)  # fmt: skip
#: Told by nothing but what a test adds.
UNKNOWN = Ours(url="https://shop.example/p/lamp?variant=2", price_minor=15000, currency="EUR")


def offer(price: str, **facts: Any) -> dict[str, Any]:
    return {"@type": "Offer", "price": price, "priceCurrency": "EUR", **facts}


def read(*products: dict[str, Any], ours: Ours = OURS) -> ShopPage:
    named = [{"@type": "Product", "name": "Lamp", **product} for product in products]
    return read_shop_page(read_markup(f'<script type="application/ld+json">{json.dumps(named)}</script>'), ours)


def of(*offers: dict[str, Any], ours: Ours = UNKNOWN) -> ShopPage:
    return read({"offers": list(offers)}, ours=ours)


def test_the_only_offer_is_ours() -> None:
    assert of(offer("99.00")).price_minor == 9900


def test_the_first_of_several_is_not_taken_for_ours() -> None:
    page = of(offer("99.00"), offer("129.00"))
    assert (page.price_minor, page.is_open, page.has_price) == (None, True, True)


@pytest.mark.parametrize(
    ("ours", "facts"),
    [
        (Ours(gtins=frozenset({GTIN})), {"gtin13": GTIN}),
        (Ours(number="lamp-l"), {"sku": "LAMP-L"}),
        (UNKNOWN, {"url": "/p/lamp?variant=2&utm_source=feed"}),
    ],
)
def test_the_one_with_our_number_or_address_is_ours(ours: Ours, facts: dict[str, Any]) -> None:
    sister = {"gtin13": SISTER, "sku": "LAMP-S", "url": "/p/lamp?variant=1"}
    page = of(offer("99.00", **sister), offer("119.00", **facts), ours=ours)
    assert (page.price_minor, page.is_open) == (11900, False)


def test_the_one_at_our_price_is_ours_and_so_is_its_stock() -> None:
    page = of(offer("99.00", availability="InStock"), offer("129.00", availability="OutOfStock"), ours=OURS)
    assert (page.price_minor, page.availability) == (12900, "out_of_stock")


def test_a_sister_at_our_price_is_not_ours() -> None:
    page = of(offer("129.00", gtin13=SISTER), offer("139.00", gtin13=GTIN), ours=OURS)
    assert page.price_minor == 13900


def test_where_only_sisters_are_left_nothing_is_said_of_ours() -> None:
    page = of(offer("99.00", gtin13=SISTER), offer("99.00", gtin13="4006381000017"), ours=OURS)
    assert (page.price_minor, page.gtin) == (None, "")


def test_a_used_piece_is_not_ours() -> None:
    page = of(offer("50.00", itemCondition="https://schema.org/UsedCondition"), offer("99.00"), ours=OURS)
    assert page.price_minor == 9900


def test_what_all_variants_say_alike_holds_for_ours() -> None:
    page = of(offer("99.00", sku="40", availability="InStock"), offer("99.00", sku="41", availability="OutOfStock"))
    assert (page.price_minor, page.availability) == (9900, "unknown")


def test_a_variant_is_told_by_its_own_number() -> None:
    variants = [
        {"gtin13": SISTER, "offers": offer("99.00", availability="InStock")},
        {"gtin13": GTIN, "offers": offer("139.00", availability="OutOfStock")},
    ]
    page = read({"@type": "ProductGroup", "hasVariant": variants}, ours=OURS)
    assert (page.price_minor, page.availability, page.gtin) == (13900, "out_of_stock", GTIN)


def test_variants_stated_as_products_of_one_group_are_sisters() -> None:
    group = {"inProductGroupWithID": "G"}
    small = {**group, "sku": "S", "name": "Lamp S", "offers": offer("99.00"), "description": "x", "image": "y"}
    page = read(small, {**group, "sku": "L", "name": "Lamp L", "offers": offer("139.00")}, ours=OURS)
    assert page.price_minor == 13900


def test_the_lowest_of_several_prices_is_no_price() -> None:
    many = {"@type": "AggregateOffer", "lowPrice": "79.00", "highPrice": "149.00", "priceCurrency": "EUR"}
    page = of({**many, "availability": "InStock"})
    assert (page.price_minor, page.availability, page.has_price) == (None, "unknown", True)


def test_of_many_that_are_all_sold_out_ours_is_too() -> None:
    many = {"@type": "AggregateOffer", "lowPrice": "79.00", "priceCurrency": "EUR", "availability": "OutOfStock"}
    assert of(many).availability == "out_of_stock"


def test_the_first_variants_number_does_not_make_the_page_another_things() -> None:
    page = read({"gtin13": SISTER, "offers": [offer("99.00"), offer("129.00")]}, ours=OURS)
    assert page.gtin == ""


def test_a_struck_out_price_is_not_asked() -> None:
    prices = [
        {"price": "150", "priceCurrency": "EUR", "priceType": "https://schema.org/StrikethroughPrice"},
        {"price": "4", "priceCurrency": "EUR", "referenceQuantity": {"value": 1, "unitCode": "KGM"}},
        {"price": "99", "priceCurrency": "EUR"},
    ]
    assert of({"@type": "Offer", "priceSpecification": prices}).price_minor == 9900
