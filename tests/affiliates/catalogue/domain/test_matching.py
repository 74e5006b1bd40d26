"""Which listings may be of one thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.matching import WORTH_ASKING, Identity, keys_of, likeness

ACME = Identity("Flexo Lamp", "Acme GmbH", mpn="FL-60 A")


@pytest.mark.parametrize(
    "other",
    [
        Identity("FLEXO LAMP", "acme", mpn="FL60A"),
        Identity("Acme Flexo Lamp", "Acme", gtin="4006381333931"),
        Identity("Lamp Flexo", "ACME Ltd"),
        Identity("Flexó Lamp", ""),
        Identity("Flexo-Lamp", "Acme", mpn="FL-60/A"),
    ],
)
def test_the_same_thing_written_otherwise_is_worth_asking(other: Identity) -> None:
    assert likeness(ACME, other).score >= WORTH_ASKING


@pytest.mark.parametrize(
    "other",
    [
        Identity("Flexo Lamp", "Brisa"),
        Identity("Flexo Lamp 2", "Acme"),
        Identity("Kettle", "Acme"),
        Identity("Chair", ""),
    ],
)
def test_another_thing_is_not(other: Identity) -> None:
    assert likeness(ACME, other).score < WORTH_ASKING


def test_two_gtins_are_two_things() -> None:
    one, other = Identity("Lamp", "Acme", "4006381333931"), Identity("Lamp", "Acme", "4006381000017")
    assert likeness(one, other).score == 0


def test_leading_zeros_of_a_number_say_nothing() -> None:
    assert likeness(Identity("Lamp 05", "Acme"), Identity("Lamp 5", "Acme")).score >= WORTH_ASKING


@pytest.mark.parametrize(
    ("one", "other"), [("Kettle 0,5 l", "Kettle 500ml"), ("Rope 1.5 m", "Rope 150 cm"), ("Oats 1kg", "Oats 1000 g")]
)
def test_amounts_are_compared_in_one_unit(one: str, other: str) -> None:
    assert likeness(Identity(one, "Acme"), Identity(other, "Acme")).score >= WORTH_ASKING


def test_a_name_in_another_script_is_a_name() -> None:
    same = likeness(Identity("急須 ガラス", "南部"), Identity("急須ｶﾞﾗｽ 急須", "南部"))
    other = likeness(Identity("急須", "南部"), Identity("湯呑", "南部"))
    assert same.score > other.score and other.score < WORTH_ASKING


def test_another_variant_is_another_thing() -> None:
    one, other = (Identity("Shirt", "Acme", variant=(("colour", colour),)) for colour in ("red", "blue"))
    assert likeness(one, other).reasons == ("other_variant",)


def test_another_makers_number_is_said() -> None:
    assert "other_mpn" in likeness(Identity("Lamp", "Acme", mpn="A1000"), Identity("Lamp", "Acme", mpn="B")).reasons


NAMES = st.text("abcdefgh é", min_size=1, max_size=20).filter(str.strip)


@given(NAMES, NAMES, st.integers(1, 10**6), st.integers(1, 10**6))
def test_equal_names_of_equal_brands_are_alike_and_other_numbers_are_not(
    name: str, brand: str, one: int, other: int
) -> None:
    assert likeness(Identity(name, brand), Identity(name.upper(), f"{brand} GmbH")).score >= 25
    if one != other:
        assert likeness(Identity(f"{name} {one}x", brand), Identity(f"{name} {other}x", brand)).score == 0


WORDS = st.text("abc 12é-", max_size=20)
IDENTITIES = st.builds(Identity, WORDS, WORDS, st.sampled_from(["", "4006381333931", "4006381000017"]), WORDS)


@given(IDENTITIES, IDENTITIES)
def test_likeness_is_mutual_and_between_nothing_and_a_hundred(one: Identity, other: Identity) -> None:
    found = likeness(one, other)
    assert found == likeness(other, one) and 0 <= found.score <= 100


@pytest.mark.parametrize(
    "other", [Identity("Flexó lamp", ""), Identity("Lamp, Flexo", "ACME Ltd"), Identity("Else", "Acme", mpn="fl60a")]
)
def test_what_may_be_the_same_shares_a_key(other: Identity) -> None:
    assert set(keys_of(ACME)) & set(keys_of(other))


@given(IDENTITIES)
def test_keys_are_few_and_short(one: Identity) -> None:
    keys = keys_of(one)
    assert len(keys) <= 4 and all(len(key) <= 80 for key in keys)
