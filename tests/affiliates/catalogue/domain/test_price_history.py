"""What prices did: spans, medians, gaps and deals."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.price_history import (
    GAP,
    Seen,
    Span,
    deal,
    gaps,
    median,
    price_changes,
    spans,
    summary,
    watched,
    within,
)

DOC = Path(__file__).resolve().parents[4] / "docs" / "prices.md"
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


def test_nothing_seen_has_no_summary() -> None:
    assert summary([], confirmed_at=NOW, start=ago(90), end=NOW) is None


def told(cell: str) -> list[tuple[float, int]]:
    """Days ago and price of "90: 100, 60: 104"."""
    pairs = (step.split(":") for step in cell.split(","))
    return [(float(days), int(price)) for days, price in pairs]


def worked(table: str) -> list[list[str]]:
    """The rows of a table of docs/prices.md."""
    lines = DOC.read_text(encoding="utf-8").split(f"Table: {table}\n\n")[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("row", worked("deal"), ids=lambda row: row[0])
def test_deals_are_what_the_document_says(row: list[str]) -> None:
    steps, asked, verdict = row
    found = deal(course(*told(steps)), asked_minor=int(asked), confirmed_at=NOW, now=NOW)
    assert (found is not None) == verdict.startswith("yes")


@pytest.mark.parametrize("row", worked("summary"), ids=lambda row: row[0])
def test_low_median_and_high_are_what_the_document_says(row: list[str]) -> None:
    steps, low, middle, high, readings = row
    found = summary(course(*told(steps)), confirmed_at=NOW, start=ago(90), end=NOW)
    assert found is not None
    assert [found.low_minor, found.median_minor, found.high_minor, found.readings] == [
        int(low),
        int(middle),
        int(high),
        int(readings),
    ]


@pytest.mark.parametrize(
    "readings",
    [
        [(90, 100, None), (89, 104, 89), (5, 104, 88), (3, 85, 3)],  # nobody looked for most of ninety days
        [(90, 100, None), (60, 104, 60), (10, 104, 32), (3, 85, 3)],  # nor for most of the last thirty
    ],
)
def test_what_nobody_watched_is_no_deal(readings: list[tuple[int, int, int | None]]) -> None:
    seen = [Seen(ago(at), minor, None if before is None else ago(before)) for at, minor, before in readings]
    assert deal(seen, asked_minor=85, confirmed_at=NOW, now=NOW) is None


def test_stock_alone_is_no_change_of_price() -> None:
    assert price_changes(course((10, 100), (8, 100), (6, None), (4, 80), (2, 80))) == 2


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


COURSES = st.lists(
    st.tuples(st.integers(0, 8000), st.integers(0, 400), st.one_of(st.none(), st.integers(1, 10**7))),
    min_size=1,
    max_size=15,
    unique_by=lambda row: row[0],
).map(
    lambda rows: [
        Seen(ago(hours / 24), minor, ago((hours + silent) / 24))
        for hours, silent, minor in sorted(rows, key=lambda row: -row[0])
    ]
)


@given(COURSES)
def test_no_time_belongs_to_two_prices(readings: list[Seen]) -> None:
    held = spans(readings, confirmed_at=NOW)
    assert all(before.end <= after.start for before, after in pairwise(held))


@given(COURSES)
def test_a_summarys_median_lies_between_its_lowest_and_highest(readings: list[Seen]) -> None:
    found = summary(readings, confirmed_at=NOW, start=ago(90), end=NOW)
    assert found is None or found.low_minor <= found.median_minor <= found.high_minor


@given(COURSES)
def test_gaps_are_longer_than_two_days_or_cut_by_the_window(readings: list[Seen]) -> None:
    start = ago(90)
    found = gaps(readings, confirmed_at=NOW, start=start, end=NOW)
    assert all(b - a > GAP or a == start or b == NOW for a, b in found)


@given(COURSES)
def test_more_is_never_watched_than_there_was_time(readings: list[Seen]) -> None:
    assert watched(within(spans(readings, confirmed_at=NOW), ago(90), NOW)) <= 90 * DAY


@given(COURSES, st.integers(1, 10**7))
def test_a_deal_is_never_above_what_it_is_held_against(readings: list[Seen], asked: int) -> None:
    found = deal(readings, asked_minor=asked, confirmed_at=NOW, now=NOW)
    assert found is None or (asked <= found.lowest_minor and asked * 10 <= found.median_minor * 9)
