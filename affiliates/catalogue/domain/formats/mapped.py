"""A merchant's own table, read through a column mapping; what the mapping leaves open is found from the file."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, cast

from affiliates.catalogue.domain.availability import STATES
from affiliates.catalogue.domain.faults import FieldFault, StructuralFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, FeedMapping, Record
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
from affiliates.catalogue.domain.mappings import FIELDS, doubtful_fields, missing_fields, stock_state, suggest_mapping
from affiliates.catalogue.domain.numbers import Mark, MarkFinder, read_number
from affiliates.catalogue.domain.separated import Table, unpacked
from cms.core.domain.money import parse_amount

_AMOUNTS = ("price", "sale_price", "list_price", "delivery_price")
_VARIANT = {"colour": "colour", "size": "size"}
_CHUNK = 1 << 18
_COUNT = re.compile("[0-9]{1,9}")
#: What no text in Windows' Western code page has: bytes that mean nothing there; three accented letters in a row, as
#: Cyrillic, Greek or Japanese look through it; a sign such as a raised 3 inside a word, as Polish and Czech do; and
#: Turkish, which only Icelandic resembles.
_NOT_WESTERN = re.compile(
    rb"[\x81\x8d\x8f\x90\x9d]|[\xc0-\xff]{3}|[\xa1-\xff]{4}|[\xd0\xde\xf0\xfe]"
    rb"|[A-Za-z\xc0-\xff][\xa1-\xa8\xab-\xad\xaf\xb1-\xb4\xb6\xb8\xb9\xbb-\xbf][A-Za-z\xc0-\xff]"
)


def find_encoding(source: BinaryIO) -> str:
    """UTF-16 by its mark, UTF-8 where the whole file is, else Windows' Western code page, which holds Latin 1."""
    source.seek(0)
    head = source.read(4)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    if b"\x00" in head:
        raise StructuralFault("The file is not text in any encoding that we find by ourselves; name it in the mapping.")
    source.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    is_utf8, western, tail = True, True, b""
    while chunk := source.read(_CHUNK):
        if is_utf8:
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                is_utf8 = False
        if western and not is_utf8 and _NOT_WESTERN.search(tail + chunk):
            western = False
        tail = chunk[-2:]
    source.seek(0)
    if is_utf8:
        return "utf-8-sig"
    if western:
        return "cp1252"
    raise StructuralFault(
        "The file is neither UTF-8 nor beyond doubt Western European text; name its encoding in the mapping."
    )


def _table(source: BinaryIO, mapping: FeedMapping, encoding: str) -> Table:
    delimiter = {"\\t": "\t"}.get(mapping.delimiter, mapping.delimiter)
    return Table(source, encoding=encoding, delimiter=delimiter)


def _columns(table: Table, mapping: FeedMapping | None) -> dict[str, int]:
    """Our field → the number of its column. StructuralFault where one is named that is not there, or one lacks."""
    wanted = dict(mapping.columns) if mapping and mapping.columns else _suggested(table.head)
    if unknown := sorted(set(wanted) - set(FIELDS)):
        raise StructuralFault(f"The mapping names fields that we do not have: {', '.join(unknown)}.")
    if lacking := missing_fields(wanted):
        raise StructuralFault(
            f"No column is mapped to {', '.join(lacking)}. The file has: {', '.join(table.head)[:200]}."
        )
    places = {name: place for place, name in enumerate(table.head)}
    if absent := sorted({theirs for theirs in wanted.values() if theirs and theirs not in places}):
        raise StructuralFault(f"The head row lacks {', '.join(absent)}. It has: {', '.join(table.head)[:200]}.")
    return {ours: places[theirs] for ours, theirs in wanted.items() if theirs}


def _suggested(head: list[str]) -> dict[str, str]:
    """The mapping that the head row speaks for beyond doubt."""
    if doubtful := doubtful_fields(head):
        ours, theirs = next(iter(doubtful.items()))
        raise StructuralFault(
            f"More than one column could be {ours}: {', '.join(theirs)[:120]}. Say which in a column mapping."
        )
    return suggest_mapping(head)


def _marks(source: BinaryIO, mapping: FeedMapping, encoding: str, columns: dict[str, int]) -> dict[str, Mark]:
    """The decimal mark of each column of amounts, from the whole file; a mark the mapping names serves for all."""
    amounts = [name for name in _AMOUNTS if name in columns]
    if mapping.decimal_mark:
        return {name: cast(Mark, mapping.decimal_mark) for name in amounts}
    finders = {name: MarkFinder() for name in amounts}
    table = _table(source, mapping, encoding)
    for number, cells in enumerate(table.rows(), 1):
        if not isinstance(cells, FieldFault):
            for name, finder in finders.items():
                finder.look(cells[columns[name]], number)
    price = finders["price"].mark(table.head[columns["price"]])
    # The other columns are written as the price is, unless they say otherwise.
    return {
        name: finder.mark(table.head[columns[name]]) if finder.decisive["."] or finder.decisive[","] else price
        for name, finder in finders.items()
    }


def _records(source: BinaryIO, context: FeedContext) -> Iterator[Record | FieldFault]:
    source = unpacked(source)
    mapping = context.mapping or FeedMapping({})
    encoding = mapping.encoding or find_encoding(source)
    head = _table(source, mapping, encoding)
    head.close()
    columns = _columns(head, mapping)
    marks = _marks(source, mapping, encoding, columns)
    table = _table(source, mapping, encoding)
    number = columns["external_id"]
    told = f"{sorted(columns.items())}{sorted(marks.items())}\x1e"
    for cells in table.rows():
        if isinstance(cells, FieldFault):
            yield cells
        else:
            yield Record(cells[number].strip(), told + "\x1f".join(cells), (columns, cells, marks))


def _amount(values: Mapping[str, str], name: str, marks: Mapping[str, Mark], currency: str) -> tuple[int | None, str]:
    text = values.get(name, "").strip()
    if not text:
        return None, currency
    number, beside = read_number(text, marks[name], name)
    if beside and currency and beside != currency:
        raise FieldFault(name, f"is in {beside}, the row in {currency}")
    currency = currency or beside
    if not currency:
        raise FieldFault("currency", "is missing: there is no column for it, and the mapping names none")
    try:
        return parse_amount(number, currency), currency
    except ValueError as error:
        raise FieldFault(name, str(error)) from None


def _state(word: str, mapping: FeedMapping | None) -> str:
    word = word.strip()
    if not word:
        return "unknown"
    own = {key.strip().casefold(): state for key, state in (mapping.words.items() if mapping else ())}
    state = own.get(word.casefold()) or stock_state(word)
    if state is None and _COUNT.fullmatch(word):
        return "in_stock" if int(word) else "out_of_stock"
    if state not in STATES:
        raise FieldFault("availability", f"{word[:40]!r} is no word for stock that we know; add it to the mapping")
    return state


def _row(stated: tuple[dict[str, int], list[str], dict[str, Mark]], context: FeedContext) -> FeedRow:
    columns, cells, marks = stated
    values = {ours: cells[place] for ours, place in columns.items()}
    refuse_nul(values)
    mapping = context.mapping
    external_id = required(values, "external_id", 120)
    currency = values.get("currency", "").strip().upper() or (mapping.currency if mapping else "")
    required(values, "price", 40)
    price, currency = _amount(values, "price", marks, currency)
    if not price:
        raise FieldFault("price", "is zero")
    sale, _ = _amount(values, "sale_price", marks, currency)
    listed, _ = _amount(values, "list_price", marks, currency)
    delivery, _ = _amount(values, "delivery_price", marks, currency)
    return FeedRow(
        external_id=external_id,
        title=required(values, "title", 300),
        url=read_url(required(values, "url", 2000), context.hosts, "url"),
        currency=currency,
        price_minor=price,
        list_price_minor=listed if listed and listed > price else None,
        sale_price_minor=sale if sale and sale < price else None,
        availability=_state(values.get("availability", ""), mapping),
        description=values.get("description", "").strip()[:5000],
        image_url=read_image(values.get("image_url", "")),
        brand=optional(values, "brand", 120),
        gtin=read_gtin(values.get("gtin", "")),
        mpn=optional(values, "mpn", 70),
        condition=read_condition(values.get("condition", "")),
        category=values.get("category", "").strip()[:120],
        group_id=values.get("group_id", "").strip()[:120],
        variant=read_variant(values, _VARIANT),
        # A table's delivery price is that of the shop's own market.
        deliveries=(
            (FeedDelivery(context.home_country, delivery, currency),)
            if delivery is not None and context.home_country
            else ()
        ),
    )


MAPPED_FEED = FeedFormat("csv", 3, _records, _row)
