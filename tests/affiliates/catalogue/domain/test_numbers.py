"""Amounts in tables: what a column says, and what it leaves open."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault
from affiliates.catalogue.domain.numbers import MarkFinder, read_number


def one_mark(amounts: list[str]) -> str:
    """The decimal mark of a column of these amounts."""
    finder = MarkFinder()
    for row, amount in enumerate(amounts, 1):
        finder.look(amount, row)
    return finder.mark("Precio")


@pytest.mark.parametrize(
    ("column", "mark"),
    [
        (["522,49", "75,99"], ","),
        (["522.49", "1,075.99"], "."),
        (["1.234,50"], ","),
        (["1.234", "75,99"], ","),
        (["1,234", "75.99"], "."),
        (["12", "7"], "."),
        (["€ 12,50", "7"], ","),
        (["12.50 EUR"], "."),
        (["1 234,50"], ","),
    ],
)
def test_the_column_decides_the_mark(column: list[str], mark: str) -> None:
    assert one_mark(column) == mark


def test_a_column_of_thousands_or_decimals_is_refused_with_its_rows() -> None:
    with pytest.raises(StructuralFault, match=r"'Precio' does not say .* \(rows 1, 2\)"):
        one_mark(["1.234", "5.600", "7"])


def test_a_column_that_writes_both_ways_is_refused() -> None:
    with pytest.raises(StructuralFault, match=r"point \(row 2\) and with a comma \(row 1\)"):
        one_mark(["1,50", "2.50"])


@pytest.mark.parametrize("text", ["", "abc", "1,2,3", "-5,00", "1.23.456,00", "1e3", "٣,٥"])
def test_what_is_no_amount_is_a_fault(text: str) -> None:
    with pytest.raises(FieldFault):
        read_number(text, ",", "price")


@given(st.integers(0, 10**9), st.sampled_from([".", ","]))
def test_what_was_written_is_read(cents: int, mark: str) -> None:
    whole, part = divmod(cents, 100)
    other = "," if mark == "." else "."
    text = f"{whole:,}".replace(",", other) + f"{mark}{part:02}"
    assert read_number(text, mark, "price")[0] == f"{whole}.{part:02}"  # type: ignore[arg-type]
