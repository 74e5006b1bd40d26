"""Reading what a merchant says about an order. Strict: a report is taken whole or every fault in it is named.

Amounts are decimal strings. JSON numbers are refused for them, because a reader cannot tell 12.30 from what a
float made of it; names that do not belong to a report are refused too, because "refundd" would silently lose
a refund.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from cms.core.domain.money import CURRENCIES, decimal_string, parse_amount

PARSER_VERSION = 1
LARGEST_BATCH = 1000
MOST_LINES = 200
#: Clocks differ. An order may seem to come from the future, or from before its click, by this much.
CLOCK_TOLERANCE = dt.timedelta(minutes=5)
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
STATUSES = ("pending", "approved", "reversed")
CUSTOMERS = ("new", "returning")
LARGEST_VERSION = 2**53 - 1

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)
_ORDER = {
    "order_id",
    "click_id",
    "coupon",
    "status",
    "currency",
    "occurred_at",
    "customer",
    "country",
    "lines",
}
_ORDER_NAMES = _ORDER | {"version", "note", "channel"}
_LINE_NAMES = {"line_id", "sku", "name", "category", "quantity", "amount", "refunded"}


class Fault(TypedDict):
    """One thing wrong with a report: where (JSON pointer) and what."""

    pointer: str
    detail: str


class Faults(ValueError):
    """All that is wrong with a report."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{fault['pointer']}: {fault['detail']}" for fault in self.faults))


@dataclass(frozen=True, slots=True)
class LineReport:
    """A line of an order as reported."""

    line_id: str
    amount_minor: int
    refunded_minor: int = 0
    sku: str = ""
    name: str = ""
    category: str = ""
    quantity: int = 1


@dataclass(frozen=True, slots=True)
class ConversionReport:
    """An order as reported: the whole of its present state."""

    order_id: str
    status: str
    currency: str
    occurred_at: dt.datetime
    lines: tuple[LineReport, ...]
    click_id: str = ""
    coupon: str = ""
    customer: str = ""
    country: str = ""
    version: int | None = None
    note: str = ""
    channel: str = ""

    @property
    def digest(self) -> str:
        """The fingerprint of what is said, equal for equal reports however they were written."""
        lines = [
            [
                line.line_id,
                line.sku,
                line.name,
                line.category,
                line.quantity,
                line.amount_minor,
                line.refunded_minor,
            ]
            for line in sorted(self.lines, key=lambda line: line.line_id)
        ]
        said = [
            self.order_id,
            self.status,
            self.currency,
            self.occurred_at.astimezone(dt.UTC).isoformat(),
            self.click_id,
            self.coupon,
            self.customer,
            self.country,
            self.version,
            self.note,
            lines,
            *([self.channel] if self.channel else []),
        ]
        return hashlib.sha256(json.dumps(said, separators=(",", ":")).encode()).hexdigest()

    def as_json(self) -> dict[str, Any]:
        """The report as the API takes it."""
        return {
            "order_id": self.order_id,
            "click_id": self.click_id or None,
            "coupon": self.coupon or None,
            "status": self.status,
            "currency": self.currency,
            "occurred_at": self.occurred_at.astimezone(dt.UTC).isoformat().replace("+00:00", "Z"),
            "customer": self.customer or None,
            "country": self.country or None,
            "lines": [
                {
                    "line_id": line.line_id,
                    "sku": line.sku,
                    "name": line.name,
                    "category": line.category,
                    "quantity": line.quantity,
                    "amount": decimal_string(line.amount_minor, self.currency),
                    "refunded": decimal_string(line.refunded_minor, self.currency),
                }
                for line in self.lines
            ],
            **({"version": self.version} if self.version is not None else {}),
            **({"note": self.note} if self.note else {}),
            **({"channel": self.channel} if self.channel else {}),
        }


class _Literal(str):
    """A number that is no plain integer, as it was written."""

    __slots__ = ()


class _Object(dict[str, Any]):
    """A JSON object that remembers which of its names were given twice."""

    repeated: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        made.repeated = tuple(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return made


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def load_json(body: bytes) -> Any:
    """The JSON of a request, its fractional numbers kept as written. Faults when it is no JSON in UTF-8."""
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_float=_Literal,
            parse_int=lambda text: int(text) if len(text) <= 19 else _Literal(text),
            parse_constant=_refuse_constant,
            object_pairs_hook=_object,
        )
    except UnicodeDecodeError:
        raise Faults([{"pointer": "", "detail": "The body is not UTF-8."}]) from None
    except RecursionError:
        raise Faults([{"pointer": "", "detail": "The body is nested too deeply."}]) from None
    except ValueError as error:
        raise Faults([{"pointer": "", "detail": f"The body is not JSON: {error}."}]) from None


class _Reader:
    """Takes fields from one JSON object and collects what is wrong with them."""

    def __init__(self, data: Mapping[str, Any], at: str, faults: list[Fault], names: set[str]) -> None:
        self.data, self.at, self.faults = data, at, faults
        for name in data:
            if name not in names:
                self.fault(name, "This name does not belong here.")
        for name in dict.fromkeys(getattr(data, "repeated", ())):
            self.fault(name, "This name is given twice.")

    def fault(self, name: str, detail: str) -> None:
        escaped = name.replace("~", "~0").replace("/", "~1").encode("utf-8", "backslashreplace").decode()
        self.faults.append({"pointer": f"{self.at}/{escaped}", "detail": detail})

    def text(self, name: str, most: int, *, required: bool = False, null: bool = True) -> str:
        if name not in self.data:
            if required:
                self.fault(name, "This is missing.")
            return ""
        value = self.data[name]
        if value is None and null and not required:
            return ""
        if not isinstance(value, str) or isinstance(value, _Literal):
            self.fault(name, "Write a string.")
        elif required and not value.strip():
            self.fault(name, "This is empty.")
        elif len(value) > most:
            self.fault(name, f"At most {most} characters.")
        elif any(ord(char) < 32 or 127 <= ord(char) < 160 or 0xD800 <= ord(char) <= 0xDFFF for char in value):
            self.fault(name, "Control characters are not allowed.")
        elif value != value.strip():
            self.fault(name, "Remove the space at its start or end.")
        else:
            return value
        return ""

    def choice(self, name: str, choices: tuple[str, ...], *, required: bool = False) -> str:
        before = len(self.faults)
        value = self.text(name, 100, required=required)
        if len(self.faults) == before and (value or required) and value not in choices:
            self.fault(name, f"One of {', '.join(choices)}.")
        return value

    def integer(self, name: str, low: int, high: int) -> int | None:
        value = self.data.get(name)
        if value is None and name not in self.data:
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            self.fault(name, f"Write a whole number from {low} to {high}.")
            return None
        return value

    def amount(self, name: str, currency: str, *, required: bool) -> int:
        if name not in self.data and not required:
            return 0
        if name not in self.data:
            self.fault(name, "This is missing.")
            return 0
        value = self.data[name]
        if not isinstance(value, str) or isinstance(value, _Literal):
            self.fault(name, 'Write the amount as a string of decimals, such as "12.50".')
            return 0
        if currency not in CURRENCIES:
            return 0  # the currency's own fault is enough
        try:
            return parse_amount(value, currency)
        except ValueError as error:
            self.fault(name, f"{error}.")
            return 0


def _time(reader: _Reader, now: dt.datetime) -> dt.datetime:
    before = len(reader.faults)
    text = reader.text("occurred_at", 40, required=True)
    if len(reader.faults) > before:
        return now
    if not _TIME.fullmatch(text):
        reader.fault("occurred_at", "Write a time with its zone, such as 2026-03-01T12:00:00Z.")
        return now
    try:
        moment = dt.datetime.fromisoformat(text.upper()).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        reader.fault("occurred_at", "There is no such time.")
        return now
    if moment > now + CLOCK_TOLERANCE:
        reader.fault("occurred_at", "This lies more than 5 minutes in the future.")
    elif moment < EARLIEST:
        reader.fault("occurred_at", "This lies before the year 2000.")
    return moment


def _line(data: Any, at: str, currency: str, faults: list[Fault]) -> LineReport | None:
    if not isinstance(data, dict):
        faults.append({"pointer": at, "detail": "Write an object."})
        return None
    before = len(faults)
    reader = _Reader(data, at, faults, _LINE_NAMES)
    line_id = reader.text("line_id", 100, required=True)
    amount = reader.amount("amount", currency, required=True)
    sound = len(faults) == before
    refunded = reader.amount("refunded", currency, required=False)
    if sound and len(faults) == before and refunded > amount:
        reader.fault("refunded", "More is refunded than the line's amount.")
    quantity = reader.integer("quantity", 1, 1_000_000)
    sku, name = reader.text("sku", 120), reader.text("name", 300)
    category = reader.text("category", 200)
    if len(faults) > before:
        return None
    return LineReport(line_id, amount, refunded, sku, name, category, quantity or 1)


def parse_report(data: Any, *, now: dt.datetime, at: str = "") -> ConversionReport:
    """The report in a JSON value. Faults, each with its JSON pointer below `at`, when anything is wrong with
    it.
    """
    if not isinstance(data, dict):
        raise Faults([{"pointer": at, "detail": "Write an object."}])
    faults: list[Fault] = []
    reader = _Reader(data, at, faults, _ORDER_NAMES)
    order_id = reader.text("order_id", 100, required=True)
    click_id, coupon = reader.text("click_id", 100), reader.text("coupon", 100)
    status = reader.choice("status", STATUSES, required=True)
    before = len(faults)
    currency = reader.text("currency", 3, required=True)
    if len(faults) == before and currency not in CURRENCIES:
        reader.fault("currency", "This is not a currency we know; write its three capital letters, such as EUR.")
    occurred_at = _time(reader, now)
    customer = reader.choice("customer", CUSTOMERS)
    country = reader.text("country", 2)
    if country and not re.fullmatch("[A-Z]{2}", country):
        reader.fault("country", "Write two capital letters, such as DE.")
    version = None if data.get("version") is None else reader.integer("version", 0, LARGEST_VERSION)
    note, channel = reader.text("note", 200), reader.text("channel", 40)
    lines = _lines(reader, currency)
    if faults:
        raise Faults(faults)
    return ConversionReport(
        order_id=order_id,
        status=status,
        currency=currency,
        occurred_at=occurred_at,
        lines=lines,
        click_id=click_id,
        coupon=coupon,
        customer=customer,
        country=country,
        version=version,
        note=note,
        channel=channel,
    )


def _lines(reader: _Reader, currency: str) -> tuple[LineReport, ...]:
    items = reader.data.get("lines")
    if "lines" not in reader.data:
        reader.fault("lines", "This is missing.")
        return ()
    if not isinstance(items, list) or not 1 <= len(items) <= MOST_LINES:
        reader.fault("lines", f"Write a list of 1 to {MOST_LINES} lines.")
        return ()
    read: list[LineReport] = []
    seen: set[str] = set()
    for index, item in enumerate(items):
        at = f"{reader.at}/lines/{index}"
        line = _line(item, at, currency, reader.faults)
        if line is None:
            continue
        if line.line_id in seen:
            reader.faults.append({"pointer": f"{at}/line_id", "detail": "Another line has this line_id."})
        seen.add(line.line_id)
        read.append(line)
    return tuple(read)
