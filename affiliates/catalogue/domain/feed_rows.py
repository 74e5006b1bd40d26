"""What every feed format is turned into: rows, or faults that name row, field and reason."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from affiliates.catalogue.domain.gtin import normal_gtin
from cms.core.domain.money import parse_amount

_PRICE = re.compile(r"([0-9.]+)\s*([A-Z]{3})", re.ASCII)
_AVAILABILITY = {
    "in_stock": "in_stock",
    "available": "in_stock",
    "out_of_stock": "out_of_stock",
    "sold_out": "out_of_stock",
    "preorder": "preorder",
    "pre_order": "preorder",
    "backorder": "backorder",
    "back_order": "backorder",
    "discontinued": "discontinued",
}


class StructuralFault(Exception):
    """The file as a whole cannot be believed; nothing of it is applied."""


class FieldFault(ValueError):
    """One field of one row cannot be believed."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field, self.reason = field, reason


@dataclass(frozen=True, slots=True)
class Fault:
    """A bad row: its number from 1, the field and the reason."""

    row: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class FeedDelivery:
    """Delivery of one row to one country; price in minor units."""

    country: str
    price_minor: int | None
    currency: str
    min_days: int | None = None
    max_days: int | None = None
    service: str = ""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """One listing as its merchant states it. Prices in minor units of `currency`."""

    external_id: str
    title: str
    url: str
    currency: str
    price_minor: int | None
    list_price_minor: int | None = None
    availability: str = "unknown"
    description: str = ""
    image_url: str = ""
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    condition: str = "new"
    category: str = ""
    deliveries: tuple[FeedDelivery, ...] = ()

    def digest(self) -> str:
        """Equal for rows that say the same."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:40]

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> FeedRow:
        data: dict[str, Any] = json.loads(text)
        data["deliveries"] = tuple(FeedDelivery(**delivery) for delivery in data["deliveries"])
        return cls(**data)


def read_price(text: str, field: str) -> tuple[int, str]:
    """Minor units and currency of "9.19 EUR"; anything a person would have to guess about is a fault."""
    match = _PRICE.fullmatch(text.strip())
    if match is None:
        raise FieldFault(field, f"{text!r} is not an amount with its currency, such as 9.19 EUR")
    try:
        return parse_amount(match[1], match[2]), match[2]
    except ValueError as error:
        raise FieldFault(field, str(error)) from None


def read_availability(text: str) -> str:
    """One of our six states; an unknown word is a fault, an empty one is `unknown`."""
    word = re.sub(r"[\s-]+", "_", text.strip().lower())
    if not word:
        return "unknown"
    if word not in _AVAILABILITY:
        raise FieldFault("availability", f"{text!r} is not a known availability")
    return _AVAILABILITY[word]


def read_url(text: str, hosts: frozenset[str]) -> str:
    """An http(s) address at one of the merchant's hosts."""
    parts = urlsplit(text.strip())
    if parts.scheme not in {"http", "https"} or "@" in parts.netloc or "\\" in text or any(c <= " " for c in text.strip()):
        raise FieldFault("link", f"{text[:80]!r} is not an http(s) address")
    if (parts.hostname or "") not in hosts:
        raise FieldFault("link", f"{parts.hostname or text[:80]!r} is not a host of this merchant")
    return text.strip()


def required(values: Mapping[str, str], field: str, limit: int) -> str:
    """A field that must be there and fit."""
    value = values.get(field, "").strip()
    if not value:
        raise FieldFault(field, "is missing")
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
