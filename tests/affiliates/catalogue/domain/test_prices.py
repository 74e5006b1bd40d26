from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.prices import read_asked_price, read_price
from cms.core.domain.money import CURRENCIES, decimal_string

money = st.tuples(st.integers(0, 10**12), st.sampled_from(sorted(CURRENCIES)))


@given(money)
def test_what_we_write_we_read(amount: tuple[int, str]) -> None:
    minor, currency = amount
    assert read_price(f"{decimal_string(minor, currency)} {currency}", "price") == amount


@pytest.mark.parametrize(
    ("text", "price"),
    [
        ("9.19 EUR", (919, "EUR")),
        ("5283 JPY", (5283, "JPY")),
        ("  15.00USD ", (1500, "USD")),
        ("12 GBP", (1200, "GBP")),
        ("1.5 KWD", (1500, "KWD")),
        ("0.00 EUR", (0, "EUR")),
    ],
)
def test_prices_as_google_writes_them(text: str, price: tuple[int, str]) -> None:
    assert read_price(text, "price") == price


@pytest.mark.parametrize(
    "text",
    [
        "", "9.19", "EUR", "EUR 9.19", "9,19 EUR", "1,250.00 EUR", "1.250,00 EUR", "-9.19 EUR", "+9.19 EUR",
        "9.5 JPY", "1e3 EUR", "NaN EUR", "9.19 eur", "9.19 ZZZ", "9.19 €", "٩ EUR", "9..1 EUR", ".5 EUR",
        "99999999999999999999 EUR", "9.19 EUR/kg", "9.19\nEUR", "9.191 EUR",
    ],
)  # fmt: skip
def test_what_would_have_to_be_guessed_is_refused(text: str) -> None:
    with pytest.raises(FieldFault):
        read_price(text, "price")


@given(st.text(max_size=30))
def test_no_text_breaks_the_reading(text: str) -> None:
    try:
        minor, currency = read_price(text, "price")
    except FieldFault as fault:
        assert fault.field == "price"
    else:
        assert minor >= 0
        assert currency in CURRENCIES


def test_nothing_is_for_free() -> None:
    with pytest.raises(FieldFault, match="zero"):
        read_asked_price("0.00 EUR", "price")
