"""Which offer serves a reader. Plain rules; commission is not among the facts they can see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from affiliates.catalogue.domain.customs import crosses_customs
from affiliates.catalogue.domain.price_history import Deal
from affiliates.catalogue.domain.rates import NoRate, RateTable, convert
from affiliates.catalogue.domain.variants import Difference

Ships = Literal["yes", "no", "unknown"]
#: Why an offer's button is off: readers reported it, its shop is suspended, or its page is not there any more.
Block = Literal["", "checking", "suspended", "gone"]

#: How near an availability is to "have it soon"; smaller is better.
STOCK_RANK = {
    "in_stock": 0,
    "limited": 0,
    "preorder": 1,
    "backorder": 1,
    "unknown": 2,
    "out_of_stock": 3,
    "discontinued": 4,
}
SHIPS_RANK: dict[Ships, int] = {"yes": 0, "unknown": 1, "no": 2}
#: A new thing before one that somebody had. What a shop does not state goes with the new: feeds leave it out for those.
CONDITION_RANK = {"new": 0, "unknown": 0, "refurbished": 1, "used": 2}
#: Longer than any delivery anybody states: one whose time is not known follows those whose time is.
NO_TIME_KNOWN = 1_000_000
BLOCK_RANK: dict[Block, int] = {"": 0, "checking": 1, "suspended": 1, "gone": 2}
#: What checks found that means: the button would lead to nothing, or to another thing.
DEAD = frozenset({"gone", "soft_gone", "redirected", "title_mismatch"})


@dataclass(frozen=True, slots=True)
class Comparison:
    """An offer's price in the reader's currency: for the order and for orientation, never for booking.

    `price_minor` and `landed_minor` are None where there is nothing to convert. `rate_on` is None where nothing had to
    be converted.
    """

    currency: str
    price_minor: int | None = None
    landed_minor: int | None = None
    rate_on: dt.date | None = None
    rate_source: str = ""
    #: A currency for which there was no rate: this offer is not compared.
    no_rate_for: str = ""

    @property
    def is_estimate(self) -> bool:
        """Whether a rate of exchange lies between these amounts and the shop's."""
        return self.rate_on is not None


@dataclass(frozen=True, slots=True)
class OfferView:
    """An offer as one reader may see it. Prices are minor units of `currency`."""

    offer_id: int
    product_id: int
    merchant_id: int
    merchant_slug: str
    merchant_name: str
    merchant_country: str
    url: str
    currency: str
    price_minor: int | None
    list_price_minor: int | None
    price_seen_at: dt.datetime | None
    price_too_old: bool
    source_label: str
    availability: str
    ships: Ships
    delivery_price_minor: int | None = None
    delivery_currency: str = ""
    min_days: int | None = None
    max_days: int | None = None
    condition: str = "unknown"
    #: Who says whether it is sent there, and since when, where that is not the source of the offer.
    ships_source: str = ""
    ships_seen_at: dt.datetime | None = None
    block: Block = ""
    comparison: Comparison | None = None
    crosses_customs: bool = False
    is_preferred: bool = False
    deal: Deal | None = None
    #: Where the shop lists another variant than the product that is spoken of.
    variant_differs: tuple[Difference, ...] = ()
    go_path: str = field(default="", compare=False)

    @property
    def landed_minor(self) -> int | None:
        """Item plus delivery where both are known and in one currency; before import charges."""
        if self.price_minor is None:
            return None
        if self.delivery_price_minor is None or self.delivery_currency != self.currency:
            return None
        return self.price_minor + self.delivery_price_minor

    @property
    def is_buyable(self) -> bool:
        """Whether it can be ordered, as far as we know."""
        return not self.block and self.availability not in {"out_of_stock", "discontinued"}


def without_delivery(offer: OfferView) -> OfferView:
    """The offer for a reader whose country nobody knows: nothing is said about delivery."""
    comparison = replace(offer.comparison, landed_minor=None) if offer.comparison else None
    return replace(
        offer,
        ships="unknown",
        ships_source="",
        ships_seen_at=None,
        delivery_price_minor=None,
        delivery_currency="",
        min_days=None,
        max_days=None,
        comparison=comparison,
        crosses_customs=False,
    )


def blocked(offer: OfferView, block: Block) -> OfferView:
    """The offer without what may not be believed while its button is off: its price."""
    if not block:
        return offer
    return replace(
        offer, block=block, price_minor=None, list_price_minor=None, price_too_old=False, delivery_price_minor=None,
        delivery_currency="",
    )  # fmt: skip


def linked(offer: OfferView, path: str) -> OfferView:
    """The offer with where its button leads; one whose button is off leads nowhere."""
    return offer if offer.block else replace(offer, go_path=path)


def block_of(health: str, *, is_hidden: bool, is_suspended: bool) -> Block:
    """Why the button is off: what checks found, then the shop's suspension, then readers' reports."""
    if health in DEAD:
        return "gone"
    if is_suspended:
        return "suspended"
    return "checking" if is_hidden else ""


def asked_price(
    price_minor: int | None,
    sale_price_minor: int | None,
    starts_at: dt.datetime | None,
    ends_at: dt.datetime | None,
    now: dt.datetime,
) -> int | None:
    """What a shop asks at a time, in minor units: its sale price from start to end, either of which may be open."""
    if sale_price_minor is None or price_minor is None:
        return price_minor
    if (starts_at is not None and now < starts_at) or (ends_at is not None and now > ends_at):
        return price_minor
    return min(sale_price_minor, price_minor)


def is_too_old(seen_at: dt.datetime | None, max_age_hours: int, now: dt.datetime) -> bool:
    """Whether a price seen then may no longer be shown now."""
    return seen_at is None or now - seen_at > dt.timedelta(hours=max_age_hours)


def compared(
    offer: OfferView, *, currency: str, country: str | None, table: RateTable | None, on: dt.date
) -> OfferView:
    """The offer with its price in the reader's currency and whether its parcel meets customs on the way.

    The landed price is converted as a whole, so that no sum mixes converted and original amounts. Without a rate
    there is no amount, and the comparison names the currency.
    """
    crossing = country is not None and crosses_customs(offer.merchant_country, country, on)
    comparison = Comparison(currency)
    if offer.price_minor is not None:
        landed = offer.landed_minor
        try:
            comparison = Comparison(
                currency,
                convert(offer.price_minor, offer.currency, currency, table),
                None if landed is None else convert(landed, offer.currency, currency, table),
                *((table.on, table.source) if table and offer.currency != currency else (None, "")),
            )
        except NoRate as missing:
            comparison = Comparison(currency, no_rate_for=str(missing.args[0]))
    return replace(offer, comparison=comparison, crosses_customs=crossing)


def offer_rank(offer: OfferView, *, country: str | None, ignore_sold_out: bool = False) -> tuple[int | str, ...]:
    """The order of offers for a reader; smaller first. Takes offers as `compared` gives them.

    0. It leads somewhere: then those being checked or suspended, then those whose page is gone.
    1. It is the exact product, and no other variant of it.
    2. It ships there: yes, then unknown, then no.
    3. It can be had: in stock, to be ordered, unknown, sold out, discontinued.
    4. It is new, then refurbished, then used.
    5. It has a price that may be shown.
    6. Its price with delivery in the reader's currency, by a dated rate. A known one goes before an unknown delivery
       cost. An offer whose currency has no rate is not compared: it follows, among those of its own currency. What is
       withheld compares with nothing, its currency included.
    7. What sending costs is known; it is there sooner; the reader's own country; the older offer.
    """
    comparison = offer.comparison or Comparison(offer.currency, offer.price_minor, offer.landed_minor)
    amount: int | None
    if comparison.price_minor is not None:
        landed, amount, apart = comparison.landed_minor, comparison.price_minor, ""
    elif offer.price_minor is not None:
        landed, amount, apart = offer.landed_minor, offer.price_minor, offer.currency
    else:
        landed, amount, apart = None, None, ""
    availability = "in_stock" if ignore_sold_out and offer.availability == "out_of_stock" else offer.availability
    return (
        BLOCK_RANK[offer.block],
        1 if offer.variant_differs else 0,
        SHIPS_RANK[offer.ships],
        STOCK_RANK.get(availability, STOCK_RANK["unknown"]),
        CONDITION_RANK.get(offer.condition, 0),
        0 if offer.price_minor is not None else 1,
        0 if not apart else 1,
        apart,
        0 if landed is not None else 1,
        (landed if landed is not None else amount) or 0,
        0 if offer.delivery_price_minor is not None else 1,
        offer.max_days if offer.max_days is not None else NO_TIME_KNOWN,
        0 if offer.merchant_country == country else 1,
        offer.offer_id,
    )


def ranked(offers: Iterable[OfferView], *, country: str | None) -> list[OfferView]:
    """The offers in their order for a reader there."""
    return sorted(offers, key=lambda offer: offer_rank(offer, country=country))


def as_the_author_wishes(
    offers: Sequence[OfferView], *, preferred_shop: str, may_switch: bool, country: str | None
) -> tuple[OfferView, ...]:
    """The offers with the author's shop marked, in their order: it is never moved up for being preferred.

    Where the author forbids switching, stock moves nobody ahead of the shop that would be first if it had the thing:
    the author's, or without one whichever it is. That one then stands first, sold out as it is.
    """
    marked = tuple(
        replace(offer, is_preferred=True) if preferred_shop and offer.merchant_slug == preferred_shop else offer
        for offer in offers
    )
    if may_switch or not marked:
        return marked
    own = [offer for offer in marked if offer.is_preferred]
    stays = {offer.offer_id for offer in own or marked if not offer.block}
    first = min(marked, key=lambda offer: offer_rank(offer, country=country, ignore_sold_out=offer.offer_id in stays))
    return (first, *(offer for offer in marked if offer is not first))
