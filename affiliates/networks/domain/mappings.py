"""How a network's table is read: which column holds what, and how its numbers, dates and words are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

AMOUNTS = ("sale", "commission")
TIMES = ("event_at", "click_at", "validated_at", "amended_at")
#: Fields of a few words each; a cut word is no word of them.
WORDS = ("state", "kind", "currency", "commission_currency", "country", "paid")
TEXTS = ("external_id", "order_id", "sub_id", "coupon", "reason_code", "reason_text", "advertiser")
FIELDS = (*TEXTS, *WORDS, *AMOUNTS, *TIMES)
REQUIRED = ("external_id", "state", "sale", "event_at")


@dataclass(frozen=True, slots=True)
class TableMapping:
    """Our field → its column. What is left empty is found from the file, or the file is refused."""

    columns: Mapping[str, str]
    delimiter: str = ""
    encoding: str = ""
    decimal_mark: str = ""
    date_order: str = ""
    time_zone: str = "UTC"
    currency: str = ""
    #: The network's word → our state, and → our kind.
    states: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    #: The first cell of a closing row; without such a row the file is not whole.
    footer: str = ""


def missing_fields(columns: Mapping[str, str]) -> list[str]:
    """What no mapping can do without and this one lacks."""
    return [name for name in REQUIRED if not columns.get(name)]
