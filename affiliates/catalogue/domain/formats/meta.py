"""Meta's catalogue: separated text with its own words, whose templates begin with lines of comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, Record
from affiliates.catalogue.domain.feed_rows import FeedRow, read_interval
from affiliates.catalogue.domain.formats.listings import NO_SALE, REQUIRED_COLUMNS, Sale, listing, table_rows
from affiliates.catalogue.domain.separated import Table, unpacked

#: Meta's times: an hour without its zero, and an offset right behind: 2017-12-01T0:00-23:59.
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d{1,2}):(\d\d)(?::\d\d)?([+-]\d\d:?\d\d|Z)", re.ASCII)
_INTERVAL_FIELD = "sale_price_effective_date"


def _records(source: BinaryIO, context: FeedContext) -> Iterator[Record | FieldFault]:
    table = Table(unpacked(source), needed=REQUIRED_COLUMNS, comments=True)
    for row in table_rows(table):
        if isinstance(row, FieldFault):
            yield row
        else:
            own, told, cells = row
            yield Record(own, told, (table.keys, cells))


def _sale(values: Mapping[str, str], price: int, sale: int) -> Sale:
    if sale >= price:
        return NO_SALE
    interval = values.get(_INTERVAL_FIELD, "").strip()
    if not interval:
        return sale, None, None
    padded = _TIME.sub(lambda at: f"{at[1]}T{int(at[2]):02}:{at[3]}{at[4]}", interval)
    return sale, *read_interval(padded, _INTERVAL_FIELD)


def _row(stated: tuple[list[str], list[str]], context: FeedContext) -> FeedRow:
    values = dict(zip(*stated, strict=True))
    image = values.get("image_link", "") or values.get("image[0].url", "")
    condition = values.get("condition", "").replace("_", " ").removesuffix(" like new").strip()
    return listing(values, context, sale_of=_sale, image=image, condition=condition)


META_FEED = FeedFormat("meta", 1, _records, _row)
