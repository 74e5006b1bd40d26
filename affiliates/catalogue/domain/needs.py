"""What became of a card when a shop's page or feed changed, as its author should hear of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from affiliates.catalogue.domain.offers import OfferView, as_the_author_wishes, offer_rank, ranked
from affiliates.catalogue.domain.serving import serving

#: Why an offer cannot be had: its page or listing is gone, it is sold out, or its button is off for now.
Fault = Literal["", "gone", "sold_out", "off"]
#: The card has nothing to buy (the first five), it stays with a shop that has nothing, its button leads elsewhere, or
#: to a shop that drops our click id, by which orders are found.
Kind = Literal["unlisted", "off", "sold_out", "not_known", "not_shipped", "stays", "moved", "own_shop", "untracked"]
NOTHING_TO_BUY: frozenset[Kind] = frozenset({"unlisted", "off", "sold_out", "not_known", "not_shipped"})


@dataclass(frozen=True, slots=True)
class Standing:
    """An offer for one country: as its card has it (None: not listed any more), and as it stood when it could be had.

    `since_at` is None where nobody noted when the fault began.
    """

    shown: OfferView | None
    whole: OfferView
    fault: Fault = ""
    since_at: dt.datetime | None = None
    #: Since when its page drops our click id; None: it does not.
    untracked_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Happened:
    """What became of a card in one country. `shop` is the one that failed, `shop_now` where the button leads."""

    kind: Kind
    shop: str = ""
    fault: Fault = ""
    shop_now: str = ""
    since_at: dt.datetime | None = None


def what_happened(
    standings: Sequence[Standing],
    *,
    country: str,
    preferred_shop: str = "",
    may_switch: bool = True,
    published_at: dt.datetime | None = None,
) -> Happened | None:
    """What the author has to know of the card, or None where it serves as it did when the page was published.

    A button that had moved before the page was last published is no news: its author saw it there.
    """
    shown = [standing.shown for standing in standings if standing.shown is not None]
    why = serving(shown, country_known=True)
    if why != "served":
        return Happened(why, since_at=_last(standings))
    wished = as_the_author_wishes(
        ranked(shown, country=country), preferred_shop=preferred_shop, may_switch=may_switch, country=country
    )
    first = wished[0]
    if not first.is_buyable:
        own = next(standing for standing in standings if standing.whole.offer_id == first.offer_id)
        return Happened("stays", first.merchant_name, own.fault, since_at=own.since_at)
    failed = _failed(standings, country=country, preferred_shop=preferred_shop)
    if failed is None or (failed[1].since_at and published_at and failed[1].since_at <= published_at):
        return _untracked(standings, first)
    kind, standing = failed
    return Happened(kind, standing.whole.merchant_name, standing.fault, first.merchant_name, standing.since_at)


def _untracked(standings: Sequence[Standing], first: OfferView) -> Happened | None:
    leads = next(standing for standing in standings if standing.whole.offer_id == first.offer_id)
    return Happened("untracked", first.merchant_name, since_at=leads.untracked_at) if leads.untracked_at else None


def _failed(standings: Sequence[Standing], *, country: str, preferred_shop: str) -> tuple[Kind, Standing] | None:
    """The offer that would stand first if it could be had, else the author's own shop, where either cannot."""
    best = min(standings, key=lambda standing: offer_rank(standing.whole, country=country))
    if best.fault:
        return "moved", best
    own = [s for s in standings if preferred_shop and s.whole.merchant_slug == preferred_shop]
    if own and all(standing.fault for standing in own):
        return "own_shop", own[0]
    return None


def _last(standings: Sequence[Standing]) -> dt.datetime | None:
    """When the last one went; None where that is not known of each."""
    times = [standing.since_at for standing in standings if standing.fault]
    known = [time for time in times if time is not None]
    return max(known) if known and len(known) == len(times) else None
