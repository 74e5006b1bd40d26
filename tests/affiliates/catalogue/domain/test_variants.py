"""Whether a shop lists another variant than the one that was tested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.variants import Difference, differences, shared

WHITE = {"colour": "White", "size": "M"}


def test_another_value_is_a_difference() -> None:
    assert differences(WHITE, {"colour": "black", "size": "m"}) == (Difference("colour", "White", "black"),)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"colour": "Café"}, {"Color": "cafe"}),
        ({"size": "1,7 L"}, {"size": "1.7l"}),
        ({"size": '15"'}, {"size": "15 inch"}),
        ({"farbe": "Weiß"}, {"colour": "weiss"}),
    ],
)
def test_the_same_value_written_otherwise_is_none(ours: dict[str, str], theirs: dict[str, str]) -> None:
    assert differences(ours, theirs) == ()


@pytest.mark.parametrize("unknown", [{}, {"year": "2024"}, {"colour": ""}])
def test_what_a_shop_does_not_say_is_no_difference(unknown: dict[str, str]) -> None:
    assert differences(WHITE, unknown) == ()


def test_what_all_say_is_shared() -> None:
    assert shared([WHITE, {"Color": "white", "size": "L"}]) == {"colour": "White"}


def test_nothing_shares_nothing() -> None:
    assert shared([]) == {}


VARIANTS = st.dictionaries(st.sampled_from(["colour", "color", "size", "Year"]), st.text("aA1 ,", max_size=4))


@given(VARIANTS, VARIANTS)
def test_differing_is_mutual(one: dict[str, str], other: dict[str, str]) -> None:
    assert bool(differences(one, other)) == bool(differences(other, one))


@given(VARIANTS)
def test_nothing_differs_from_itself(variant: dict[str, str]) -> None:
    assert differences(variant, variant) == ()
