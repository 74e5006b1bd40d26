from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cms.core.domain.money import Money, decimal_string, half_even, largest_remainder, parse_amount


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("9.19", "EUR", 919),
        ("0", "EUR", 0),
        ("12.5", "EUR", 1250),
        ("5283", "JPY", 5283),
        ("1.234", "KWD", 1234),
        ("10.00", "JPY", 10),
        ("89.0100", "EUR", 8901),
    ],
)
def test_a_plain_decimal_becomes_minor_units(text: str, currency: str, minor: int) -> None:
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize("text", ["", "-1", "+1", "1,50", "1e3", "NaN", " 1", "1.", ".5", "01", "1.001", "9" * 20, "١"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_amount(text, "EUR")


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(ValueError):
        parse_amount("1", "ZZZ")


@given(st.integers(-(10**14), 10**14), st.sampled_from(["JPY", "EUR", "KWD"]))
def test_writing_and_reading_an_amount_gives_it_back(minor: int, currency: str) -> None:
    text = decimal_string(minor, currency)
    assert (-1 if text.startswith("-") else 1) * parse_amount(text.lstrip("-"), currency) == minor


@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=9).filter(any))
def test_parts_always_add_up_to_the_whole(total: int, weights: list[int]) -> None:
    assert sum(largest_remainder(total, weights)) == total


def test_a_tie_goes_to_the_earlier_part() -> None:
    assert largest_remainder(1, [1, 1]) == [1, 0]


def test_halves_round_to_the_even_neighbour() -> None:
    from fractions import Fraction

    assert [half_even(Fraction(n, 2)) for n in (1, 3, 5)] == [0, 2, 2]


def test_two_currencies_do_not_add() -> None:
    with pytest.raises(ValueError):
        Money(1, "EUR") + Money(1, "USD")
