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


WORDS = st.text("abc 12é-", max_size=20)
IDENTITIES = st.builds(Identity, WORDS, WORDS, st.sampled_from(["", "4006381333931", "4006381000017"]), WORDS)


@given(IDENTITIES, IDENTITIES)
def test_likeness_is_mutual_and_between_nothing_and_a_hundred(one: Identity, other: Identity) -> None:
    found = likeness(one, other)
    assert found == likeness(other, one) and 0 <= found.score <= 100


@given(IDENTITIES)
def test_keys_are_few_and_short(one: Identity) -> None:
    keys = keys_of(one)
    assert len(keys) <= 3 and all(len(key) <= 80 for key in keys)
