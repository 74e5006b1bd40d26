"""The rules of docs/money/attribution.md: each row of its tables, and what must hold for every input."""

from __future__ import annotations

import datetime as dt
import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.earnings.domain.attribution import Code, Decision, Policy, Touch, decide
from affiliates.earnings.domain.credit import MODELS, WHOLE, shares_of, split, weights_of
from tests.affiliates.earnings.worked_tables import rows

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
UNITS = {"d": dt.timedelta(days=1), "h": dt.timedelta(hours=1), "s": dt.timedelta(seconds=1)}


def named(name: str) -> list[object]:
    return [pytest.param(row, id=" ".join(row.values())[:60]) for row in rows("attribution", name)]


def click(text: str, number: int = 0) -> Touch:
    """Reads "A! 2d": whose click, its flaw, its age."""
    match = re.fullmatch(r"(\w+?)([!~-]?)(?: (\d+)([dhs]))?", text)
    assert match
    who, mark, age, unit = match.groups()
    return Touch(
        click_id=f"{number}",
        at=NOON - (int(age) * UNITS[unit] if age else UNITS["h"]),
        merchant_id=1,
        creator_id=None if who == "house" else ord(who),
        flaw={"!": "bot", "~": "repeat"}.get(mark, ""),
        enrolled=mark != "-",
    )


def decided(clicks: list[Touch], *, policy: Policy, coupon: str = "", code: Code | None = None) -> Decision:
    return decide(
        merchant_id=1, occurred_at=NOON, click_id=clicks[-1].click_id if clicks else "", coupon=coupon, code=code,
        reported=clicks[-1] if clicks else None, others=clicks[:-1], policy=policy,
    )  # fmt: skip


def credited(decision: Decision) -> str:
    if decision.winner is None:
        return "nobody"
    return chr(decision.winner.creator_id) if decision.winner.creator_id else "house"


@pytest.mark.parametrize("row", named("models"))
def test_a_model_credits_whom_the_document_says(row: dict[str, str]) -> None:
    clicks = [click(text, number) for number, text in enumerate(row["clicks"].split(", "))]
    decision = decided(clicks, policy=Policy(30, model=row["model"]))
    why = {item.touch.click_id: item.why for item in decision.touches}
    assert credited(decision) == row["winner"]
    assert [why[touch.click_id] for touch in clicks] == row["why, in the order of the clicks"].split(", ")


@pytest.mark.parametrize("row", named("shares"))
def test_credit_is_shared_as_the_document_says(row: dict[str, str]) -> None:
    shares = shares_of(row["model"], int(row["touches"]))
    assert shares == [round(float(part) * 100) for part in row["shares in percent"].split()]
    assert split(100, shares) == [round(float(part) * 100) for part in row["of 1.00"].split()]


@pytest.mark.parametrize("row", named("codes"))
def test_code_and_click_are_weighed_as_the_document_says(row: dict[str, str]) -> None:
    clicks = [] if row["click of"] == "none" else [click(row["click of"])]
    held = row["code of"]
    code = Code(
        "SUMMER",
        creator_id=None if held in {"unknown", "expired"} else ord(held[0]),
        exclusive=row["exclusive"] == "yes",
        known=held != "unknown",
        enrolled=not held.endswith("-"),
    )
    decision = decided(clicks, policy=Policy(30, coupons=row["policy"]), coupon="SUMMER", code=code)
    why = {"code" if item.touch.coupon else "click": item.why for item in decision.touches}
    assert (credited(decision), why.get("click", ""), why["code"]) == (row["credited"], row["click"], row["code"])


@pytest.mark.parametrize(("seconds", "winner"), [(-1, "A"), (0, "A"), (1, "nobody")])
@pytest.mark.parametrize("model", MODELS)
def test_a_second_inside_the_window_pays_and_a_second_outside_does_not(model: str, seconds: int, winner: str) -> None:
    age = 7 * 86_400 + seconds
    assert credited(decided([click(f"A {age}s")], policy=Policy(7, model=model))) == winner


def test_an_order_paid_elsewhere_credits_nobody_and_lists_every_touch() -> None:
    decision = decide(
        merchant_id=1, occurred_at=NOON, click_id="1", coupon="", reported=click("B 1h", 1), others=[click("A! 2h", 0)],
        channel="paid_search", policy=Policy(30),
    )  # fmt: skip
    assert (decision.winner, decision.reason) == (None, "paid_elsewhere")
    assert [item.why for item in decision.touches] == ["paid_elsewhere", "invalid_click:bot"]
    assert decision.assists == ()


def test_a_creator_who_helped_is_an_assist_once_and_the_winner_is_none() -> None:
    clicks = [click(text, number) for number, text in enumerate(["A 5d", "B! 4d", "C 3d", "A 2d", "C 1d"])]
    decision = decided(clicks, policy=Policy(30))
    assert [(touch.creator_id, touch.click_id) for touch in decision.assists] == [(ord("A"), "3")]


CLICKS = st.lists(
    st.builds(
        "{}{} {}h".format, st.sampled_from(["A", "B", "C", "house"]), st.sampled_from(["", "", "!", "~", "-"]),
        st.integers(0, 900),
    ),
    min_size=1,
    max_size=60,
)  # fmt: skip
CODES = st.none() | st.builds(
    Code, st.just("X"), st.none() | st.sampled_from([65, 66, 90]), st.booleans(), st.booleans(), st.booleans()
)


@given(CLICKS, CODES, st.sampled_from(MODELS), st.sampled_from(["code", "click", "exclusive"]), st.randoms())
def test_a_decision_is_the_same_in_whatever_order_touches_come_and_on_every_run(
    texts: list[str], code: Code | None, model: str, coupons: str, chance: random.Random
) -> None:
    clicks = [click(text, number) for number, text in enumerate(texts)]
    others = [*clicks[:-1], *clicks[:3]]
    chance.shuffle(others)
    policy, coupon = Policy(30, model=model, coupons=coupons), "X" if code else ""
    first = decided(clicks, policy=policy, coupon=coupon, code=code)
    assert first == decided([*others, clicks[-1]], policy=policy, coupon=coupon, code=code)
    assert first == decided(clicks, policy=policy, coupon=coupon, code=code)


@given(CLICKS, CODES, st.sampled_from(MODELS), st.sampled_from(["code", "click", "exclusive"]))
def test_the_whole_credit_is_given_to_sound_touches_or_none_of_it(
    texts: list[str], code: Code | None, model: str, coupons: str
) -> None:
    clicks = [click(text, number) for number, text in enumerate(texts)]
    decision = decided(clicks, policy=Policy(30, model=model, coupons=coupons), coupon="X" if code else "", code=code)
    won = [item for item in decision.touches if item.why == "winner"]
    assert [item.touch for item in won] == ([decision.winner] if decision.winner else [])
    assert sum(item.share for item in decision.touches) == (WHOLE if decision.winner else 0)
    assert all(item.considered or not item.share for item in decision.touches)
    assert not won or won[0].share == max(item.share for item in decision.touches)


@given(st.sampled_from(MODELS), st.integers(1, 200), st.integers(-(10**12), 10**12))
def test_shares_are_the_whole_and_cut_an_amount_into_itself(model: str, touches: int, amount: int) -> None:
    shares = shares_of(model, touches)
    assert len(shares) == touches and min(shares) >= 0 and sum(shares) == WHOLE
    assert sum(split(amount, shares)) == amount


def test_a_model_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no attribution model 'best_click'"):
        weights_of("best_click", 2)
