"""Google Merchant feeds: RSS 2.0 and Atom with the g: namespace, and tab-separated text with a head row.

Streams: memory does not grow with the file. Field names are those of Google's product data specification.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from typing import BinaryIO
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import iterparse

from affiliates.catalogue.domain.feed_rows import (
    Fault,
    FeedDelivery,
    FeedRow,
    FieldFault,
    StructuralFault,
    read_availability,
    read_gtin,
    read_price,
    read_url,
    required,
)

REQUIRED_COLUMNS = {"id", "title", "link", "price", "availability"}
Shipping = list[dict[str, str]]


def parse_google(source: BinaryIO, *, hosts: frozenset[str]) -> Iterator[FeedRow | Fault]:
    """Rows and faults in the order of the file. StructuralFault where the file cannot be believed."""
    head = source.read(512)
    source.seek(0)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    records = _xml_records(source) if text.startswith(b"<") else _text_records(source)
    seen: set[str] = set()
    count = 0
    for count, (values, shipping) in enumerate(records, 1):
        try:
            row = _row(values, shipping, hosts)
        except FieldFault as fault:
            yield Fault(count, fault.field, fault.reason)
            continue
        if row.external_id in seen:
            yield Fault(count, "id", f"{row.external_id!r} is listed twice")
            continue
        seen.add(row.external_id)
        yield row
    if not count:
        raise StructuralFault("The file lists no products.")


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]


def _xml_records(source: BinaryIO) -> Iterator[tuple[dict[str, str], Shipping]]:
    parents: list[Element] = []
    found_root = False
    try:
        for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
            name = _local(element.tag)
            if event == "start":
                if not found_root and name not in {"rss", "feed"}:
                    raise StructuralFault(f"The file starts with <{name}>, not with an RSS or Atom feed.")
                found_root = True
                parents.append(element)
                continue
            parents.pop()
            if name in {"item", "entry"}:
                yield _xml_values(element)
                element.clear()
                if parents:
                    parents[-1].remove(element)
    except ParseError as error:
        raise StructuralFault(f"The XML is not well-formed: {error}.") from None
    except DefusedXmlException as error:
        raise StructuralFault(f"The XML uses what a feed must not: {type(error).__name__}.") from None


def _xml_values(item: Element) -> tuple[dict[str, str], Shipping]:
    values: dict[str, str] = {}
    shipping: Shipping = []
    for child in item:
        name = _local(child.tag)
        if name == "shipping":
            shipping.append({_local(part.tag): (part.text or "").strip() for part in child})
        elif name == "link" and not (child.text or "").strip():
            values.setdefault("link", child.get("href", ""))
        else:
            values.setdefault(name, (child.text or "").strip())
    return values, shipping


def _text_records(source: BinaryIO) -> Iterator[tuple[dict[str, str], Shipping]]:
    text = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
    try:
        reader = csv.reader(text, delimiter="\t", quotechar='"', strict=True)
        head = [name.strip().lower().replace(" ", "_") for name in next(reader, [])]
        if missing := sorted(REQUIRED_COLUMNS - set(head)):
            raise StructuralFault(f"The head row lacks {', '.join(missing)}.")
        for number, cells in enumerate(reader, 2):
            if not any(cells):
                continue
            if len(cells) != len(head):
                raise StructuralFault(f"Line {number} has {len(cells)} columns, the head row {len(head)}.")
            values = dict(zip(head, cells, strict=True))
            yield values, [_text_shipping(part) for part in values.get("shipping", "").split(",") if part.strip()]
    except UnicodeDecodeError:
        raise StructuralFault("The file is not UTF-8 text.") from None
    except csv.Error as error:
        raise StructuralFault(f"The file is not tab-separated text: {error}.") from None
    finally:
        text.detach()


def _text_shipping(part: str) -> dict[str, str]:
    """`country:region:service:price` as Google writes it in text feeds."""
    pieces = [piece.strip() for piece in part.split(":")]
    if len(pieces) != 4:
        return {"country": "?", "price": part}
    return {"country": pieces[0], "service": pieces[2], "price": pieces[3]}


def _days(values: Mapping[str, str], kind: str) -> int | None:
    parts = [values.get(f"{kind}_{name}_time", "") for name in ("handling", "transit")]
    known = [int(part) for part in parts if part.isascii() and part.isdigit()]
    return sum(known) if known and parts[1] else None


def _delivery(values: Mapping[str, str]) -> FeedDelivery:
    country = values.get("country", "").strip().upper()
    if len(country) != 2 or not country.isalpha():
        raise FieldFault("shipping", f"{values.get('country', '')!r} is not a country code")
    price, currency = read_price(values["price"], "shipping") if values.get("price") else (None, "")
    return FeedDelivery(country, price, currency, _days(values, "min"), _days(values, "max"), values.get("service", "")[:60])


def _row(values: Mapping[str, str], shipping: Shipping, hosts: frozenset[str]) -> FeedRow:
    external_id = required(values, "id", 120)
    price, currency = read_price(required(values, "price", 40), "price")
    list_price = None
    if sale := values.get("sale_price", "").strip():
        sale_price, sale_currency = read_price(sale, "sale_price")
        if sale_currency != currency:
            raise FieldFault("sale_price", f"is in {sale_currency}, the price in {currency}")
        if sale_price < price:
            price, list_price = sale_price, price
    deliveries = {(d.country, d.service): d for d in map(_delivery, shipping)}
    return FeedRow(
        external_id=external_id,
        title=required(values, "title", 300),
        url=read_url(required(values, "link", 2000), hosts),
        currency=currency,
        price_minor=price,
        list_price_minor=list_price,
        availability=read_availability(values.get("availability", "")),
        description=values.get("description", "").strip()[:5000],
        image_url=values.get("image_link", "").strip()[:2000],
        brand=values.get("brand", "").strip()[:120],
        gtin=read_gtin(values.get("gtin", "")),
        mpn=values.get("mpn", "").strip()[:70],
        condition=(values.get("condition", "").strip() or "new")[:16],
        category=(values.get("product_type", "") or values.get("google_product_category", "")).strip()[:120],
        deliveries=tuple(deliveries.values()),
    )
