"""What becomes of a reader's report: plain rules, so that reader, merchant and operator are told the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["confirmed", "refuted", "unsure", "again"]

#: Equal reports of so many distinct verified accounts hide an offer until it was checked.
VERIFIED_TO_HIDE = 3
#: So many confirmed counterfeit reports of distinct verified accounts suspend a shop.
COUNTERFEITS_TO_SUSPEND = 2
ANSWER_WITHIN = dt.timedelta(hours=72)
#: Without a check by then, a person has to look.
CHECK_WITHIN = dt.timedelta(hours=6)
OBJECTION_WITHIN = dt.timedelta(days=14)
REPORTS_A_DAY = 20
#: Anonymous reports only ask for a check; beyond this many in an hour they are turned away, whoever sends them.
ANONYMOUS_AN_HOUR = 60

_NOT_THERE = frozenset({"gone", "soft_gone", "redirected"})
_THERE = frozenset({"ok", "price_mismatch", "tag_stripped"})


@dataclass(frozen=True, slots=True)
class Seen:
    """What is known of the offer after its check. Prices in minor units; `ships` as the shop itself says it now.

    `is_sure` is False where the page gave nothing to go by; `is_believed` says that a dead end was found often enough;
    `price_is_the_pages` that the price read since was read from the shop's page, not from its feed.
    """

    state: str
    is_sure: bool
    is_believed: bool
    price_was_read: bool
    price_is_the_pages: bool
    stated_minor: int | None
    price_minor: int | None
    ships: Literal["yes", "no", "unknown"]
    ships_was_read: bool


def verdict(kind: str, seen: Seen) -> Verdict:
    """What a check says of a report. `unsure` goes to a person, `again` waits for the next look.

    Nothing is refuted that was not looked at, and nothing is gone that was missing once.
    """
    if kind == "gone":
        return _of_gone(seen)
    if kind == "wrong_price":
        return _of_price(seen)
    if kind == "wont_ship" and seen.ships_was_read and seen.ships != "unknown":
        return "confirmed" if seen.ships == "no" else "refuted"
    return "unsure"


def _of_gone(seen: Seen) -> Verdict:
    if not seen.is_sure:
        return "unsure"
    if seen.state in _NOT_THERE:
        return "confirmed" if seen.is_believed else "again"
    # Sold out is not gone, but the reader was right: it cannot be had.
    if seen.state == "sold_out":
        return "confirmed"
    return "refuted" if seen.state in _THERE else "unsure"


def _of_price(seen: Seen) -> Verdict:
    if seen.state == "price_mismatch" and seen.is_sure:
        return "confirmed"
    if not seen.price_was_read or seen.price_minor is None:
        return "unsure"
    if seen.price_minor != seen.stated_minor:
        return "confirmed"
    # A feed that repeats its price says nothing about the page.
    return "refuted" if seen.price_is_the_pages and seen.is_sure else "unsure"
