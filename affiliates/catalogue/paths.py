"""Where a product page's links lead. Tracking stands above the catalogue, so it registers itself here."""

from __future__ import annotations

from collections.abc import Callable, Iterable

GoPaths = Callable[[Iterable[int]], dict[int, str]]


def _no_paths(offer_ids: Iterable[int]) -> dict[int, str]:
    return {}


_go_paths: GoPaths = _no_paths


def register_go_paths(function: GoPaths) -> None:
    """`function(offer_ids)` gives the house links' paths by offer."""
    global _go_paths
    _go_paths = function


def go_paths(offer_ids: Iterable[int]) -> dict[int, str]:
    """Paths by offer key; offers without one are missing."""
    return _go_paths(offer_ids)
