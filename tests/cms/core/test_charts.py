"""Charts drawn on the server."""

from __future__ import annotations

import re

import pytest
from defusedxml import ElementTree

from cms.core.charts import TOP, Point, StepLine, bar_chart, line_chart, nice_ceiling, row_chart, step_chart

DAYS = [Point(f"{day} Nov", day * 100, f"€{day}.00") for day in range(1, 31)]


@pytest.mark.parametrize("draw", [bar_chart, line_chart, row_chart])
def test_a_chart_is_well_formed_and_named(draw) -> None:
    root = ElementTree.fromstring(draw(DAYS, title="Commission", description="Thirty days"))
    assert [root[0].text, root[1].text] == ["Commission", "Thirty days"]


@pytest.mark.parametrize("draw", [bar_chart, line_chart, row_chart])
def test_a_chart_of_nothing_is_nothing(draw) -> None:
    assert draw([], title="Commission") == ""


@pytest.mark.parametrize("draw", [bar_chart, line_chart, row_chart])
def test_a_chart_of_zeros_can_be_drawn(draw) -> None:
    assert draw([Point("1", 0, "€0"), Point("2", 0, "€0")], title="Commission")


def test_every_bar_says_its_value() -> None:
    assert bar_chart(DAYS, title="x").count("<title>") == len(DAYS)


def test_a_chart_has_no_inline_style() -> None:
    assert "style=" not in bar_chart(DAYS, title="x") + line_chart(DAYS, title="x") + row_chart(DAYS, title="x")


def test_a_label_cannot_smuggle_markup_in() -> None:
    assert "<b>" not in row_chart([Point("<b>bold</b>", 1, "1")], title="x")


@pytest.mark.parametrize(
    ("highest", "ceiling"), [(0, 1), (1, 1), (7, 8), (21, 25), (250, 250), (301, 400), (0.35, 0.4)]
)
def test_the_scale_ends_at_a_round_number(highest: float, ceiling: float) -> None:
    assert nice_ceiling(highest) == pytest.approx(ceiling)


def steps(*lines: StepLine, **options) -> str:
    words = {"low_text": "€1", "high_text": "€9", "first_label": "1 Nov", "last_label": "30 Nov"}
    return step_chart(lines, title="Price", description="Thirty days", **words, **options)


def test_a_step_chart_is_well_formed_and_named() -> None:
    root = ElementTree.fromstring(steps(StepLine((((0.0, 1), (1.0, 9)),), "Kaufgarten"), middle=(5, "median €5")))
    assert [root[0].text, root[1].text] == ["Price", "Thirty days"]


def test_the_words_of_the_middle_stand_above_the_picture() -> None:
    drawn = steps(StepLine((((0.0, 1), (1.0, 9)),), "Kaufgarten"), middle=(5, "median €5"))
    place = re.search(r'<svg x="100%" y="(\d+)"[^>]*><text[^>]*>median €5<', drawn)
    assert place is not None
    assert int(place[1]) < TOP


def test_a_gap_is_drawn_as_none() -> None:
    assert steps(StepLine((((0.0, 1), (0.3, 1)), ((0.6, 9), (1.0, 9))), "A")).count("<polyline") == 2


def test_lines_are_told_apart_by_name_where_they_end_and_by_their_dashes() -> None:
    lines = [StepLine((((0.0, 5), (1.0, 5)),), name) for name in ("Kaufgarten", "Solymar")]
    drawn = steps(*lines)
    places = re.findall(r'class="chart__name" x="100%" y="([-\d.]+)"', drawn)
    assert "chart__line--2" in drawn and abs(float(places[0]) - float(places[1])) >= 14


def test_thousands_of_steps_make_a_bounded_drawing() -> None:
    piece = tuple((n / 9000, n * 7919 % 997) for n in range(9000))
    assert len(steps(StepLine((piece,), "A"))) < 60_000
