"""Which offer serves a reader. Plain rules; commission is not among the facts they can see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Literal

Ships = Literal["yes", "no", "unknown"]

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
        return self.availability not in {"out_of_stock", "discontinued"}


def without_delivery(offer: OfferView) -> OfferView:
    """The offer for a reader whose country nobody knows: nothing is said about delivery."""
    return replace(
        offer, ships="unknown", delivery_price_minor=None, delivery_currency="", min_days=None, max_days=None
    )


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


def offer_rank(offer: OfferView, *, country: str | None, home_currency: str) -> tuple[int | str, ...]:
    """The order of offers for a reader; smaller first.

    1. It ships there: yes, then unknown, then no.
    2. It can be had: in stock, to be ordered, unknown, sold out, discontinued.
    3. It has a price that may be shown.
    4. It is priced in the currency of the reader's country. Two currencies are never compared, since that would take
       a dated rate: the other currencies follow, each by itself.
    5. Within one currency: a known price with delivery, then the lowest; the reader's own country; the older offer.
    """
    landed = offer.landed_minor
    amount = offer.price_minor if landed is None else landed
    return (
        SHIPS_RANK[offer.ships],
        STOCK_RANK.get(offer.availability, STOCK_RANK["unknown"]),
        0 if offer.price_minor is not None else 1,
        0 if offer.currency == home_currency else 1,
        "" if offer.currency == home_currency else offer.currency,
        0 if landed is not None else 1,
        0 if amount is None else amount,
        0 if offer.merchant_country == country else 1,
        offer.offer_id,
    )
