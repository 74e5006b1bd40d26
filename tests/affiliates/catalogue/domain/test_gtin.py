from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.gtin import LENGTHS, check_digit, is_valid_gtin, normal_gtin

bodies = st.sampled_from(LENGTHS).flatmap(
    lambda length: st.text("0123456789", min_size=length - 1, max_size=length - 1).filter(lambda t: t.strip("0"))
)


@pytest.mark.parametrize("gtin", ["4006381333931", "036000291452", "96385074", "10614141000415"])
def test_numbers_from_real_packages_are_valid(gtin: str) -> None:
    assert is_valid_gtin(gtin)


@given(bodies)
def test_a_number_with_its_check_digit_is_valid(body: str) -> None:
    assert is_valid_gtin(f"{body}{check_digit(body)}")


@given(bodies, st.integers(1, 9))
def test_any_other_check_digit_is_not(body: str, shift: int) -> None:
    assert not is_valid_gtin(f"{body}{(check_digit(body) + shift) % 10}")


@given(bodies, st.data())
def test_one_wrong_digit_is_always_noticed(body: str, data: st.DataObject) -> None:
    gtin = f"{body}{check_digit(body)}"
    place = data.draw(st.integers(0, len(gtin) - 1))
    wrong = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != gtin[place]]))
    assert not is_valid_gtin(gtin[:place] + wrong + gtin[place + 1 :])


@given(bodies)
def test_leading_zeros_do_not_make_another_number(body: str) -> None:
    gtin = f"{body}{check_digit(body)}"
    assert normal_gtin(gtin.rjust(14, "0")) == normal_gtin(gtin)


@given(bodies)
def test_the_normal_spelling_stays_as_it_is(body: str) -> None:
    gtin = normal_gtin(f"{body}{check_digit(body)}")
    assert normal_gtin(gtin) == gtin


@pytest.mark.parametrize(
    "text", ["", "0", "00000000", "400638133393", "40063813339310", "4006381333930", "٤٠٠٦٣٨١٣٣٣٩٣١"]
)
def test_what_is_no_gtin_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="GTIN"):
        normal_gtin(text)


def test_a_upc_and_its_ean_are_one_number() -> None:
    assert normal_gtin("036000291452") == normal_gtin("0036000291452") == "0036000291452"
