"""Every pair of text and ground that the stylesheets use reads by day and by night (WCAG 2.2 AA)."""

from __future__ import annotations

import re
from pathlib import Path

from django.conf import settings

import pytest

CSS = Path(settings.PROJECT_DIR) / "static" / "css"
TINTS = ("clay", "moss", "sea", "plum", "sand", "slate", "rose", "gold")
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#[0-9a-f]{6}),\s*(#[0-9a-f]{6})\)")


def _pairs(css: str) -> dict[str, tuple[str, str]]:
    return {name: (day, night) for name, day, night in PAIR.findall(css)}


TOKENS = _pairs((CSS / "tokens.css").read_text())
TINT_TOKENS = {
    tint: _pairs(block)
    for tint, block in re.findall(r'\[data-tint="(\w+)"\] {(.*?)}', (CSS / "tints.css").read_text(), re.DOTALL)
}
GROUNDS = ("paper", "paper-raised", "paper-sunken")
TEXT_ON_PAPER = [
    (text, ground)
    for ground in GROUNDS
    for text in ("ink", "ink-soft", "house", "house-strong", "action", "ok", "wait", "bad", "calm")
]
TEXT_ON_WASHES = [
    ("ok", "ok-wash"), ("wait", "wait-wash"), ("bad", "bad-wash"), ("calm", "calm-wash"),
    ("house", "house-wash"), ("ink", "house-wash"), ("ink-soft", "house-wash"), ("ink", "wait-wash"),
    ("tint-ink", "tint-stage"), ("on-action", "action"), ("on-action", "action-strong"),
    ("on-house-deep", "house-deep"), ("on-house-deep-soft", "house-deep"),
]  # fmt: skip


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_reckoned_as_the_standard_says() -> None:
    assert (contrast("#000000", "#ffffff"), round(contrast("#777777", "#ffffff"), 2)) == (21, 4.48)


@pytest.mark.parametrize("night", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize(("text", "ground"), TEXT_ON_PAPER + TEXT_ON_WASHES)
def test_text_reads_on_its_ground(text: str, ground: str, night: int) -> None:
    assert contrast(TOKENS[text][night], TOKENS[ground][night]) >= 4.5


def test_there_are_eight_tints() -> None:
    assert tuple(TINT_TOKENS) == TINTS


@pytest.mark.parametrize("night", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize("ground", ["tint-wash", "tint-stage"])
@pytest.mark.parametrize("tint", TINTS)
def test_a_tints_ink_reads_on_its_grounds(tint: str, ground: str, night: int) -> None:
    assert contrast(TINT_TOKENS[tint]["tint-ink"][night], TINT_TOKENS[tint][ground][night]) >= 4.5


@pytest.mark.parametrize("night", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize("text", ["ink", "ink-soft", "house", "ok", "wait", "bad", "calm", "action"])
@pytest.mark.parametrize("tint", TINTS)
def test_a_card_on_a_tint_reads_like_one_on_paper(tint: str, text: str, night: int) -> None:
    assert contrast(TOKENS[text][night], TINT_TOKENS[tint]["tint-wash"][night]) >= 4.5


@pytest.mark.parametrize("night", [0, 1], ids=["day", "night"])
@pytest.mark.parametrize("tint", TINTS)
def test_a_tints_ink_reads_on_paper(tint: str, night: int) -> None:
    assert contrast(TINT_TOKENS[tint]["tint-ink"][night], TOKENS["paper"][night]) >= 4.5


@pytest.mark.parametrize("night", [0, 1], ids=["day", "night"])
def test_the_edge_of_a_field_can_be_seen(night: int) -> None:
    assert contrast(TOKENS["hairline-strong"][night], TOKENS["paper-raised"][night]) >= 3
