"""Reading TOML tables strictly: every fault names its file and field."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

AMOUNT = re.compile(r"(0|[1-9]\d*)(\.\d+)?")
EXPONENTS = {"EUR": 2, "GBP": 2, "USD": 2, "JPY": 0}
HTML_TAG = re.compile(r"<[^>]+>")
WORD = re.compile(r"\w[\w’'.,:-]*")


class ContentError(ValueError):
    """A data file that says something it may not, with the file and the field."""

    def __init__(self, file: str, field: str, fault: str) -> None:
        super().__init__(f"{file}: {field}: {fault}")
        self.file = file
        self.field = field
        self.fault = fault


class Table:
    """One table of a data file. Reading a key takes it; `done` refuses what nobody took."""

    def __init__(self, data: Mapping[str, Any], *, file: str, field: str = "") -> None:
        self._data = data
        self._taken: set[str] = set()
        self.file = file
        self.field = field

    def fault(self, key: str, message: str) -> ContentError:
        return ContentError(self.file, f"{self.field}.{key}".lstrip("."), message)

    def has(self, key: str) -> bool:
        return key in self._data

    def _take(self, key: str, kind: type, default: Any) -> Any:
        self._taken.add(key)
        if key not in self._data:
            if default is None:
                raise self.fault(key, "is missing")
            return default
        value = self._data[key]
        # In Python a bool is an int; in a data file it never stands for one.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.fault(key, f"should be {kind.__name__}, is {type(value).__name__}")
        return value

    def text(self, key: str, *, default: str | None = None) -> str:
        value: str = self._take(key, str, default)
        if default is None and not value.strip():
            raise self.fault(key, "is empty")
        return value.strip()

    def choice(self, key: str, allowed: Collection[str], *, default: str | None = None) -> str:
        value = self.text(key, default=default)
        if value not in allowed and value != default:
            raise self.fault(key, f"{value!r} is not one of {', '.join(sorted(allowed))}")
        return value

    def integer(self, key: str, *, least: int, most: int, default: int | None = None) -> int:
        value: int = self._take(key, int, default)
        if not least <= value <= most:
            raise self.fault(key, f"{value} is not between {least} and {most}")
        return value

    def flag(self, key: str, *, default: bool = False) -> bool:
        value: bool = self._take(key, bool, default)
        return value

    def decimal(self, key: str) -> Decimal:
        self._taken.add(key)
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.fault(key, "should be a number")
        return Decimal(str(value))

    def amount(self, key: str, currency: str, *, default: str | None = None) -> str:
        """A decimal string with no more places than the currency has."""
        value = self.text(key, default=default)
        if value == default:
            return value
        places = len(value.partition(".")[2])
        if not AMOUNT.fullmatch(value) or places not in {0, EXPONENTS[currency]}:
            raise self.fault(key, f"{value!r} is not an amount in {currency}")
        return value

    def texts(self, key: str, *, least: int = 0, allowed: Collection[str] | None = None) -> tuple[str, ...]:
        values: list[Any] = self._take(key, list, [] if least == 0 else None)
        if len(values) < least:
            raise self.fault(key, f"has fewer than {least} entries")
        for value in values:
            if not isinstance(value, str) or not value.strip():
                raise self.fault(key, "should hold texts only")
            if allowed is not None and value not in allowed:
                raise self.fault(key, f"{value!r} is not known")
        return tuple(values)

    def strings(self, key: str) -> dict[str, str]:
        """A table of texts, such as one title per language."""
        values: dict[str, Any] = self._take(key, dict, None)
        for name, value in values.items():
            if not isinstance(value, str) or not value.strip():
                raise self.fault(f"{key}.{name}", "should be a text")
        return {name: value.strip() for name, value in values.items()}

    def table(self, key: str) -> Table:
        value: dict[str, Any] = self._take(key, dict, None)
        return Table(value, file=self.file, field=f"{self.field}.{key}".lstrip("."))

    def tables(self, key: str, *, least: int = 0) -> list[Table]:
        values: list[Any] = self._take(key, list, [] if least == 0 else None)
        if len(values) < least:
            raise self.fault(key, f"has fewer than {least} entries")
        where = f"{self.field}.{key}".lstrip(".")
        found = []
        for index, value in enumerate(values):
            if not isinstance(value, dict):
                raise self.fault(f"{key}[{index}]", "should be a table")
            found.append(Table(value, file=self.file, field=f"{where}[{index}]"))
        return found

    def done(self) -> None:
        for key in self._data:
            if key not in self._taken:
                raise self.fault(key, "is not a known field")


def read_table(path: Path, root: Path) -> Table:
    """The top table of a TOML file, named in faults by its path below `root`."""
    name = path.relative_to(root).as_posix()
    try:
        return Table(tomllib.loads(path.read_text(encoding="utf-8")), file=name)
    except FileNotFoundError as error:
        raise ContentError(name, "file", "is missing") from error
    except tomllib.TOMLDecodeError as error:
        raise ContentError(name, "file", str(error)) from error


def gtin_is_valid(gtin: str) -> bool:
    """An EAN-13 whose last digit is right for the twelve before it."""
    if not re.fullmatch(r"\d{13}", gtin):
        return False
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(gtin[:12]))
    return (-weighted) % 10 == int(gtin[12])


def count_words(*texts: str) -> int:
    """Words as a reader would count them: markup is none, “52 dB” is two."""
    return sum(len(WORD.findall(HTML_TAG.sub(" ", text))) for text in texts)
