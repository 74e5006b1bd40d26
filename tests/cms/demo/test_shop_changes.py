"""What the demo shop still offers to do to an order."""

from __future__ import annotations

from typing import Any

import pytest

from cms.demo.views import _possible


def order(**facts: Any) -> dict[str, Any]:
    return {"amount": "90.00", "refunded": "0.00", "status": "pending"} | facts


def test_a_new_order_can_be_approved_refunded_and_reversed() -> None:
    assert _possible(order()) == ["approve", "refund-third", "refund-two-thirds", "refund-all", "reverse"]


def test_an_approved_order_is_not_approved_again() -> None:
    assert "approve" not in _possible(order(status="approved"))


def test_after_a_third_two_thirds_can_follow() -> None:
    assert _possible(order(status="approved", refunded="30.00")) == ["refund-two-thirds", "refund-all", "reverse"]


@pytest.mark.parametrize("gone", [{"refunded": "90.00"}, {"status": "reversed"}])
def test_nothing_is_left_to_do_to_what_was_taken_back(gone: dict[str, str]) -> None:
    assert _possible(order(**gone)) == []


def test_an_answer_that_is_no_order_offers_nothing() -> None:
    assert _possible({"status": 502}) == []
