"""Charts drawn on the server."""

from __future__ import annotations

import pytest
from defusedxml import ElementTree

from cms.core.charts import Point, bar_chart, line_chart, nice_ceiling, row_chart

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
