"""Stock as feeds write it, in our six states."""

from __future__ import annotations

from affiliates.catalogue.domain.faults import FieldFault

UNKNOWN = "unknown"
_STATES = {
    "in_stock": "in_stock",
    "available": "in_stock",
    "out_of_stock": "out_of_stock",
    "sold_out": "out_of_stock",
    "preorder": "preorder",
    "pre_order": "preorder",
    "backorder": "backorder",
    "back_order": "backorder",
    "available_for_order": "backorder",
    "discontinued": "discontinued",
    "limited": "limited",
    "limited_availability": "limited",
    "low_stock": "limited",
}
STATES = frozenset({*_STATES.values(), UNKNOWN})


def read_availability(text: str) -> str:
    """One of our states; `unknown` where nothing is said, a fault for a word we do not know."""
    word = "_".join(text.replace("-", " ").replace("_", " ").lower().split())
    if not word:
        return UNKNOWN
    if word not in _STATES:
        raise FieldFault("availability", f"{text[:40]!r} is not a known availability")
    return _STATES[word]
