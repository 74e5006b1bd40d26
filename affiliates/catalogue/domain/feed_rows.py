"""What every feed format is turned into, and how single fields are read."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.catalogue.domain.gtin import normal_gtin

#: What may stand unescaped in an address; a "%" is kept, since it introduces an escape already made.
_URL_SAFE = "%/:?#[]@!$&'()*+,;=-._~|"
#: An address of which nothing has to be escaped: nearly every one. Its host is looked up all the same.
_PLAIN_URL = re.compile(r"https?://([a-z0-9.-]+)(?:/[A-Za-z0-9%/?#@!$&'()*+,;=._~:-]*)?", re.ASCII)
_CONDITIONS = {"new": "new", "refurbished": "refurbished", "used": "used"}
_PORTS = {None, 80, 443}


class FeedDelivery(NamedTuple):
    """Delivery of one row to one country; price in minor units."""

    country: str
    price_minor: int | None
    currency: str
    min_days: int | None = None
    max_days: int | None = None
    service: str = ""


class FeedRow(NamedTuple):
    """One listing as its merchant states it. Prices in minor units of `currency`.

    `price_minor` is the price outside sales; a sale's beginning and end may each be open. From `expires_at` on the
    merchant no longer lists it. A tuple, not a data class, since an import makes millions of them.
    """

    external_id: str
    title: str
    url: str
    currency: str
    price_minor: int | None
    list_price_minor: int | None = None
    sale_price_minor: int | None = None
    sale_starts_at: dt.datetime | None = None
    sale_ends_at: dt.datetime | None = None
    availability: str = "unknown"
    description: str = ""
    image_url: str = ""
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    condition: str = "unknown"
    category: str = ""
    group_id: str = ""
    variant: tuple[tuple[str, str], ...] = ()
    deliveries: tuple[FeedDelivery, ...] = ()
    expires_at: dt.datetime | None = None

    def to_json(self) -> str:
        """The row on one line, equal for rows that say the same."""
        return _encode(self)

    def packed(self) -> tuple[Any, ...]:
        """The row in plain values, as they are put aside until the file is judged."""
        fields: list[Any] = list(self)
        for place in _TIMES:
            if fields[place] is not None:
                fields[place] = _time(fields[place])
        fields[_DELIVERIES] = tuple(map(tuple, self.deliveries))
        return tuple(fields)

    @classmethod
    def unpacked(cls, values: Sequence[Any]) -> FeedRow:
        """The row that was packed."""
        fields: list[Any] = list(values)
        for place in _TIMES:
            if fields[place] is not None:
                fields[place] = dt.datetime.fromisoformat(fields[place])
        fields[_DELIVERIES] = _as_deliveries(fields[_DELIVERIES])
        return cls._make(fields)

    def digest(self) -> str:
        """Equal for rows that say the same."""
        return hashlib.blake2b(self.to_json().encode(), digest_size=20).hexdigest()


_TIMES = tuple(FeedRow._fields.index(name) for name in ("sale_starts_at", "sale_ends_at", "expires_at"))
_DELIVERIES = FeedRow._fields.index("deliveries")


def _time(value: dt.datetime) -> str:
    return value.isoformat()


_encode = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"), default=_time).encode


@lru_cache(maxsize=4096)
def _as_deliveries(values: tuple[tuple[Any, ...], ...]) -> tuple[FeedDelivery, ...]:
    """A shop states the same few deliveries again and again."""
    return tuple(map(FeedDelivery._make, values))


@lru_cache(maxsize=4096)
def delivery_digest(deliveries: tuple[FeedDelivery, ...]) -> str:
    """Equal for deliveries that say the same, in whatever order."""
    packed = sorted(map(_encode, deliveries))
    return hashlib.blake2b("\n".join(packed).encode(), digest_size=20).hexdigest()


def read_url(text: str, hosts: frozenset[str], field: str = "link") -> str:
    """An http(s) address at one of the merchant's hosts, with what is not ASCII escaped."""
    address = text.strip()
    if (match := _PLAIN_URL.fullmatch(address)) and match[1] in hosts:
        return address
    refused = FieldFault(field, f"{address[:80]!r} is not an http(s) address")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise refused from None
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or port not in _PORTS:
        raise refused
    if "\\" in address or any(character <= " " or character == "\x7f" for character in address):
        raise refused
    if (parts.hostname or "") not in hosts:
        raise FieldFault(field, f"{parts.hostname or address[:80]!r} is not a host of this merchant")
    return quote(address, safe=_URL_SAFE)


def required(values: Mapping[str, str], field: str, limit: int) -> str:
    """A field that must be there and fit."""
    value = optional(values, field, limit)
    if not value:
        raise FieldFault(field, "is missing")
    return value


def optional(values: Mapping[str, str], field: str, limit: int) -> str:
    """A field that may be empty but must fit: cut off, it would say something else."""
    value = values.get(field, "").strip()
    if len(value) > limit:
        raise FieldFault(field, f"is longer than {limit} characters")
    return value


def read_gtin(text: str) -> str:
    """The GTIN in one spelling, or empty; a wrong check digit is a fault."""
    if not text.strip():
        return ""
    try:
        return normal_gtin(text.strip())
    except ValueError as error:
        raise FieldFault("gtin", str(error)) from None


def read_condition(text: str) -> str:
    """new, refurbished or used; unknown where nothing is said."""
    word = text.strip().lower()
    if not word:
        return "unknown"
    if word not in _CONDITIONS:
        raise FieldFault("condition", f"{text[:40]!r} is not new, refurbished or used")
    return _CONDITIONS[word]


def read_interval(interval: str, field: str) -> tuple[dt.datetime, dt.datetime]:
    """Both ends of an ISO 8601 interval "start/end", in UTC. A fault unless both carry a time zone."""
    try:
        start, end = (dt.datetime.fromisoformat(part.strip()) for part in interval.split("/"))
    except ValueError:
        raise FieldFault(field, f"{interval[:60]!r} is not two times with a slash between them") from None
    if start.tzinfo is None or end.tzinfo is None:
        raise FieldFault(field, f"{interval[:60]!r} lacks a time zone")
    if end < start:
        raise FieldFault(field, "ends before it begins")
    return _in_utc(start, interval, field), _in_utc(end, interval, field)


@lru_cache(maxsize=4096)
def read_moment(text: str, field: str) -> dt.datetime:
    """An ISO 8601 time in UTC; a day alone is its beginning there. A fault where a time names no zone."""
    try:
        if len(text) == 10:
            return dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), dt.UTC)
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        raise FieldFault(field, f"{text[:40]!r} is not a day or a time, such as 2026-12-31T18:00+01:00") from None
    if moment.tzinfo is None:
        raise FieldFault(field, f"{text[:40]!r} lacks a time zone")
    return _in_utc(moment, text, field)


def _in_utc(moment: dt.datetime, text: str, field: str) -> dt.datetime:
    try:
        return moment.astimezone(dt.UTC)
    except OverflowError:
        raise FieldFault(field, f"{text[:60]!r} lies outside the years 1 to 9999") from None


def read_image(text: str) -> str:
    """A picture's address; one that cannot be used is dropped, since a drawn picture stands in for it."""
    address = text.strip()
    return address if address.startswith(("https://", "http://")) and len(address) <= 2000 else ""


def read_variant(values: Mapping[str, str], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """What tells a variant from its sisters, under our names, in the order of `names`."""
    return tuple(
        (ours, values[theirs].strip()[:80]) for theirs, ours in names.items() if values.get(theirs, "").strip()
    )


def refuse_nul(values: Mapping[str, str]) -> None:
    """No text has a NUL, and PostgreSQL takes none."""
    if "\x00" in "".join(values.values()):
        raise FieldFault("row", "holds a NUL character")
