"""What a shop's page says of the thing it sells, from the data it states for machines: JSON-LD, microdata, Open Graph.

Nothing is guessed: a price without its currency, or one that could be read two ways, is no price.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from affiliates.catalogue.domain.gtin import normal_gtin
from affiliates.catalogue.domain.page_markup import Markup
from affiliates.catalogue.domain.page_offers import Ours, Shipping, Stated, choose
from affiliates.catalogue.domain.page_tokens import storable
from cms.core.domain.money import CURRENCIES, exponent, parse_amount

AVAILABILITY = {
    "instock": "in_stock", "onlineonly": "in_stock", "instoreonly": "out_of_stock", "limitedavailability": "limited",
    "outofstock": "out_of_stock", "soldout": "out_of_stock", "preorder": "preorder", "presale": "preorder",
    "backorder": "backorder", "madetoorder": "backorder", "discontinued": "discontinued", "oos": "out_of_stock",
    "available": "in_stock", "in stock": "in_stock", "out of stock": "out_of_stock", "pending": "backorder",
}  # fmt: skip
CONDITIONS = {
    "newcondition": "new", "new": "new", "refurbishedcondition": "refurbished", "refurbished": "refurbished",
    "usedcondition": "used", "used": "used", "damagedcondition": "used",
}  # fmt: skip
NOT_ASKED = frozenset({"listprice", "strikethroughprice", "msrp", "srp", "invoiceprice"})
_DEEPEST = 12
_MOST_NODES = 500
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "isbn", "ean")
_EITHER = re.compile(r"\d{1,3}[.,]\d{3}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_DAYS = re.compile(r"[0-9]{1,3}")
_AMOUNT = re.compile(r"\d[\d.,'\u00a0\u202f ]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShopPage:
    """What the page says of our offer. `is_product` where it says so for machines.

    `is_open` where it states several offers and none is told to be ours; `has_price` where it states any price at all.
    """

    is_product: bool
    name: str = ""
    brand: str = ""
    gtin: str = ""
    price_minor: int | None = None
    currency: str = ""
    availability: str = "unknown"
    shipping: tuple[Shipping, ...] = ()
    is_open: bool = False
    has_price: bool = False


def read_shop_page(markup: Markup, ours: Ours = Ours()) -> ShopPage:  # noqa: B008  # it is frozen
    """The thing the page is about, as far as it is ours. Never fails: what cannot be read is left out."""
    nodes = [*_json_nodes(markup), *_walk(list(markup.items))]
    products = [node for node in nodes if _is(node, "product") or _is(node, "productgroup")]
    if not products:
        return _from_metas(markup)
    product = max(products, key=lambda node: ("offers" in node or "hasVariant" in node, len(node)))
    sisters = [node for node in products if node is product or _are_sisters(product, node)]
    stated = [offer for node in sisters for offer in _stated(node)]
    choice = choose(stated, ours)
    own = _gtin(product)
    return ShopPage(
        is_product=True,
        name=_text(product.get("name"))[:300],
        brand=_text(product.get("brand"))[:120],
        # A number of the whole is that of one of its variants, and only ours is known to be.
        gtin=choice.gtin or (own if len(stated) < 2 or own in ours.gtins else ""),
        price_minor=choice.price_minor,
        currency=choice.currency,
        availability=choice.availability,
        shipping=choice.shipping,
        is_open=choice.is_open,
        has_price=any(offer.price_minor is not None or offer.of_many for offer in stated),
    )


def _are_sisters(product: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two products of a page are variants of one: a group's number in common, or one name."""
    groups = [_text(node.get("productGroupID") or node.get("inProductGroupWithID")) for node in (product, other)]
    if groups[0] and groups[0] == groups[1]:
        return True
    name = _text(product.get("name"))
    return bool(name) and name == _text(other.get("name"))


def availability(word: str) -> str:
    """Our state of schema.org's word, with or without its address; "" where nobody knows it."""
    return AVAILABILITY.get(_word(word), "")


def _word(text: str) -> str:
    """schema.org's word without its address, in small letters."""
    return text.rstrip("/").rpartition("/")[2].strip().lower()


def amount(value: Any, currency: str) -> int | None:
    """Minor units of a number or a text in any usual writing; None where it is none, or could be two."""
    if isinstance(value, bool) or currency not in CURRENCIES:
        return None
    text = str(value).strip() if isinstance(value, int | float) else _text(value)
    match = _AMOUNT.search(text)
    if match is None:
        return None
    bare = re.sub(r"['\s]", "", match[0]).rstrip(".,")
    if isinstance(value, str) and _EITHER.fullmatch(bare):
        # "1.299": schema.org says a point is a decimal mark, and shops write thousands all the same.
        return None
    mark = max(bare.rfind("."), bare.rfind(","))
    if mark >= 0:
        whole, part = re.sub(r"[.,]", "", bare[:mark]), bare[mark + 1 :]
        if len(part) == 3 and re.search(r"[.,]", bare[:mark]):
            whole, part = whole + part, ""
        decimals = exponent(currency)
        part = part[:decimals] if not part[decimals:].strip("0") else part
        bare = f"{whole}.{part}" if part else whole
    try:
        return parse_amount(bare, currency) or None
    except ValueError:
        return None


def _json_nodes(markup: Markup) -> Iterator[Mapping[str, Any]]:
    for text in markup.json_ld:
        try:
            yield from _walk(json.loads(text.strip().removeprefix("<!--").removesuffix("-->"), strict=False))
        except (ValueError, RecursionError):
            continue


def _walk(value: Any, depth: int = 0, budget: list[int] | None = None) -> Iterator[Mapping[str, Any]]:
    budget = budget if budget is not None else [_MOST_NODES]
    if depth > _DEEPEST or budget[0] <= 0:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1, budget)
    elif isinstance(value, dict):
        budget[0] -= 1
        if value.get("@type"):
            yield value
        for name in ("@graph", "mainEntity", "itemListElement", "item"):
            if name in value:
                yield from _walk(value[name], depth + 1, budget)


def _is(node: Mapping[str, Any], kind: str) -> bool:
    types = node.get("@type")
    listed = types if isinstance(types, list) else [types]
    return any(_word(str(one)) == kind for one in listed)


def _text(value: Any) -> str:
    """The first text of a value: itself, its name, its address."""
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@id") or value.get("url"))
    return " ".join(storable(str(value)).split()) if isinstance(value, str | int | float) else ""


def _listed(value: Any) -> list[Mapping[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _stated(product: Mapping[str, Any]) -> list[Stated]:
    """The offers of a product and of its variants, each with what tells it from the others."""
    found = [(product, offer) for offer in _offers(product)]
    for variant in _listed(product.get("hasVariant"))[:50]:
        found += [(variant, offer) for offer in _offers(variant)]
    single = len(found) == 1
    return [_one(node, offer, names_it=single or node is not product) for node, offer in found[:100]]


def _offers(product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for offer in _listed(product.get("offers")):
        inner = _listed(offer.get("offers"))
        found += inner or [offer]
    return found


def _one(product: Mapping[str, Any], offer: Mapping[str, Any], *, names_it: bool) -> Stated:
    price, currency = _price(offer)
    numbers = product if names_it else {}
    return Stated(
        price_minor=price,
        currency=currency,
        availability=availability(_text(offer.get("availability"))),
        gtin=_gtin(offer) or _gtin(numbers),
        number=_text(offer.get("sku") or numbers.get("sku")),
        url=_text(offer.get("url") or numbers.get("url")),
        condition=CONDITIONS.get(_word(_text(offer.get("itemCondition") or numbers.get("itemCondition"))), ""),
        shipping=tuple(_shipping(offer)),
        of_many=_is(offer, "aggregateoffer"),
    )


def _price(offer: Mapping[str, Any]) -> tuple[int | None, str]:
    """What one piece costs everybody. The lowest of several prices is the price of none we know."""
    if _is(offer, "aggregateoffer"):
        return None, ""
    asked = [node for node in _listed(offer.get("priceSpecification")) if _is_asked(node)]
    for node in (offer, *asked):
        currency = _text(node.get("priceCurrency")).upper()
        if "price" in node and (found := amount(node["price"], currency)):
            return found, currency
    return None, ""


def _is_asked(specification: Mapping[str, Any]) -> bool:
    """Neither a price that is struck out or recommended, nor one for a kilogram, for members or for many."""
    kind = _word(_text(specification.get("priceType")))
    return kind not in NOT_ASKED and not any(
        specification.get(name) for name in ("referenceQuantity", "validForMemberTier", "eligibleQuantity")
    )


def _gtin(node: Mapping[str, Any]) -> str:
    for name in _GTINS:
        try:
            if text := _text(node.get(name)):
                return normal_gtin(text)
        except ValueError:
            continue
    return ""


def _shipping(offer: Mapping[str, Any]) -> Iterator[Shipping]:
    seen: set[str] = set()
    for details in _listed(offer.get("shippingDetails")):
        rates = _listed(details.get("shippingRate"))
        currency = _text(rates[0].get("currency")).upper() if rates else ""
        stated = rates[0].get("value", rates[0].get("minValue")) if rates else None
        free = stated is not None and str(stated).strip() in {"0", "0.0", "0.00"}
        price = 0 if free and currency in CURRENCIES else amount(stated, currency) if rates else None
        least, most = _days(details)
        for place in _listed(details.get("shippingDestination")):
            countries = place.get("addressCountry")
            for country in countries if isinstance(countries, list) else [countries]:
                code = _text(country).upper()
                if not _COUNTRY.fullmatch(code) or code in seen or place.get("addressRegion"):
                    continue
                seen.add(code)
                if str(details.get("doesNotShip", "")).lower() == "true":
                    yield Shipping(code, False)
                else:
                    yield Shipping(code, True, price, currency if price is not None else "", least, most)


def _days(details: Mapping[str, Any]) -> tuple[int | None, int | None]:
    """Days of handling and on the way together, where the way is stated."""
    times = _listed(details.get("deliveryTime"))
    if not times:
        return None, None
    parts = [(_listed(times[0].get(name)) or [{}])[0] for name in ("transitTime", "handlingTime")]

    def total(end: str) -> int | None:
        stated = [_text(part.get(end)) for part in parts]
        if not _DAYS.fullmatch(stated[0]):
            return None
        return min(365, sum(int(text) for text in stated if _DAYS.fullmatch(text)))

    return total("minValue"), total("maxValue")


def _from_metas(markup: Markup) -> ShopPage:
    metas = markup.metas
    is_product = metas.get("og:type", "").lower().rpartition(".")[2].rpartition(":")[2] == "product"
    stated = metas.get("product:price:amount") or metas.get("og:price:amount")
    if not is_product and not stated:
        return ShopPage(is_product=False)
    currency = (metas.get("product:price:currency") or metas.get("og:price:currency") or "").upper()
    word = metas.get("product:availability") or metas.get("og:availability") or ""
    return ShopPage(
        is_product=True,
        has_price=bool(stated),
        name=metas.get("og:title", "")[:300],
        brand=metas.get("product:brand", "")[:120],
        price_minor=amount(stated or "", currency),
        currency=currency if stated else "",
        availability=availability(word.replace("instock", "InStock")) or "unknown",
    )
