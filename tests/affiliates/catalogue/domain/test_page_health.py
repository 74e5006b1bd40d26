"""What is said of shops' pages: nothing that is not sure, and nearly all that is."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.page_health import Asked, Came, classify
from affiliates.catalogue.domain.page_markup import read_markup
from affiliates.catalogue.domain.page_offers import Shipping
from affiliates.catalogue.domain.shop_pages import amount, read_shop_page
from tests.affiliates.catalogue.shop_markup import ASKED, HOST, Sample, labelled, product_page

SAMPLES = list(labelled())


def found(sample: Sample) -> str:
    markup = read_markup(sample.html)
    return classify(sample.asked, sample.came, markup, read_shop_page(markup)).state


def page(html: str):  # type: ignore[no-untyped-def]
    return read_shop_page(read_markup(html))


def ld(data: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(data)}</script>'


def test_there_are_enough_pages_to_judge_by() -> None:
    assert len(SAMPLES) >= 500 and len({sample.state for sample in SAMPLES}) == 12


def test_false_alarms_are_fewer_than_two_in_a_hundred() -> None:
    fine = [sample for sample in SAMPLES if sample.state == "ok"]
    wrong = [(sample.label, found(sample)) for sample in fine if found(sample) != "ok"]
    assert len(wrong) * 100 < 2 * len(fine), wrong[:10]


def test_nearly_all_that_is_wrong_is_found() -> None:
    ill = [sample for sample in SAMPLES if sample.state != "ok"]
    missed = [(sample.label, found(sample)) for sample in ill if found(sample) != sample.state]
    assert len(missed) * 20 <= len(ill), Counter(label.split()[0] for label, _ in missed)


@pytest.mark.parametrize("state", sorted({sample.state for sample in SAMPLES}))
def test_each_state_is_found_in_most_languages(state: str) -> None:
    of_state = [sample for sample in SAMPLES if sample.state == state]
    assert sum(found(sample) == state for sample in of_state) * 10 >= 9 * len(of_state)


def test_a_number_404_in_a_name_is_no_missing_page() -> None:
    asked = Asked(f"{HOST}/p/1", "Lamp 404", "Acme")
    markup = read_markup(product_page("shopify", "en", name="Lamp 404"))
    assert classify(asked, Came(asked.url, 200, 100), markup, read_shop_page(markup)).state == "ok"


def test_a_price_rounded_otherwise_is_the_same_price() -> None:
    markup = read_markup(product_page("shopify", "en", price="89.89"))
    assert classify(ASKED, Came(ASKED.url, 200, 100), markup, read_shop_page(markup)).state == "ok"


def test_a_redirect_to_the_same_product_elsewhere_is_fine() -> None:
    markup = read_markup(product_page("shopify", "en"))
    came = Came(f"{HOST}/en/products/flexo?ref=x1", 200, 100)
    assert classify(ASKED, came, markup, read_shop_page(markup)).state == "ok"


def test_a_page_that_states_nothing_is_not_sure_of_anything() -> None:
    markup = read_markup("<h1>Flexo</h1>")
    finding = classify(ASKED, Came(ASKED.url, 200, 100), markup, read_shop_page(markup))
    assert (finding.state, finding.is_sure) == ("ok", False)


@pytest.mark.parametrize(
    ("value", "currency", "minor"),
    [
        ("89.90", "EUR", 8990), (89.9, "EUR", 8990), ("89,90", "EUR", 8990), ("1.299,00", "EUR", 129900),
        ("1,299.00", "USD", 129900), ("€ 89,90", "EUR", 8990), ("5283", "JPY", 5283), ("5,283", "JPY", None),
        ("1.299", "EUR", None), ("89.90", "ZZZ", None), ("free", "EUR", None), (None, "EUR", None), ("0", "EUR", None),
        ("89.9000", "EUR", 8990), (True, "EUR", None), ("12.345.678,90", "EUR", 1234567890),
    ],
)  # fmt: skip
def test_amounts_are_read_in_any_usual_writing_and_never_guessed(
    value: object, currency: str, minor: int | None
) -> None:
    assert amount(value, currency) == minor


def test_delivery_is_read_by_country() -> None:
    details = {
        "@type": "OfferShippingDetails", "shippingRate": {"value": "4.90", "currency": "EUR"},
        "shippingDestination": [{"addressCountry": "DE"}, {"addressCountry": ["AT", "CH"]}],
        "deliveryTime": {"transitTime": {"minValue": 1, "maxValue": 3}, "handlingTime": {"minValue": 0, "maxValue": 1}},
    }  # fmt: skip
    never = {"doesNotShip": True, "shippingDestination": {"addressCountry": "US"}}
    offer = {"@type": "Offer", "price": 5, "priceCurrency": "EUR", "shippingDetails": [details, never]}
    stated = page(ld({"@type": "Product", "name": "x", "offers": offer})).shipping
    assert stated[0] == Shipping("DE", True, 490, "EUR", 1, 4)
    assert [(s.country, s.ships) for s in stated] == [("DE", True), ("AT", True), ("CH", True), ("US", False)]


def test_broken_data_beside_whole_data_is_passed_over() -> None:
    html = '<script type="application/ld+json">{"@type": "Product",</script>' + ld({"@type": "Product", "name": "x"})
    assert page(html).name == "x"


def test_open_graph_serves_where_there_is_nothing_better() -> None:
    metas = '<meta property="og:type" content="product"><meta property="product:price:amount" content="9.90">'
    assert page(metas + '<meta property="product:price:currency" content="EUR">').price_minor == 990


def test_a_number_of_a_product_that_was_merged_into_ours_is_ours() -> None:
    merged = dataclasses.replace(ASKED, gtin="4012345678901", other_gtins=frozenset({ASKED.gtin}))
    markup = read_markup(product_page("shopify", "en"))
    assert classify(merged, Came(ASKED.url, 200, 100), markup, read_shop_page(markup)).state == "ok"


def test_the_first_variants_button_says_nothing_of_ours() -> None:
    offers = [{"@type": "Offer", "sku": sku, "price": "1", "priceCurrency": "EUR"} for sku in ("S", "M")]
    button = '<button name="add" class="product-form__submit" disabled>Sold out</button>'
    markup = read_markup(
        ld({"@type": "Product", "name": "Flexo Lamp 60", "offers": [*offers, {**offers[0], "price": "2"}]}) + button
    )
    assert classify(ASKED, Came(ASKED.url, 200, 100), markup, read_shop_page(markup)).state == "ok"


@pytest.mark.parametrize("text", ["A\x00B", "A\ud800B"])
def test_what_no_database_takes_is_left_out(text: str) -> None:
    stated = page(ld({"@type": "Product", "name": text}))
    assert "A" in stated.name and stated.name.encode() and "\x00" not in stated.name


def test_days_in_other_digits_are_no_days() -> None:
    details = {"shippingDestination": {"addressCountry": "DE"}, "deliveryTime": {"transitTime": {"minValue": "²"}}}
    offer = {"@type": "Offer", "shippingDetails": details}
    assert page(ld({"@type": "Product", "name": "x", "offers": offer})).shipping == (Shipping("DE", True),)


@given(st.text(max_size=400))
def test_no_page_breaks_the_reading(text: str) -> None:
    markup = read_markup(text)
    classify(ASKED, Came(ASKED.url, 200, 10), markup, read_shop_page(markup))


@given(
    st.recursive(
        st.none() | st.text(max_size=9) | st.integers(),
        lambda c: (
            st.lists(c, max_size=3)
            | st.dictionaries(
                st.sampled_from(["@type", "offers", "price", "name", "@graph", "shippingDetails"]), c, max_size=4
            )
        ),
        max_leaves=20,
    )
)
def test_no_data_breaks_the_reading(data: object) -> None:
    page(ld(data))
