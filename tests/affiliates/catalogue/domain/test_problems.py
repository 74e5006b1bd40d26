"""What a check says of a reader's report."""

from __future__ import annotations

from typing import Any

import pytest

from affiliates.catalogue.domain.problems import Seen, verdict


def seen(**facts: Any) -> Seen:
    known = {
        "state": "ok", "is_sure": True, "is_believed": True, "price_was_read": False, "price_is_the_pages": True,
        "stated_minor": 1000, "price_minor": None, "ships": "unknown", "ships_was_read": False,
    }  # fmt: skip
    return Seen(**(known | facts))


@pytest.mark.parametrize("state", ["gone", "soft_gone", "redirected", "sold_out"])
def test_gone_is_confirmed_where_the_page_is_not_there(state: str) -> None:
    assert verdict("gone", seen(state=state)) == "confirmed"


@pytest.mark.parametrize("state", ["gone", "soft_gone", "redirected"])
def test_what_was_missing_once_is_looked_at_again(state: str) -> None:
    assert verdict("gone", seen(state=state, is_believed=False)) == "again"


def test_sold_out_needs_no_second_look() -> None:
    assert verdict("gone", seen(state="sold_out", is_believed=False)) == "confirmed"


@pytest.mark.parametrize("kind", ["gone", "wrong_price"])
def test_a_page_with_nothing_to_go_by_refutes_nothing(kind: str) -> None:
    assert verdict(kind, seen(is_sure=False, price_was_read=True, price_minor=1000)) == "unsure"


def test_a_feed_that_repeats_its_price_refutes_nothing() -> None:
    assert verdict("wrong_price", seen(price_was_read=True, price_is_the_pages=False, price_minor=1000)) == "unsure"


def test_gone_is_refuted_where_the_page_is_fine() -> None:
    assert verdict("gone", seen(state="ok")) == "refuted"


@pytest.mark.parametrize("state", ["down", "blocked", "consent_wall", "slow", "unchecked"])
def test_what_could_not_be_seen_goes_to_a_person(state: str) -> None:
    assert verdict("gone", seen(state=state)) == "unsure"


def test_a_price_nobody_read_is_not_refuted() -> None:
    assert verdict("wrong_price", seen(state="ok")) == "unsure"


def test_the_same_price_read_again_refutes_the_report() -> None:
    assert verdict("wrong_price", seen(price_was_read=True, price_minor=1000)) == "refuted"


def test_another_price_read_since_confirms_the_report() -> None:
    assert verdict("wrong_price", seen(price_was_read=True, price_minor=1100)) == "confirmed"


@pytest.mark.parametrize(("ships", "answer"), [("no", "confirmed"), ("yes", "refuted"), ("unknown", "unsure")])
def test_delivery_is_answered_by_what_the_shop_says_now(ships: str, answer: str) -> None:
    assert verdict("wont_ship", seen(ships=ships, ships_was_read=True)) == answer


def test_delivery_said_before_the_report_answers_nothing() -> None:
    assert verdict("wont_ship", seen(ships="no", ships_was_read=False)) == "unsure"


def test_only_a_person_can_tell_a_fake() -> None:
    assert verdict("fake", seen(state="ok")) == "unsure"
