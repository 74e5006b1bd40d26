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
from cms.core.domain.money import CURRENCIES, exponent, parse_amount

AVAILABILITY = {
    "instock": "in_stock", "onlineonly": "in_stock", "instoreonly": "out_of_stock", "limitedavailability": "limited",
    "outofstock": "out_of_stock", "soldout": "out_of_stock", "preorder": "preorder", "presale": "preorder",
    "backorder": "backorder", "madetoorder": "backorder", "discontinued": "discontinued", "oos": "out_of_stock",
    "available": "in_stock", "in stock": "in_stock", "out of stock": "out_of_stock", "pending": "backorder",
}  # fmt: skip
_DEEPEST = 12
_MOST_NODES = 500
_GTINS = ("gtin", "gtin13", "gtin14", "gtin12", "gtin8", "isbn", "ean")
_EITHER = re.compile(r"\d{1,3}[.,]\d{3}", re.ASCII)
_AMOUNT = re.compile(r"\d[\d.,'\u00a0\u202f ]*", re.ASCII)


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
class ShopPage:
    """What the page says it sells. `is_product` where it says so for machines."""

    is_product: bool
    name: str = ""
    brand: str = ""
    gtin: str = ""
    price_minor: int | None = None
    currency: str = ""
    availability: str = "unknown"
    shipping: tuple[Shipping, ...] = ()


def read_shop_page(markup: Markup) -> ShopPage:
    """The thing the page is about. Never fails: what cannot be read is left out."""
    nodes = [*_json_nodes(markup), *_walk(list(markup.items))]
    products = [node for node in nodes if _is(node, "product") or _is(node, "productgroup")]
    if not products:
        return _from_metas(markup)
    product = max(products, key=lambda node: ("offers" in node or "hasVariant" in node, len(node)))
    offers = _offers(product)
    price, currency = next(
        ((p, c) for offer in offers if (p := (found := _price(offer))[0]) and (c := found[1])), (None, "")
    )
    stated = [state for offer in offers if (state := availability(_text(offer.get("availability"))))]
    return ShopPage(
        is_product=True,
        name=_text(product.get("name"))[:300],
        brand=_text(product.get("brand"))[:120],
        gtin=_gtin(product) or next((g for offer in offers if (g := _gtin(offer))), ""),
        price_minor=price,
        currency=currency,
        availability=_best(stated),
        shipping=tuple(_shipping(offers)),
    )


def availability(word: str) -> str:
    """Our state of schema.org's word, with or without its address; "" where nobody knows it."""
    return AVAILABILITY.get(word.rstrip("/").rpartition("/")[2].strip().lower(), "")


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
    return any(str(one).rstrip("/").rpartition("/")[2].lower() == kind for one in listed)


def _text(value: Any) -> str:
    """The first text of a value: itself, its name, its address."""
    if isinstance(value, list):
        return _text(value[0]) if value else ""
    if isinstance(value, dict):
        return _text(value.get("name") or value.get("@id") or value.get("url"))
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _listed(value: Any) -> list[Mapping[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _offers(product: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    found: list[Mapping[str, Any]] = []
    for offer in _listed(product.get("offers")):
        inner = _listed(offer.get("offers"))
        found += inner or [offer]
    for variant in _listed(product.get("hasVariant"))[:50]:
        found += _listed(variant.get("offers"))
    return found[:100]


def _price(offer: Mapping[str, Any]) -> tuple[int | None, str]:
    for node in (offer, *_listed(offer.get("priceSpecification"))):
        currency = _text(node.get("priceCurrency")).upper()
        for name in ("price", "lowPrice"):
            if name in node and (found := amount(node[name], currency)):
                return found, currency
    return None, ""


def _best(states: list[str]) -> str:
    """Of several variants, the one that is easiest to have."""
    order = ("in_stock", "limited", "preorder", "backorder", "out_of_stock", "discontinued")
    return next((state for state in order if state in states), "unknown")


def _gtin(node: Mapping[str, Any]) -> str:
    for name in _GTINS:
        try:
            if text := _text(node.get(name)):
                return normal_gtin(text)
        except ValueError:
            continue
    return ""


def _shipping(offers: list[Mapping[str, Any]]) -> Iterator[Shipping]:
    seen: set[str] = set()
    for offer in offers:
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
                    if len(code) != 2 or not code.isalpha() or code in seen or place.get("addressRegion"):
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
        if not stated[0].isdigit():
            return None
        return min(365, sum(int(text) for text in stated if text.isdigit() and len(text) < 4))

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
        name=metas.get("og:title", "")[:300],
        brand=metas.get("product:brand", "")[:120],
        price_minor=amount(stated or "", currency),
        currency=currency if stated else "",
        availability=availability(word.replace("instock", "InStock")) or "unknown",
    )
