"""Which of the offers a page states is the one we list. A page with five sizes has five prices, and one is ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit


@dataclass(frozen=True, slots=True)
class Shipping:
    """Delivery to one country as the page states it; price in minor units."""

    country: str
    ships: bool
    price_minor: int | None = None
    currency: str = ""
    min_days: int | None = None
    max_days: int | None = None


@dataclass(frozen=True, slots=True)
class Ours:
    """What we know of our own offer, to tell it from its sisters. Price in minor units."""

    gtins: frozenset[str] = frozenset()
    number: str = ""
    url: str = ""
    price_minor: int | None = None
    currency: str = ""
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Stated:
    """One offer of a page, or what it says of several at once (`of_many`): then its stock is that of the easiest."""

    price_minor: int | None = None
    currency: str = ""
    availability: str = ""
    gtin: str = ""
    number: str = ""
    url: str = ""
    condition: str = ""
    shipping: tuple[Shipping, ...] = ()
    of_many: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """What holds for our offer. `is_open` where several are stated and none is told to be ours."""

    price_minor: int | None = None
    currency: str = ""
    availability: str = "unknown"
    gtin: str = ""
    shipping: tuple[Shipping, ...] = ()
    is_open: bool = False


def choose(stated: Sequence[Stated], ours: Ours) -> Choice:
    """What the page says of our offer: of the only one, or of the one with our GTIN, number, address or price.

    Where that leaves several, only what they all say alike holds for ours.
    """
    left, told = list(stated), len(stated) == 1
    if not told:
        left = [offer for offer in stated if not (ours.condition and offer.condition not in ("", ours.condition))]
        possible = [offer for offer in left if not (ours.gtins and offer.gtin and offer.gtin not in ours.gtins)]
        for is_ours in _signs(ours):
            if found := [offer for offer in possible if is_ours(offer)]:
                left = possible = found
                told = True
        left = left if possible else []
    prices = {(offer.price_minor, offer.currency) for offer in left}
    price, currency = prices.pop() if len(prices) == 1 else (None, "")
    gtins = {offer.gtin for offer in left}
    shipping = {offer.shipping for offer in left}
    return Choice(
        price_minor=price,
        currency=currency,
        availability=_stock(left),
        gtin=gtins.pop() if len(gtins) == 1 else "",
        shipping=shipping.pop() if len(shipping) == 1 else (),
        is_open=(not told and len(set(left)) != 1) or any(offer.of_many for offer in left),
    )


def _signs(ours: Ours) -> list[Callable[[Stated], bool]]:
    """By what an offer is known to be ours, the surest first."""
    number, address = ours.number.casefold(), _address(ours.url, ours.url)
    return [
        lambda offer: bool(offer.gtin) and offer.gtin in ours.gtins,
        lambda offer: bool(number) and offer.number.casefold() == number,
        lambda offer: bool(ours.url and offer.url) and _address(offer.url, ours.url) == address,
        lambda offer: (
            ours.price_minor is not None and (offer.price_minor, offer.currency) == (ours.price_minor, ours.currency)
        ),
    ]


def _address(url: str, base: str) -> tuple[str, str, frozenset[tuple[str, str]]]:
    """Host, path and what the query chooses; an unreadable address is like no other."""
    try:
        parts = urlsplit(urljoin(base, url))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return url, "", frozenset()
    chosen = frozenset(pair for pair in parse_qsl(parts.query) if not pair[0].startswith("utm_"))
    return host, parts.path.rstrip("/"), chosen


def _stock(left: Sequence[Stated]) -> str:
    """The stock of all of them. What is said of many together holds for each only where none can be had."""
    states = {
        "unknown"
        if offer.of_many and offer.availability not in ("out_of_stock", "discontinued")
        else offer.availability
        for offer in left
    } - {""}
    if states and states <= {"out_of_stock", "discontinued"}:
        return "out_of_stock" if "out_of_stock" in states else "discontinued"
    return states.pop() if len(states) == 1 else "unknown"
