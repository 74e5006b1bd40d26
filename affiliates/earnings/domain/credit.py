"""How a model shares the credit among clicks: pure arithmetic in whole numbers."""

from __future__ import annotations

from collections.abc import Sequence

from cms.core.domain.money import largest_remainder

LAST_CLICK, FIRST_CLICK, LINEAR, POSITION_BASED = "last_click", "first_click", "linear", "position_based"
#: Every model the rules know.
MODELS = (LAST_CLICK, FIRST_CLICK, LINEAR, POSITION_BASED)
#: Those a programme can have: the whole credit goes to one touch.
PAYABLE_MODELS = (LAST_CLICK, FIRST_CLICK)
#: The whole credit, in hundredths of a percent.
WHOLE = 10_000
#: Position-based: the first and the last touch get this much each, those between them share the rest.
_END_WEIGHT = 40
_MIDDLE_WEIGHT = 20


def weights_of(model: str, touches: int) -> list[int]:
    """How much each of so many touches weighs, the earliest first. ValueError for a model the rules do not know."""
    if model not in MODELS:
        raise ValueError(f"there is no attribution model {model!r}")
    if touches <= 0:
        return []
    if model == LAST_CLICK:
        return [0] * (touches - 1) + [1]
    if model == FIRST_CLICK:
        return [1] + [0] * (touches - 1)
    if model == LINEAR or touches <= 2:
        return [1] * touches
    middle = touches - 2
    return [_END_WEIGHT * middle, *[_MIDDLE_WEIGHT] * middle, _END_WEIGHT * middle]


def shares_of(model: str, touches: int) -> list[int]:
    """Each touch's share in hundredths of a percent; together exactly the whole."""
    weights = weights_of(model, touches)
    return largest_remainder(WHOLE, weights) if weights else []


def split(amount_minor: int, shares: Sequence[int]) -> list[int]:
    """A commission cut by shares; the parts add up to it exactly, a tie goes to the earlier touch."""
    return largest_remainder(amount_minor, shares) if shares else []
