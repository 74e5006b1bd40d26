"""Awin's product lists: CSV, mostly packed with gzip, numbers bare and beside them their currency.

The offer's address is the merchant's own (`merchant_deep_link`): our links are made here, not taken from the file, and
the network's redirect is not a merchant's host. `delivery_cost` is what the shop asks in its own market; where it is
told in words ("Free delivery over 50") delivery is unknown, and never free. What the shop writes of delivery times
("Ships in 1 week") says when a parcel leaves, not when it comes, and is no promise of days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import BinaryIO

from affiliates.catalogue.domain.availability import read_availability
from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, Record
from affiliates.catalogue.domain.feed_rows import (
    FeedDelivery,
    FeedRow,
    optional,
    read_condition,
    read_gtin,
    read_image,
    read_url,
    read_variant,
    refuse_nul,
    required,
)
from affiliates.catalogue.domain.gtin import gtin_of_isbn, is_old_isbn
from affiliates.catalogue.domain.separated import Table, unpacked
from cms.core.domain.money import CURRENCIES, parse_amount

REQUIRED_COLUMNS = frozenset({"product_name", "merchant_product_id", "search_price", "currency", "merchant_deep_link"})
_VARIANT = {"colour": "colour", "fashion:size": "size", "fashion:material": "material", "fashion:pattern": "pattern"}
_GTINS = ("product_gtin", "ean", "upc", "isbn")
#: An amount with one decimal mark, whichever it is; two digits at most behind it leave no doubt.
_BARE = re.compile(r"(\d+)(?:[.,](\d{1,2}))?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(?:([.,])\d{3})+(?:(?!\1)[.,]\d{1,2})", re.ASCII)
#: What may stand around the cost of delivery without changing what it says.
_MERE_WORDS = re.compile(r"\b(?:standard|delivery|shipping|postage|costs?)\b|:", re.ASCII | re.IGNORECASE)
#: The currencies a sign can stand for. Where there are several, it stands for the row's own or leaves a doubt.
_SIGNS = {
    "£": {"GBP"},
    "€": {"EUR"},
    "zł": {"PLN"},
    "$": {"USD", "CAD", "AUD", "NZD", "HKD", "SGD", "MXN"},
    "¥": {"JPY", "CNY"},
    "kr": {"SEK", "NOK", "DKK"},
}


def _records(source: BinaryIO, context: FeedContext) -> Iterator[Record | FieldFault]:
    table = Table(unpacked(source), needed=REQUIRED_COLUMNS)
    number = table.keys.index("merchant_product_id")
    told = "\x1f".join(table.keys) + "\x1e"
    for cells in table.rows():
        if isinstance(cells, FieldFault):
            yield cells
        else:
            yield Record(cells[number].strip(), told + "\x1f".join(cells), (table.keys, cells))


def _amount(text: str, currency: str, field: str) -> int | None:
    """Minor units of "1.97", "249,90", "2.37 GBP" or "GBP12.99"; None where nothing is stated."""
    bare = text.strip().removesuffix(currency).removeprefix(currency).strip()
    if not bare:
        return None
    if match := _BARE.fullmatch(bare):
        plain = f"{match[1]}.{match[2]}" if match[2] else match[1]
    elif match := _GROUPED.fullmatch(bare):
        plain = bare.replace(match[1], "").replace(",", ".")
    else:
        raise FieldFault(field, f"{text[:40]!r} is not an amount in {currency}")
    try:
        return parse_amount(plain, currency)
    except ValueError as error:
        raise FieldFault(field, str(error)) from None


@lru_cache(maxsize=4096)
def _delivery_cost(text: str, currency: str) -> tuple[int, str] | None:
    """Minor units and currency of "4.99", "£3.99", "3.99 EUR" or "Delivery: 3.99"; None where words leave a doubt.

    Nothing here is a fault: a row stands without its delivery. No words are read as free, since nearly all of them
    have a condition.
    """
    said = " ".join(_MERE_WORDS.sub(" ", text).split())
    meant = {currency}
    for sign, codes in _SIGNS.items():
        if said.startswith(sign) or said.endswith(sign):
            meant = codes & meant or codes
            said = said.removeprefix(sign).removesuffix(sign).strip()
            break
    else:
        meant = {code for code in (said[:3], said[-3:]) if code in CURRENCIES} or meant
    if len(meant) > 1:
        return None
    (currency,) = meant
    try:
        amount = _amount(said, currency, "delivery_cost")
    except FieldFault:
        return None
    return None if amount is None else (amount, currency)


def _availability(values: Mapping[str, str]) -> str:
    if values.get("is_for_sale", "").strip() == "0":
        return "discontinued"
    if values.get("pre_order", "").strip() == "1":
        return "preorder"
    flag = {"1": "in_stock", "0": "out_of_stock"}.get(values.get("in_stock", "").strip(), "")
    said = values.get("stock_status", "").strip()
    if said:
        try:
            return read_availability(said)
        except FieldFault:
            # The status is each shop's own words; the flag beside it is not.
            if not flag:
                raise
    count = values.get("stock_quantity", "").strip()
    if not flag and count.isascii() and count.isdigit():
        flag = "in_stock" if int(count[:18]) else "out_of_stock"
    return flag or "unknown"


def _gtin(values: Mapping[str, str]) -> str:
    for name in _GTINS:
        if stated := values.get(name, "").strip():
            return gtin_of_isbn(stated) if name == "isbn" and is_old_isbn(stated) else read_gtin(stated)
    return ""


def _refuse_two_currencies(values: Mapping[str, str], currency: str) -> None:
    """The displayed price names its currency once more; where it is another one, neither is believed."""
    shown = values.get("display_price", "").strip()
    named = {code for code in (shown[:3], shown[-3:]) if code in CURRENCIES}
    if named and currency not in named:
        raise FieldFault("display_price", f"is in {min(named)}, the price in {currency}")


def _list_price(values: Mapping[str, str], price: int, currency: str) -> int | None:
    stated = [_amount(values.get(name, ""), currency, name) for name in ("product_price_old", "rrp_price")]
    higher = [amount for amount in stated if amount is not None and amount > price]
    return higher[0] if higher else None


def _row(stated: tuple[list[str], list[str]], context: FeedContext) -> FeedRow:
    values = dict(zip(*stated, strict=True))
    refuse_nul(values)
    external_id = required(values, "merchant_product_id", 120)
    currency = required(values, "currency", 3)
    _refuse_two_currencies(values, currency)
    price = _amount(values.get("search_price", "") or values.get("store_price", ""), currency, "search_price")
    if not price:
        raise FieldFault("search_price", "is missing" if price is None else "is zero")
    delivery = _delivery_cost(values.get("delivery_cost", ""), currency)
    home = context.home_country
    return FeedRow(
        external_id=external_id,
        title=required(values, "product_name", 300),
        url=read_url(required(values, "merchant_deep_link", 2000), context.hosts, "merchant_deep_link"),
        currency=currency,
        price_minor=price,
        list_price_minor=_list_price(values, price, currency),
        availability=_availability(values),
        description=(values.get("description", "") or values.get("product_short_description", "")).strip()[:5000],
        image_url=read_image(values.get("merchant_image_url", "") or values.get("large_image", "")),
        brand=optional(values, "brand_name", 120),
        gtin=_gtin(values),
        mpn=optional(values, "mpn", 70) or optional(values, "model_number", 70),
        condition=read_condition(values.get("condition", "")),
        category=(values.get("merchant_category", "") or values.get("category_name", "")).strip()[:120],
        group_id=values.get("parent_product_id", "").strip()[:120],
        variant=read_variant(values, _VARIANT),
        deliveries=(FeedDelivery(home, *delivery),) if delivery and home else (),
    )


AWIN_FEED = FeedFormat("awin", 3, _records, _row)
