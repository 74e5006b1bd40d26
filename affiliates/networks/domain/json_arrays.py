"""A JSON array read item by item, in bounded memory. Numbers with a fraction stay as they were written."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from affiliates.catalogue.domain.faults import StructuralFault
from affiliates.catalogue.domain.separated import LARGEST_ROW

_CHUNK = 1 << 16
_SPACE = " \t\r\n"


class Literal(str):
    """A number that is no plain whole one, as it was written."""

    __slots__ = ()


def _plain(text: str) -> Literal:
    """1.5e3 stays refused further on: networks write amounts plainly."""
    return Literal(text)


def _refuse(name: str) -> Any:
    raise StructuralFault(f"The file is not JSON: it holds {name}.")


_DECODER = json.JSONDecoder(
    parse_float=_plain, parse_int=lambda text: int(text) if len(text) <= 19 else Literal(text), parse_constant=_refuse
)


def array_items(source: BinaryIO) -> Iterator[tuple[str, Any]]:
    """(text, value) of each item. StructuralFault where the file is not one whole array."""
    source.seek(0)
    text = io.TextIOWrapper(source, encoding="utf-8-sig", newline="")
    try:
        yield from _items(text)
    except UnicodeError:
        raise StructuralFault("The file is not UTF-8 text.") from None
    finally:
        text.detach()


def _items(text: io.TextIOWrapper) -> Iterator[tuple[str, Any]]:
    buffer, ended = "", False

    def more() -> None:
        nonlocal buffer, ended
        chunk = text.read(_CHUNK)
        buffer, ended = buffer + chunk, not chunk

    def skip_space() -> str:
        """The next character that is no space, or nothing at the end."""
        nonlocal buffer
        while True:
            buffer = buffer.lstrip(_SPACE)
            if buffer or ended:
                return buffer[:1]
            more()

    if skip_space() != "[":
        raise StructuralFault("The file is no JSON array.")
    buffer = buffer[1:]
    first = True
    while (char := skip_space()) != "]":
        if not char:
            raise StructuralFault("The file ends in the middle of the array: it is cut off.")
        if not first:
            if char != ",":
                raise StructuralFault("The file is not JSON: a comma is missing between two transactions.")
            buffer = buffer[1:]
            skip_space()
        first = False
        while True:
            try:
                value, end = _DECODER.raw_decode(buffer)
                if end < len(buffer) or ended:
                    break
            except RecursionError:
                raise StructuralFault("The file is nested too deeply.") from None
            except ValueError as error:
                if ended:
                    raise StructuralFault(f"The file is cut off, or not JSON: {error}.") from None
            if len(buffer) > LARGEST_ROW:
                raise StructuralFault("The file is not JSON, or a single transaction is larger than 1 MB.")
            more()
        yield buffer[:end], value
        buffer = buffer[end:]
    buffer = buffer[1:]
    if skip_space():
        raise StructuralFault("The file goes on after the end of the array.")
