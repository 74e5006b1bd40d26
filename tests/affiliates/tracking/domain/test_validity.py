"""Which clicks count, and that the answer depends on nothing but the set of clicks."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from affiliates.tracking.domain.validity import (
    CREDITABLE,
    RATE_LIMIT,
    RULES_VERSION,
    SECOND,
    ClickFacts,
    Reason,
    can_be_credited,
    judge_all,
    judge_alone,
)

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
BOT = "Googlebot/2.1 (+http://www.google.com/bot.html)"
PREVIEW = "WhatsApp/2.23.20.0 A"
START = 1_790_000_000 * SECOND


def click(seconds: float = 0, **facts: object) -> ClickFacts:
    fields = {
        "click_id": f"id{seconds:012.3f}",
        "visitor": "v",
        "link": 1,
        "method": "GET",
        "agent": BROWSER,
        "flags": "",
    }
    return ClickFacts(at=START + int(seconds * SECOND), **{**fields, **facts})  # type: ignore[arg-type]


def reasons(*clicks: ClickFacts) -> list[str]:
    found = dict(judge_all(clicks))
    return [found[one.click_id].reason.value for one in clicks]


@pytest.mark.parametrize(
    ("method", "agent", "flags", "reason"),
    [
        ("GET", BROWSER, "", ""),
        ("GET", BROWSER, "d", "disabled"),
        ("GET", BROWSER, "p", "prefetch"),
        ("HEAD", BROWSER, "", "head"),
        ("GET", BOT, "", "bot"),
        ("GET", PREVIEW, "", "preview"),
        ("GET", "", "", "agent"),
        ("GET", BROWSER, "l", "agent"),
        ("GET", BROWSER, "f", "forced"),
        ("GET", BROWSER, "s", "self"),
        ("HEAD", BOT, "dpfs", "disabled"),
        ("HEAD", BOT, "pfs", "prefetch"),
        ("HEAD", BOT, "fs", "head"),
        ("GET", BOT, "fs", "bot"),
        ("GET", PREVIEW, "fs", "preview"),
        ("GET", "nonsense", "fs", "agent"),
        ("GET", BROWSER, "fs", "forced"),
    ],
)
def test_the_first_reason_that_applies_wins(method: str, agent: str, flags: str, reason: str) -> None:
    assert judge_alone(method, agent, flags) == reason


@pytest.mark.parametrize(
    ("seconds", "reason"),
    [(0.001, "double_click"), (10, "double_click"), (10.001, "repeat"), (3600, "repeat"), (3600.001, "")],
)
def test_a_visitor_counts_once_per_link_and_hour(seconds: float, reason: str) -> None:
    assert reasons(click(0), click(seconds)) == ["", reason]


def test_the_hour_runs_from_the_counted_click() -> None:
    assert reasons(click(0), click(3000), click(3700), click(7200)) == ["", "repeat", "", "repeat"]


def test_another_link_or_visitor_is_another_click() -> None:
    assert reasons(click(0), click(1, link=2), click(2, visitor="w")) == ["", "", ""]


def test_a_click_that_never_counts_starts_no_hour() -> None:
    assert reasons(click(0, flags="p"), click(1)) == ["prefetch", ""]


def test_the_thirty_first_click_of_a_minute_is_too_many() -> None:
    many = [click(n, link=n) for n in range(RATE_LIMIT + 2)]
    assert reasons(*many) == [""] * RATE_LIMIT + ["rate"] * 2


def test_the_minute_slides() -> None:
    many = [click(n, link=n) for n in range(RATE_LIMIT)]
    assert reasons(*many, click(59.999, link=77))[-1] == "rate"
    assert reasons(*many, click(60, link=77))[-1] == ""


def test_a_repeat_is_named_before_a_burst() -> None:
    many = [click(n, link=n) for n in range(RATE_LIMIT)]
    assert reasons(*many, click(40, link=3))[-1] == "repeat"


def test_robots_and_prefetches_do_not_use_up_the_minute() -> None:
    ahead = [click(n / 10, link=n, flags="p") for n in range(200)]
    assert reasons(*ahead, click(21, link=500))[-1] == ""


def test_two_clicks_of_one_microsecond_are_ordered_by_their_ids() -> None:
    first, second = click(5, click_id="a"), click(5, click_id="b")
    assert reasons(second, first) == ["double_click", ""]


CLICKS = st.lists(
    st.builds(
        click,
        st.one_of(st.integers(0, 130), st.integers(0, 9000), st.sampled_from([0, 10, 60, 3600, 3610])),
        click_id=st.uuids().map(str),
        visitor=st.sampled_from("vw"),
        link=st.integers(1, 3),
        flags=st.sampled_from(["", "", "", "p", "s"]),
        agent=st.sampled_from([BROWSER, BROWSER, BROWSER, BOT]),
    ),
    max_size=60,
)


@settings(max_examples=200, deadline=None)
@given(CLICKS, st.randoms(use_true_random=False))
def test_verdicts_do_not_depend_on_order_or_repetition(clicks: list[ClickFacts], shuffler: random.Random) -> None:
    expected = dict(judge_all(clicks))
    again = [*clicks, *clicks[::3]]
    shuffler.shuffle(again)
    assert dict(judge_all(again)) == expected


@settings(max_examples=200, deadline=None)
@given(CLICKS)
def test_counted_clicks_of_a_visitor_on_a_link_are_an_hour_apart(clicks: list[ClickFacts]) -> None:
    verdicts = dict(judge_all(clicks))
    for pair in {(one.visitor, one.link) for one in clicks}:
        counted = sorted(c.at for c in clicks if (c.visitor, c.link) == pair and not verdicts[c.click_id].reason)
        assert all(later - earlier > 3600 * SECOND for earlier, later in pairwise(counted))


def test_doubles_repeats_and_bursts_can_be_credited_and_nothing_else_invalid() -> None:
    assert {reason for reason in Reason if can_be_credited(reason)} == {Reason.VALID, *CREDITABLE}
    assert {"double_click", "repeat", "rate"} == CREDITABLE


def test_the_rules_version_names_the_crawler_list() -> None:
    assert "crawlers-" in RULES_VERSION
    assert len(RULES_VERSION) <= 24
