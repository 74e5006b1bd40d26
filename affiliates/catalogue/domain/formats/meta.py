"""Meta's catalogue: separated text with its own words, whose templates begin with lines of comment."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from affiliates.catalogue.domain.availability import read_availability
from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, Record
from affiliates.catalogue.domain.feed_rows import (
    FeedRow,
    optional,
    read_condition,
    read_gtin,
    read_image,
    read_interval,
    read_url,
    read_variant,
    refuse_nul,
    required,
)
from affiliates.catalogue.domain.prices import read_asked_price
from affiliates.catalogue.domain.separated import Table, unpacked

REQUIRED_COLUMNS = frozenset({"id", "title", "availability", "price", "link"})
_VARIANT = {"color": "colour", "size": "size", "material": "material", "pattern": "pattern"}
#: Meta's times: an hour without its zero, and an offset right behind: 2017-12-01T0:00-23:59.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d{1,2}):(\d\d)(?::\d\d)?([+-]\d\d:?\d\d|Z)", re.ASCII)
_INTERVAL_FIELD = "sale_price_effective_date"


def _records(source: BinaryIO, context: FeedContext) -> Iterator[Record | FieldFault]:
    table = Table(unpacked(source), needed=REQUIRED_COLUMNS, comments=True)
    number = table.keys.index("id")
    told = "\x1f".join(table.keys) + "\x1e"
    for cells in table.rows():
        if isinstance(cells, FieldFault):
            yield cells
        else:
            yield Record(cells[number].strip(), told + "\x1f".join(cells), (table.keys, cells))


def _sale(
    values: Mapping[str, str], price: int, currency: str
) -> tuple[int | None, dt.datetime | None, dt.datetime | None]:
    if not values.get("sale_price", "").strip():
        return None, None, None
    sale, sale_currency = read_asked_price(values["sale_price"], "sale_price")
    if sale_currency != currency:
        raise FieldFault("sale_price", f"is in {sale_currency}, the price in {currency}")
    if sale >= price:
        return None, None, None
    interval = values.get(_INTERVAL_FIELD, "").strip()
    if not interval:
        return sale, None, None
    padded = _TIME.sub(lambda at: f"{at[1]}T{int(at[2]):02}:{at[3]}{at[4]}", interval)
    return sale, *read_interval(padded, _INTERVAL_FIELD)


def _row(stated: tuple[list[str], list[str]], context: FeedContext) -> FeedRow:
    values = dict(zip(*stated, strict=True))
    refuse_nul(values)
    external_id = required(values, "id", 120)
    price, currency = read_asked_price(required(values, "price", 40), "price")
    sale, starts_at, ends_at = _sale(values, price, currency)
    return FeedRow(
        external_id=external_id,
        title=required(values, "title", 300),
        url=read_url(required(values, "link", 2000), context.hosts),
        currency=currency,
        price_minor=price,
        sale_price_minor=sale,
        sale_starts_at=starts_at,
        sale_ends_at=ends_at,
        availability=read_availability(values.get("availability", "")),
        description=values.get("description", "").strip()[:5000],
        image_url=read_image(values.get("image_link", "") or values.get("image[0].url", "")),
        brand=optional(values, "brand", 120),
        gtin=read_gtin(values.get("gtin", "")),
        mpn=optional(values, "mpn", 70),
        condition=read_condition(values.get("condition", "").replace("_", " ").removesuffix(" like new").strip()),
        category=(values.get("product_type", "") or values.get("google_product_category", "")).strip()[:120],
        group_id=values.get("item_group_id", "").strip()[:120],
        variant=read_variant(values, _VARIANT),
    )


META_FEED = FeedFormat("meta", 1, _records, _row)
