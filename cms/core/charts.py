"""Charts as SVG, drawn on the server: readable without JavaScript, without colour and on a phone.

Horizontal places are percentages and vertical ones pixels, so a chart stretches to its column while its
words keep their size. Every colour comes from a class. A chart is never the only place of a figure: a table
stands below.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_numbers = itertools.count(1)

TOP, BOTTOM = 28, 26
#: How many places across are told apart, and how high a line of words is.
COLUMNS, LINE_OF_WORDS = 400, 16
#: How far above the axis the lowest step lies: the axis is no price.
ABOVE_AXIS = 22


@dataclass(frozen=True, slots=True)
class Point:
    """One labelled value. `text` is the value as a reader sees it ("€412.80"); `kind` picks its colour."""

    label: str
    value: int | float
    text: str
    kind: str = ""


def nice_ceiling(highest: float) -> float:
    """The next round number (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8 × 10ⁿ) that is not below the highest value."""
    if highest <= 0:
        return 1
    power = 10 ** math.floor(math.log10(highest))
    return next(step * power for step in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10) if step * power >= highest)


def bar_chart(
    points: Sequence[Point], *, title: str, description: str = "", height: int = 220, top_text: str = ""
) -> SafeString:
    """Upright bars over time. The highest and the last bar carry their values; the others have them as
    titles.
    """
    number = next(_numbers)
    if not points:
        return SafeString("")
    ceiling = nice_ceiling(max(point.value for point in points))
    floor, plot, slot = height - BOTTOM, height - TOP - BOTTOM, 100 / len(points)
    width = slot * (0.62 if len(points) < 40 else 0.8)
    highest = max(range(len(points)), key=lambda index: points[index].value)
    labelled = {highest, len(points) - 1} if len(points) > 8 else set(range(len(points)))
    if len(points) > 8 and len(points) - 1 - highest < len(points) / 6:
        labelled = {highest}
    every = max(1, math.ceil(len(points) / 8))
    bars, words = [], []
    for index, point in enumerate(points):
        tall = max(point.value / ceiling * plot, 1.5 if point.value else 0)
        left, middle = index * slot + (slot - width) / 2, index * slot + slot / 2
        bars.append((_p(left), round(floor - tall, 1), _p(width), round(tall, 1), point.kind, point.label, point.text))
        if index in labelled and point.value:
            at = {"start": left, "middle": middle, "end": left + width}[_anchor(middle)]
            words.append((_p(at), round(floor - tall - 7, 1), "value", _anchor(middle), point.text))
        if index % every == 0:
            rank = "tick" if index // every % 2 == 0 else "tick chart__tick--minor"
            at = {"start": left, "middle": middle, "end": left + width}[_anchor(middle)]
            words.append((_p(at), height - 7, rank, _anchor(middle), point.label))
    grid = format_html_join(
        "",
        '<line class="chart__grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>',
        ((round(floor - plot * share, 1),) for share in (0.5, 1)),
    )
    body = format_html_join(
        "",
        '<rect class="chart__bar" data-kind="{4}" x="{0}" y="{1}" width="{2}" height="{3}">'
        "<title>{5}: {6}</title></rect>",
        bars,
    )
    ceiling_word = (
        format_html('<text class="chart__tick" x="0" y="{}">{}</text>', TOP - 8, top_text) if top_text else ""
    )
    return _svg(number, title, description, height, format_html(
        '{}{}<line class="chart__axis" x1="0" x2="100%" y1="{}" y2="{}"/>{}{}',
        grid, body, floor, floor, _words(words), ceiling_word,
    ))  # fmt: skip


def row_chart(points: Sequence[Point], *, title: str, description: str = "") -> SafeString:
    """Lying bars, one a row: label above, value at the right. For guides, products, reasons."""
    number = next(_numbers)
    if not points:
        return SafeString("")
    ceiling = max(point.value for point in points) or 1
    pitch = 46
    rows = format_html_join(
        "",
        '<text class="chart__label" x="0" y="{0}">{4}</text><text class="chart__value" x="100%" y="{0}" '
        'text-anchor="end">{5}</text><rect class="chart__track" x="0" y="{1}" width="100%" height="8"/>'
        '<rect class="chart__bar" data-kind="{3}" x="0" y="{1}" width="{2}" height="8">'
        "<title>{4}: {5}</title></rect>",
        (
            (
                i * pitch + 16,
                i * pitch + 24,
                _p(max(p.value, 0) / ceiling * 100),
                p.kind,
                _short(p.label),
                p.text,
            )
            for i, p in enumerate(points)
        ),
    )
    return _svg(number, title, description, len(points) * pitch, rows)


def line_chart(
    points: Sequence[Point],
    *,
    title: str,
    description: str = "",
    height: int = 200,
    starts_at_zero: bool = True,
) -> SafeString:
    """A line over time, as of a price. First, last, lowest and highest carry their values."""
    number = next(_numbers)
    if not points:
        return SafeString("")
    values = [point.value for point in points]
    low = 0 if starts_at_zero else min(values)
    span = (nice_ceiling(max(values)) if starts_at_zero else max(values)) - low or 1
    plot, floor = height - TOP - BOTTOM, height - BOTTOM
    steps = max(len(points) - 1, 1)
    spots = [(i / steps * 100, floor - (v - low) / span * plot) for i, v in enumerate(values)]
    path = " ".join(f"{x:.2f},{y - TOP:.1f}" for x, y in spots)
    named = {0, len(points) - 1, values.index(max(values)), values.index(min(values))}
    words = [(_p(spots[i][0]), round(spots[i][1] - 9, 1), "value", _anchor(spots[i][0]), points[i].text) for i in named]
    words += [
        (_p(spots[i][0]), height - 7, "tick", _anchor(spots[i][0]), points[i].label) for i in {0, len(points) - 1}
    ]
    dots = format_html_join(
        "",
        '<circle class="chart__dot" cx="{}" cy="{}" r="3.5"/>',
        ((_p(spots[i][0]), round(spots[i][1], 1)) for i in named),
    )
    return _svg(number, title, description, height, format_html(
        '<line class="chart__axis" x1="0" x2="100%" y1="{0}" y2="{0}"/>'
        '<svg x="0" y="{1}" width="100%" height="{2}" viewBox="0 0 100 {2}" '
        'preserveAspectRatio="none" overflow="visible">'
        '<polyline class="chart__line" points="{3}"/></svg>{4}{5}',
        floor, TOP, plot, path, dots, _words(words),
    ))  # fmt: skip


@dataclass(frozen=True, slots=True)
class StepLine:
    """A value that holds until it changes: pieces of (place from 0 to 1, value); between pieces nothing was seen."""

    pieces: tuple[tuple[tuple[float, int], ...], ...]
    name: str


def step_chart(
    lines: Sequence[StepLine], *, title: str, description: str, low_text: str, high_text: str,
    first_label: str, last_label: str, middle: tuple[int, str] | None = None, height: int = 240,
) -> SafeString:  # fmt: skip
    """Steps over time, up to four lines told apart by their dashes and by their names where they end.

    Lowest and highest carry their values; `middle` is a value, drawn across, with its words, which stand above.
    """
    number = next(_numbers)
    values = [value for line in lines for piece in line.pieces for _place, value in piece]
    if not values:
        return SafeString("")
    low, high = min(values), max(values)
    plot, floor = height - TOP - BOTTOM, height - BOTTOM
    span = high - low or 1

    def up(value: int) -> float:
        return round(TOP + (high - value) / span * (plot - ABOVE_AXIS), 1)

    drawn = format_html_join(
        "",
        '<polyline class="chart__line chart__line--{}" points="{}"/>',
        (
            (number_ + 1, " ".join(f"{place * 100:.2f},{up(value) - TOP:.1f}" for place, value in _steps(piece)))
            for number_, line in enumerate(lines)
            for piece in line.pieces
        ),
    )
    words: list[tuple[str, float, str, str, str]] = [
        ("0", TOP - 9, "value", "start", high_text),
        ("0", up(low) - 7, "value", "start", low_text),
        ("0", height - 7, "tick", "start", first_label),
        ("100%", height - 7, "tick", "end", last_label),
    ]
    if high == low:
        words = words[1:]
    levels, key = {low, high}, SafeString("")
    if middle is not None and low < middle[0] < high:
        levels.add(middle[0])
        key = _key_of_middle(middle[1])
    across = format_html_join(
        "",
        '<line class="chart__grid" x1="0" x2="100%" y1="{0}" y2="{0}"/>',
        ((up(value),) for value in sorted(levels)),
    )
    if len(lines) > 1:
        ends = [(up(line.pieces[-1][-1][1]) - 7, line.name) for line in lines if line.pieces]
        words += [("100%", y, "name", "end", name) for y, name in _spread(ends, floor)]
    return _svg(number, title, description, height, format_html(
        '{5}<line class="chart__axis" x1="0" x2="100%" y1="{1}" y2="{1}"/>'
        '<svg x="0" y="{0}" width="100%" height="{2}" viewBox="0 0 100 {2}" '
        'preserveAspectRatio="none" overflow="visible">{3}</svg>{4}{6}',
        TOP, floor, plot, drawn, _words(words), across, key,
    ))  # fmt: skip


def _key_of_middle(words: str) -> SafeString:
    """What the line between lowest and highest is, above the picture: within it, the words would lie on the prices."""
    return format_html(
        '<svg x="100%" y="{}" width="1" height="1" overflow="visible">'
        '<text class="chart__name" x="-30" y="0" text-anchor="end">{}</text>'
        '<line class="chart__grid" x1="-24" x2="0" y1="-4" y2="-4"/></svg>',
        TOP - 9,
        words,
    )


def _spread(ends: Sequence[tuple[float, str]], floor: float) -> list[tuple[float, str]]:
    """Names by height, moved up where they would lie on each other."""
    placed: list[tuple[float, str]] = []
    below = floor + LINE_OF_WORDS - 7
    for y, name in sorted(ends, reverse=True):
        below = round(min(y, below - LINE_OF_WORDS), 1)
        placed.append((below, _short(name, 34)))
    return placed


def _thinned(piece: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """Of many values within one hair's breadth the first, lowest, highest and last: the same picture, fewer points."""
    kept: list[tuple[float, int]] = []
    for _column, group in itertools.groupby(piece, key=lambda spot: int(spot[0] * COLUMNS)):
        spots = list(group)
        values = [value for _place, value in spots]
        told = {0, values.index(min(values)), values.index(max(values)), len(spots) - 1}
        kept += [spots[index] for index in sorted(told)]
    return kept


def _steps(piece: Sequence[tuple[float, int]]) -> list[tuple[float, int]]:
    """The corners of a staircase."""
    corners: list[tuple[float, int]] = []
    for place, value in _thinned(piece):
        if corners and corners[-1][1] != value:
            corners.append((place, corners[-1][1]))
        corners.append((place, value))
    return corners


def _p(share: float) -> str:
    return f"{share:.2f}%"


def _anchor(middle: float) -> str:
    return "start" if middle < 8 else "end" if middle > 92 else "middle"


def _short(label: str, longest: int = 48) -> str:
    return label if len(label) <= longest else label[: longest - 1].rstrip() + "…"


def _words(words: Sequence[tuple[str, float, str, str, str]]) -> SafeString:
    return format_html_join("", '<text class="chart__{2}" x="{0}" y="{1}" text-anchor="{3}">{4}</text>', words)


def _svg(number: int, title: str, description: str, height: int, body: SafeString) -> SafeString:
    return format_html(
        '<svg class="chart__picture" role="img" width="100%" height="{0}" '
        'aria-labelledby="chart-{1}-title chart-{1}-desc">'
        '<title id="chart-{1}-title">{2}</title><desc id="chart-{1}-desc">{3}</desc>{4}</svg>',
        height, number, title, description, body,
    )  # fmt: skip
