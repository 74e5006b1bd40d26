"""Google Merchant feeds: RSS 2.0 and Atom with the g: namespace, and text with a head row.

Streams: memory does not grow with the file. Field names are those of Google's product data specification.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException, DTDForbidden
from defusedxml.ElementTree import iterparse

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, Record
from affiliates.catalogue.domain.feed_rows import FeedDelivery, FeedRow, read_interval, read_moment
from affiliates.catalogue.domain.formats.listings import NO_SALE, REQUIRED_COLUMNS, Sale, listing, table_rows
from affiliates.catalogue.domain.prices import read_price
from affiliates.catalogue.domain.separated import LARGEST_ROW, Table, unpacked

GOOGLE = "{http://base.google.com/ns/1.0}"
#: The parts of a delivery in a text feed, by their number, where the head row does not name them.
_SHIPPING_PARTS = {
    2: ("country", "price"),
    3: ("country", "service", "price"),
    4: ("country", "region", "service", "price"),
    8: (
        "country", "region", "service", "price", "min_handling_time", "max_handling_time", "min_transit_time",
        "max_transit_time",
    ),
}  # fmt: skip
_PARTS_OF_COUNTRY = ("region", "postal_code", "location_id", "location_group_name")
_SHIPPING_HEAD = re.compile(r"shipping\(([a-z_: ]+)\)")

Shipping = list[dict[str, str]]


def _records(source: BinaryIO, context: FeedContext) -> Iterator[Record | FieldFault]:
    source = unpacked(source)
    head = source.read(512)
    source.seek(0)
    is_xml = head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    return _xml_records(source) if is_xml else _text_records(source)


def _as_record(values: dict[str, str], shipping: Shipping) -> Record:
    return Record(values.get("id", "").strip(), repr((sorted(values.items()), shipping)), (values, shipping))


class _Measured:
    """A file that counts what was read of it since the last row."""

    def __init__(self, source: BinaryIO) -> None:
        self.source, self.since_row = source, 0

    def read(self, size: int = -1) -> bytes:
        data = self.source.read(size)
        self.since_row += len(data)
        if self.since_row > LARGEST_ROW:
            raise StructuralFault("A single listing is larger than 1 MB.")
        return data


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _xml_records(source: BinaryIO) -> Iterator[Record]:
    measured = _Measured(source)
    parents: list[Element] = []
    items = 0
    found_root = False
    try:
        for event, element in iterparse(measured, events=("start", "end"), forbid_dtd=True):
            if event == "start":
                if not found_root and _local(element.tag) not in {"rss", "feed"}:
                    raise StructuralFault(f"The file starts with <{_local(element.tag)}>, not as RSS or Atom.")
                found_root = True
                items += _local(element.tag) in {"item", "entry"}
                parents.append(element)
                continue
            parents.pop()
            is_item = _local(element.tag) in {"item", "entry"}
            if is_item:
                items -= 1
                measured.since_row = 0
                yield _as_record(*_xml_values(element))
            # What stands beside the listings is let go as well, however much of it there is.
            if parents and not items:
                parents[-1].remove(element)
    except ParseError as error:
        raise StructuralFault(f"The XML is not well-formed: {error}.") from None
    except DefusedXmlException as error:
        raise StructuralFault(_what_is_forbidden(error)) from None
    except LookupError:
        raise StructuralFault("The XML names an encoding that is not known.") from None


def _what_is_forbidden(error: DefusedXmlException) -> str:
    if isinstance(error, DTDForbidden):
        return "The XML begins with a document type (<!DOCTYPE …>), which no feed needs and which can be misused."
    return "The XML defines abbreviations (<!ENTITY …>) or leads to other files, which no feed needs."


def _xml_values(item: Element) -> tuple[dict[str, str], Shipping]:
    """Field texts and deliveries. Where RSS or Atom has a field of the same name, Google's own one counts."""
    own: dict[str, str] = {}
    plain: dict[str, str] = {}
    shipping: Shipping = []
    for child in item:
        name, text = _local(child.tag), (child.text or "").strip()
        if name == "shipping":
            shipping.append({_local(part.tag): (part.text or "").strip() for part in child})
        elif child.tag.startswith(GOOGLE):
            own.setdefault(name, text)
        elif name == "link" and not text:
            if child.get("rel", "alternate") == "alternate":
                plain.setdefault(name, child.get("href", ""))
        else:
            plain.setdefault(name, text)
    return plain | own, shipping


def _text_records(source: BinaryIO) -> Iterator[Record | FieldFault]:
    table = Table(source, needed=REQUIRED_COLUMNS)
    parts = next((match[1].split(":") for name in table.keys if (match := _SHIPPING_HEAD.fullmatch(name))), None)
    columns = ["shipping" if name.startswith("shipping(") else name for name in table.keys]
    for row in table_rows(table):
        if isinstance(row, FieldFault):
            yield row
        else:
            own, told, cells = row
            yield Record(own, told, (columns, cells, parts))


def _text_row(stated: tuple[list[str], list[str], list[str] | None], context: FeedContext) -> FeedRow:
    columns, cells, parts = stated
    values = dict(zip(columns, cells, strict=True))
    shipping = values.get("shipping", "")
    deliveries = _text_deliveries(shipping, tuple(parts or ())) if shipping else ()
    return _listing(values, deliveries, context)


@lru_cache(maxsize=4096)
def _text_deliveries(shipping: str, parts: tuple[str, ...]) -> tuple[FeedDelivery, ...]:
    """A shop states the same few deliveries again and again."""
    return _deliveries([_text_shipping(part, list(parts) or None) for part in shipping.split(",") if part.strip()])


def _text_shipping(part: str, names: list[str] | None) -> dict[str, str]:
    """A delivery as text feeds write it: `country:region:service:price`, or as the head row says."""
    pieces = [piece.strip() for piece in part.split(":")]
    order = names or _SHIPPING_PARTS.get(len(pieces))
    if order is None or len(order) != len(pieces):
        return {"country": part}
    return dict(zip(order, pieces, strict=True))


def _days(values: Mapping[str, str], end: str) -> int | None:
    """Days until delivery, where the days on the way are known; days of handling are added where stated."""
    transit, handling = values.get(f"{end}_transit_time", ""), values.get(f"{end}_handling_time", "")
    for text in (transit, handling):
        if text and not (text.isascii() and text.isdigit() and len(text) <= 3):
            raise FieldFault("shipping", f"{text[:40]!r} is not a number of days")
    return int(transit) + int(handling or 0) if transit else None


def _delivery(values: Mapping[str, str]) -> FeedDelivery:
    country = values.get("country", "").strip().upper()
    if len(country) != 2 or not country.isascii() or not country.isalpha():
        raise FieldFault("shipping", f"{values.get('country', '')[:40]!r} is not a country code")
    price, currency = read_price(values["price"], "shipping") if values.get("price") else (None, "")
    shortest, longest = _days(values, "min"), _days(values, "max")
    if shortest is not None and longest is not None and shortest > longest:
        raise FieldFault("shipping", f"takes at least {shortest} and at most {longest} days")
    return FeedDelivery(country, price, currency, shortest, longest, values.get("service", "")[:60])


def _sale(values: Mapping[str, str], price: int, sale: int) -> Sale:
    """The sale with its beginning and end, where it is below the regular price."""
    interval = values.get("sale_price_effective_date", "").strip()
    starts_at, ends_at = read_interval(interval, "sale_price_effective_date") if interval else (None, None)
    return (sale, starts_at, ends_at) if sale < price else NO_SALE


def _xml_row(stated: tuple[Mapping[str, str], Shipping], context: FeedContext) -> FeedRow:
    values, shipping = stated
    return _listing(values, _deliveries(shipping), context)


def _deliveries(shipping: Shipping) -> tuple[FeedDelivery, ...]:
    found: dict[tuple[str, str], FeedDelivery] = {}
    for parts in shipping:
        delivery = _delivery(parts)
        # Sent to a part of the country only: whether it reaches this reader is unknown.
        if any(parts.get(name) for name in _PARTS_OF_COUNTRY):
            continue
        found.setdefault((delivery.country, delivery.service), delivery)
    return tuple(found.values())


def _listing(values: Mapping[str, str], deliveries: tuple[FeedDelivery, ...], context: FeedContext) -> FeedRow:
    image, condition = values.get("image_link", ""), values.get("condition", "")
    expires = values.get("expiration_date", "").strip()
    expires_at = read_moment(expires, "expiration_date") if expires else None
    return listing(
        values, context, sale_of=_sale, image=image, condition=condition, deliveries=deliveries, expires_at=expires_at
    )


def _any_row(stated: tuple[object, ...], context: FeedContext) -> FeedRow:
    return _text_row(stated, context) if len(stated) == 3 else _xml_row(stated, context)  # type: ignore[arg-type]


GOOGLE_FEED = FeedFormat("google", 3, _records, _any_row)
