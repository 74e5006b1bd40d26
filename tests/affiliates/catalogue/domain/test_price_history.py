"""What prices did: spans, medians, gaps and deals."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.price_history import Seen, Span, deal, median, spans, summary, within

NOW = dt.datetime(2026, 11, 24, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def ago(days: float) -> dt.datetime:
    return NOW - days * DAY


def course(*steps: tuple[float, int | None]) -> list[Seen]:
    """Readings by days ago, each confirmed up to the next."""
    return [Seen(ago(days), minor, ago(days) if number else None) for number, (days, minor) in enumerate(steps)]


def test_a_price_holds_until_the_next_reading() -> None:
    held = spans(course((10, 100), (4, 80)), confirmed_at=NOW)
    assert [(span.start, span.end, span.minor) for span in held] == [(ago(10), ago(4), 100), (ago(4), NOW, 80)]


def test_a_price_does_not_hold_while_nobody_looked() -> None:
    readings = [Seen(ago(10), 100), Seen(ago(2), 80, before_at=ago(8))]
    assert spans(readings, confirmed_at=NOW)[0].end == ago(8)


def test_a_time_without_a_price_is_no_span() -> None:
    assert [span.minor for span in spans(course((10, 100), (6, None), (4, 80)), confirmed_at=NOW)] == [100, 80]


def test_gaps_name_when_nobody_looked() -> None:
    readings = [Seen(ago(10), 100), Seen(ago(2), 80, before_at=ago(8))]
    found = summary(readings, confirmed_at=NOW, start=ago(90), end=NOW)
    assert found is not None and found.gaps == ((ago(8), ago(2)),)


def test_a_price_not_confirmed_lately_is_a_gap_up_to_now() -> None:
    found = summary(course((10, 100), (9, 90)), confirmed_at=ago(5), start=ago(90), end=NOW)
    assert found is not None and found.gaps == ((ago(5), NOW),)


def test_the_median_weighs_by_time() -> None:
    found = summary(course((90, 100), (80, 70), (10, 120)), confirmed_at=NOW, start=ago(90), end=NOW)
    assert found is not None
    assert (found.low_minor, found.median_minor, found.high_minor, found.readings) == (70, 70, 120, 3)


def test_nothing_seen_has_no_summary() -> None:
    assert summary([], confirmed_at=NOW, start=ago(90), end=NOW) is None


@pytest.mark.parametrize(
    ("steps", "asked", "is_deal"),
    [
        ([(90, 100), (60, 104), (31, 102), (3, 85)], 85, True),
        ([(90, 100), (60, 104), (31, 102), (3, 95)], 95, False),  # not ten percent under the median
        ([(90, 100), (60, 104), (20, 80), (3, 85)], 85, False),  # it was lower within thirty days
        ([(20, 100), (15, 104), (3, 85)], 85, False),  # watched for less than thirty days
        ([(90, 100), (3, 85)], 85, False),  # two readings prove nothing
        ([(90, 100), (60, 104), (31, 102), (3, 90)], 90, True),  # ten percent exactly
    ],
)
def test_a_deal_is_the_lowest_of_thirty_days_and_a_tenth_under_the_median(
    steps: list[tuple[float, int]], asked: int, is_deal: bool
) -> None:
    assert (deal(course(*steps), asked_minor=asked, confirmed_at=NOW, now=NOW) is not None) == is_deal


def test_a_deal_says_both_numbers() -> None:
    found = deal(course((90, 100), (60, 104), (31, 100), (3, 85)), asked_minor=85, confirmed_at=NOW, now=NOW)
    assert found is not None
    assert (found.lowest_minor, found.median_minor, found.percent_under) == (85, 100, 15)


SPANS = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(1, 1000), st.integers(1, 10**7)), min_size=1, max_size=12
).map(lambda rows: [Span(ago(a), ago(a) + dt.timedelta(hours=h), minor) for a, h, minor in rows])


@given(SPANS)
def test_the_median_lies_between_lowest_and_highest(held: list[Span]) -> None:
    assert min(s.minor for s in held) <= median(held) <= max(s.minor for s in held)


@given(SPANS, st.integers(1, 9))
def test_a_span_cut_in_two_changes_no_median(held: list[Span], tenths: int) -> None:
    first = held[0]
    middle = first.start + (first.end - first.start) * tenths / 10
    halves = [Span(first.start, middle, first.minor), Span(middle, first.end, first.minor)]
    assert median([*halves, *held[1:]]) == median(held)


@given(SPANS)
def test_cutting_to_a_time_adds_nothing(held: list[Span]) -> None:
    cut = within(held, ago(500), ago(100))
    assert all(ago(500) <= span.start <= span.end <= ago(100) for span in cut)
