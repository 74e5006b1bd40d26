"""What a price did over time, as far as it was seen. Prices are minor units of one currency.

A price holds from its reading to the next one, but never over a time in which nobody looked: a reading knows when the
price before it was last confirmed, and what lies between is a gap.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

#: Longer without anybody looking is said to be a gap.
GAP = dt.timedelta(hours=48)
LOWEST_DAYS, MEDIAN_DAYS = 30, 90
DEAL_PERCENT = 10
#: What a deal rests on: readings, days watched among the ninety, and days watched among the thirty.
LEAST_READINGS, LEAST_DAYS, LEAST_RECENT_DAYS = 3, 30, 15


@dataclass(frozen=True, slots=True)
class Seen:
    """One reading: from when, what was asked (None: no price), and when the price before was last confirmed."""

    at: dt.datetime
    minor: int | None
    before_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """A time through which one price held."""

    start: dt.datetime
    end: dt.datetime
    minor: int

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Summary:
    """The lowest, the middle and the highest price of a time. The middle is weighted by how long each price held."""

    low_minor: int
    median_minor: int
    high_minor: int
    readings: int
    first_at: dt.datetime
    gaps: tuple[tuple[dt.datetime, dt.datetime], ...]


@dataclass(frozen=True, slots=True)
class Deal:
    """Why a price may be called a deal: both numbers it is held against."""

    asked_minor: int
    lowest_minor: int
    median_minor: int

    @property
    def percent_under(self) -> int:
        """How far below the median, in whole percent, rounded down."""
        return (self.median_minor - self.asked_minor) * 100 // self.median_minor


def spans(readings: Sequence[Seen], *, confirmed_at: dt.datetime) -> list[Span]:
    """The times through which prices held. `readings` in order of time; the last one held until `confirmed_at`."""
    found: list[Span] = []
    for number, reading in enumerate(readings):
        end = confirmed_at
        if number + 1 < len(readings):
            following = readings[number + 1]
            end = following.at
            if following.before_at is not None and following.at - following.before_at > GAP:
                end = max(following.before_at, reading.at)
        if reading.minor is not None and end >= reading.at:
            found.append(Span(reading.at, end, reading.minor))
    return found


def within(spans_: Iterable[Span], start: dt.datetime, end: dt.datetime) -> list[Span]:
    """What of these times lies between two moments."""
    cut = (Span(max(span.start, start), min(span.end, end), span.minor) for span in spans_)
    return [span for span in cut if span.end >= span.start]


def median(spans_: Sequence[Span]) -> int:
    """The price at or below which the thing stood for half of the time. ValueError where there is none."""
    if not spans_:
        raise ValueError("nothing was seen")
    whole = sum(span.seconds for span in spans_)
    passed = 0.0
    ordered = sorted(spans_, key=lambda span: span.minor)
    for span in ordered:
        passed += span.seconds
        if passed * 2 >= whole:
            return span.minor
    return ordered[-1].minor


def summary(
    readings: Sequence[Seen], *, confirmed_at: dt.datetime, start: dt.datetime, end: dt.datetime
) -> Summary | None:
    """The summary of a time; None where no price was seen in it."""
    held = within(spans(readings, confirmed_at=confirmed_at), start, end)
    if not held:
        return None
    prices = [span.minor for span in held]
    return Summary(
        low_minor=min(prices),
        median_minor=median(held),
        high_minor=max(prices),
        readings=sum(1 for reading in readings if start <= reading.at <= end),
        first_at=max(start, readings[0].at),
        gaps=gaps(readings, confirmed_at=confirmed_at, start=start, end=end),
    )


def gaps(
    readings: Sequence[Seen], *, confirmed_at: dt.datetime, start: dt.datetime, end: dt.datetime
) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
    """The times in which nobody looked, the present one among them."""
    unseen = [
        (reading.before_at, reading.at)
        for reading in readings
        if reading.before_at is not None and reading.at - reading.before_at > GAP
    ]
    if readings and end - confirmed_at > GAP:
        unseen.append((confirmed_at, end))
    return tuple((max(a, start), min(b, end)) for a, b in unseen if b > start and a < end)


def watched(spans_: Iterable[Span]) -> dt.timedelta:
    """For how long a price was known."""
    return sum((span.end - span.start for span in spans_), dt.timedelta())


def _least_watched(confirmed_at: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """Thirty days, less the time since the price was last confirmed, which every feed leaves open for some hours."""
    return dt.timedelta(days=LEAST_DAYS) - min(GAP, max(now - confirmed_at, dt.timedelta()))


def price_changes(readings: Sequence[Seen]) -> int:
    """How often another price was seen than the one before; stock alone is no change, nor is a return."""
    prices = [reading.minor for reading in readings]
    return sum(1 for before, after in pairwise(prices) if before != after)


def deal(readings: Sequence[Seen], *, asked_minor: int, confirmed_at: dt.datetime, now: dt.datetime) -> Deal | None:
    """A deal, where the asked price is the lowest of thirty days and a tenth or more under the median of ninety.

    None without three readings and thirty days of history in which somebody looked, half of the last thirty among
    them: what was hardly watched proves nothing.
    """
    if len(readings) < LEAST_READINGS or now - readings[0].at < dt.timedelta(days=LEAST_DAYS):
        return None
    held = spans(readings, confirmed_at=confirmed_at)
    recent = within(held, now - dt.timedelta(days=LOWEST_DAYS), now)
    longer = within(held, now - dt.timedelta(days=MEDIAN_DAYS), now)
    if watched(recent) < dt.timedelta(days=LEAST_RECENT_DAYS) or watched(longer) < _least_watched(confirmed_at, now):
        return None
    lowest, middle = min(span.minor for span in recent), median(longer)
    if asked_minor > lowest or asked_minor * 100 > middle * (100 - DEAL_PERCENT):
        return None
    return Deal(asked_minor, lowest, middle)
