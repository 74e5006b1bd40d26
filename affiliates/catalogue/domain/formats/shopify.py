"""Shopify's product export: several rows a product, one offer a variant.

The first row of a handle carries the product; the rows below it carry further variants, or only pictures. The
merchant's number is the handle, and the options with it where there are several variants, since a SKU may be empty or
change. The address is the product's on the merchant's first host; a variant's own address is not in the file. Barcodes
are free text in Shopify, so one that is no GTIN is passed over.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO
from urllib.parse import quote

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, Record
from affiliates.catalogue.domain.feed_rows import (
    FeedRow,
    optional,
    read_condition,
    read_gtin,
    read_image,
    read_url,
    refuse_nul,
    required,
)
from affiliates.catalogue.domain.separated import Table, unpacked
from cms.core.domain.money import parse_amount

REQUIRED_COLUMNS = frozenset({"handle", "title", "variant_price"})
_OPTIONS = (1, 2, 3)
_NO_OPTION = ("title", "default title")
#: Of a product's first row, what its variants share.
_SHARED = (
    "title", "body_(html)", "vendor", "type", "product_category", "published", "status", "image_src", "gift_card",
    "google_shopping_/_condition", *(f"option{number}_name" for number in _OPTIONS),
)  # fmt: skip
_TAG = re.compile(r"<[^>]*>")


def _records(source: BinaryIO, context: FeedContext) -> Iterator[Record | FieldFault]:
    table = Table(unpacked(source), needed=REQUIRED_COLUMNS)
    first: dict[str, str] = {}
    handle = ""
    for row, cells in enumerate(table.rows(), 1):
        if isinstance(cells, FieldFault):
            cells.row = row
            yield cells
            continue
        values = dict(zip(table.keys, cells, strict=True))
        if values["handle"].strip() != handle or values.get("title", "").strip():
            handle, first = values["handle"].strip(), values
        if not values.get("variant_price", "").strip() and not values.get("option1_value", "").strip():
            continue  # a row that only carries a picture
        if not _is_listed(first):
            continue
        together = values | {name: first.get(name, "") for name in _SHARED}
        if image := values.get("variant_image", "").strip():
            together["image_src"] = image
        together["handle"] = handle
        yield Record(_number(together), repr(sorted(together.items())), together, row)


def _is_listed(first: Mapping[str, str]) -> bool:
    status = first.get("status", "").strip().lower()
    published = first.get("published", "").strip().lower()
    return published != "false" and status in {"", "active"} and first.get("gift_card", "").strip().lower() != "true"


def _variant(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for number in _OPTIONS:
        name, value = (values.get(f"option{number}_{part}", "").strip() for part in ("name", "value"))
        if value and (name.lower(), value.lower()) != _NO_OPTION:
            found.append(((name or f"Option {number}").lower()[:40], value[:80]))
    return tuple(found)


def _number(values: Mapping[str, str]) -> str:
    options = "/".join(value for _name, value in _variant(values))
    return f"{values['handle']}#{options}"[:120] if options else values["handle"]


def _availability(values: Mapping[str, str]) -> str:
    """Stock that nobody counts can be ordered; counted stock is what the count says.

    An export without the column does not say which of the two it is.
    """
    if "variant_inventory_tracker" not in values:
        return "unknown"
    if not values.get("variant_inventory_tracker", "").strip():
        return "in_stock"
    text = values.get("variant_inventory_qty", "").strip()
    try:
        count = int(text)
    except ValueError:
        return "unknown"
    if count > 0:
        return "in_stock"
    return "backorder" if values.get("variant_inventory_policy", "").strip().lower() == "continue" else "out_of_stock"


def _gtin(text: str) -> str:
    try:
        return read_gtin(text)
    except FieldFault:
        return ""


def _amount(text: str, currency: str, field: str) -> int | None:
    if not text.strip():
        return None
    try:
        return parse_amount(text.strip(), currency)
    except ValueError as error:
        raise FieldFault(field, str(error)) from None


def _row(values: Mapping[str, Any], context: FeedContext) -> FeedRow:
    refuse_nul(values)
    handle = required(values, "handle", 200)
    currency = context.currency
    price = _amount(values["variant_price"], currency, "variant_price")
    if not price:
        raise FieldFault("variant_price", "is missing" if price is None else "is zero")
    before = _amount(values.get("variant_compare_at_price", ""), currency, "variant_compare_at_price")
    variant = _variant(values)
    title = required(values, "title", 300)
    named = f"{title} ({', '.join(value for _name, value in variant)})" if variant else title
    return FeedRow(
        external_id=_number(values),
        title=named[:300],
        url=read_url(f"https://{context.first_host}/products/{quote(handle)}", context.hosts, "handle"),
        currency=currency,
        price_minor=price,
        list_price_minor=before if before and before > price else None,
        availability=_availability(values),
        description=" ".join(html.unescape(_TAG.sub(" ", values.get("body_(html)", ""))).split())[:5000],
        image_url=read_image(values.get("image_src", "")),
        brand=optional(values, "vendor", 120),
        gtin=_gtin(values.get("variant_barcode", "").lstrip("'")),
        mpn=values.get("google_shopping_/_mpn", "").strip()[:70],
        condition=read_condition(values.get("google_shopping_/_condition", "")),
        category=values.get("type", "").strip()[:120],
        group_id=handle[:120] if variant else "",
        variant=variant,
    )


SHOPIFY_FEED = FeedFormat("shopify", 2, _records, _row)
