"""A network's table, row by row: held to its shape first, then read through its columns."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import BinaryIO, cast
from zoneinfo import ZoneInfo

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault
from affiliates.catalogue.domain.formats.mapped import find_encoding
from affiliates.catalogue.domain.numbers import Mark, MarkFinder, read_number
from affiliates.catalogue.domain.separated import Table, unpacked
from affiliates.networks.domain.mappings import AMOUNTS, FIELDS, TEXTS, TIMES, TableMapping, missing_fields
from affiliates.networks.domain.observations import (
    LONGEST_ID,
    LONGEST_TEXT,
    Amount,
    Kind,
    ReadRow,
    Said,
    State,
    clean,
    read_amount,
)
from affiliates.networks.domain.times import Order, OrderFinder, read_time

_MINUS = str.maketrans("−", "-")


class KeptTable(Table):
    """A table that keeps each row's text as it stood in the file, and knows a closing row."""

    def __init__(self, source: BinaryIO, *, encoding: str, delimiter: str) -> None:
        self._kept: list[str] = []
        super().__init__(source, encoding=encoding, delimiter=delimiter)

    def _read_lines(self) -> Iterator[str]:
        for line in super()._read_lines():
            self._kept.append(line)
            yield line

    def kept_rows(self, footer: str) -> Iterator[tuple[str, list[str] | FieldFault]]:
        """(text, cells) of each row but the closing one. StructuralFault where the file is not whole."""
        width, closed, cells, self._kept = len(self.head), False, [""] * len(self.head), []
        try:
            for cells in csv.reader(self._lines, delimiter=self.delimiter, quotechar='"', strict=True):
                text, self._kept = "".join(self._kept).lstrip("\r\n"), []
                if not any(cells):
                    continue
                if closed:
                    raise StructuralFault("There are rows after the closing row.")
                if footer and cells[0].strip().casefold() == footer.casefold():
                    closed = True
                elif len(cells) != width:
                    yield text, FieldFault("row", f"has {len(cells)} columns, the head row {width}")
                else:
                    yield text, cells
            if footer and not closed:
                raise StructuralFault(
                    f"The closing row, which begins with {footer!r}, is missing: the file is cut off."
                )
            if len(cells) < width and not closed:
                raise StructuralFault("The file ends in the middle of a row.")
        except UnicodeError:
            raise self._not_text() from None
        except csv.Error as error:
            raise StructuralFault(f"The file is not separated text: {error}.") from None
        finally:
            self.close()


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the fields stand and how they are written."""

    places: Mapping[str, int]
    marks: Mapping[str, Mark]
    orders: Mapping[str, Order]
    zone: dt.tzinfo
    mapping: TableMapping


def read_table(source: BinaryIO, columns_of: Callable[[list[str]], TableMapping], currency: str) -> Iterator[ReadRow]:
    """The rows of a table; `columns_of` says how a file with this head row is read. StructuralFault."""
    source = unpacked(source)
    first = columns_of([])
    encoding = _encoding(source, first.encoding)
    delimiter = {"\\t": "\t"}.get(first.delimiter, first.delimiter)
    open_table = lambda: KeptTable(source, encoding=encoding, delimiter=delimiter)  # noqa: E731
    table = open_table()
    table.close()
    mapping = columns_of(table.head)
    places = _places(table.head, mapping)
    layout = _layout(open_table(), places, mapping)
    plain = "utf-8" if encoding.startswith("utf") else encoding
    reader = _RowReader(layout, mapping.currency or currency)
    for number, (text, cells) in enumerate(open_table().kept_rows(mapping.footer), 1):
        raw = text.encode(plain, "replace")
        if isinstance(cells, FieldFault):
            yield ReadRow(number, raw, cells)
            continue
        external_id = cells[places["external_id"]].strip()[:LONGEST_ID].replace("\x00", "\ufffd")
        try:
            yield ReadRow(number, raw, reader.said(cells), external_id)
        except FieldFault as fault:
            yield ReadRow(number, raw, fault, external_id)


def _encoding(source: BinaryIO, named: str) -> str:
    if not named:
        return find_encoding(source)
    try:
        return codecs.lookup(named).name.replace("utf-8", "utf-8-sig") if "sig" not in named else named
    except LookupError:
        raise StructuralFault(f"The encoding {named[:40]!r} is not known.") from None


def _places(head: list[str], mapping: TableMapping) -> dict[str, int]:
    if unknown := sorted(set(mapping.columns) - set(FIELDS)):
        raise StructuralFault(f"The mapping names fields that we do not have: {', '.join(unknown)}.")
    if lacking := missing_fields(mapping.columns):
        raise StructuralFault(f"No column holds {', '.join(lacking)}. The file has: {', '.join(head)[:200]}.")
    places = {name: place for place, name in enumerate(head)}
    if absent := sorted({theirs for theirs in mapping.columns.values() if theirs and theirs not in places}):
        raise StructuralFault(f"The head row lacks {', '.join(absent)}. It has: {', '.join(head)[:200]}.")
    return {ours: places[theirs] for ours, theirs in mapping.columns.items() if theirs}


def _layout(table: KeptTable, places: dict[str, int], mapping: TableMapping) -> Layout:
    """Reads the whole file once: how its numbers and dates are written, and whether it is whole."""
    amounts, times = [n for n in AMOUNTS if n in places], [n for n in TIMES if n in places]
    marks = {name: MarkFinder() for name in amounts}
    orders = {name: OrderFinder() for name in times}
    first: list[str] = []
    last_text, last = "", first
    for number, (text, cells) in enumerate(table.kept_rows(mapping.footer), 1):
        last_text = text
        if isinstance(cells, FieldFault):
            last = []
            continue
        first, last = first or cells, cells
        for name in amounts:
            marks[name].look(_unsigned(cells[places[name]])[1], number)
        for name in times:
            orders[name].look(cells[places[name]], number)
    if last_text and not mapping.footer and not last_text.endswith(("\n", "\r", '"')) and last:
        _check_last_cell(
            first[-1].strip(), last[-1].strip(), {place: n for n, place in places.items()}.get(len(last) - 1)
        )
    named_mark, named_order = cast(Mark, mapping.decimal_mark), cast(Order, mapping.date_order)
    sale_mark = named_mark or marks["sale"].mark(table.head[places["sale"]])
    event_order = named_order or orders["event_at"].order(table.head[places["event_at"]])
    decided = {
        name: f.mark(table.head[places[name]]) if any(f.decisive.values()) else sale_mark for name, f in marks.items()
    }
    said = {name: f.order(table.head[places[name]]) if f.decisive else event_order for name, f in orders.items()}
    try:
        zone: dt.tzinfo = dt.UTC if mapping.time_zone in {"", "UTC"} else ZoneInfo(mapping.time_zone)
    except (LookupError, ValueError, OSError):
        raise StructuralFault(f"There is no time zone {mapping.time_zone!r}.") from None
    return Layout(
        places,
        dict.fromkeys(amounts, named_mark) if named_mark else decided,
        dict.fromkeys(times, named_order) if named_order else said,
        zone,
        mapping,
    )


def _check_last_cell(first: str, last: str, field: str | None) -> None:
    """A last line without its end is believed where a cut in its last cell would show."""
    if field in AMOUNTS:
        decimals = [len(cell) - max(cell.rfind("."), cell.rfind(",")) - 1 if "." in cell or "," in cell else 0
                    for cell in (first, last)]  # fmt: skip
        whole = decimals[0] == decimals[1] >= 2
    elif field in TIMES:
        whole = len(first) == len(last) >= 10 or (not last and field != "event_at")
    else:
        whole = field not in TEXTS
    if not whole:
        raise StructuralFault(
            f"The last line has no end, so its {field} may be cut off. If the file is whole, end it with an empty line."
        )


def _unsigned(text: str) -> tuple[str, str]:
    """("-" or "", the amount without its sign). Bookkeepers write (3.10) for -3.10."""
    text = text.strip().translate(_MINUS)
    if text.startswith("(") and text.endswith(")"):
        return "-", text[1:-1].strip()
    return ("-", text[1:].strip()) if text.startswith("-") else ("", text)


class _RowReader:
    """Believes a row, or raises FieldFault."""

    def __init__(self, layout: Layout, currency: str) -> None:
        self.layout, self.currency = layout, currency
        mapping = layout.mapping
        self.states = {**{s.value: s for s in State if s}, **{_key(w): State(s) for w, s in mapping.states.items()}}
        self.kinds = {**{k.value: k for k in Kind if k}, **{_key(w): Kind(k) for w, k in mapping.kinds.items()}}

    def said(self, cells: list[str]) -> Said:
        layout = self.layout
        take = {name: cells[place].strip() for name, place in layout.places.items()}
        if any("\x00" in value for value in take.values()):
            raise FieldFault("row", "holds a NUL character")
        texts = {name: clean(take.get(name, ""), name, LONGEST_ID) for name in TEXTS if name != "reason_text"}
        if not texts["external_id"]:
            raise FieldFault("external_id", "is missing")
        kind_word, state_word = (
            clean(take.get("kind", ""), "kind", LONGEST_ID),
            clean(take["state"], "state", LONGEST_ID),
        )
        state = self.states.get(_key(state_word), State.UNKNOWN)
        if state is State.APPROVED and take.get("paid", "").casefold() in {"true", "yes", "1"}:
            state = State.PAID
        times = {
            name: read_time(take[name], name, order=layout.orders[name], zone=layout.zone) if take[name] else None
            for name in layout.orders
        }
        event_at = times["event_at"]
        if event_at is None:
            raise FieldFault("event_at", "is missing")
        sale = self._amount(take, "sale", take.get("currency", ""))
        if sale is None:
            raise FieldFault("sale", "is missing")
        dated = "validated_at" in times or "amended_at" in times
        later = [at for at in (event_at, times.get("validated_at"), times.get("amended_at")) if at]
        return Said(
            state=state,
            state_word=state_word,
            kind=Kind.SALE if not kind_word else self.kinds.get(_key(kind_word), Kind.UNKNOWN),
            kind_word=kind_word,
            sale=sale,
            commission=self._amount(take, "commission", take.get("commission_currency", "") or sale.currency),
            event_at=event_at,
            click_at=times.get("click_at"),
            updated_at=max(later) if dated else None,
            country=read_country(take.get("country", "")),
            reason_text=clean(
                " ".join(take.get("reason_text", "").split())[:LONGEST_TEXT], "reason_text", LONGEST_TEXT
            ),
            **texts,
        )

    def _amount(self, take: Mapping[str, str], name: str, currency: str) -> Amount | None:
        text = take.get(name, "")
        if not text:
            return None
        sign, bare = _unsigned(text)
        number, beside = read_number(bare, self.layout.marks[name], name)
        if beside and currency and beside != currency.upper():
            raise FieldFault(name, f"is in {beside}, the row in {currency}")
        return read_amount(sign + number, currency.upper() or beside or self.currency, name)


def read_country(text: str) -> str:
    """Two capital letters, or nothing: where a customer lives decides too little to lose an order over it."""
    code = text.strip().upper()
    return code if len(code) == 2 and code.isascii() and code.isalpha() else ""


def with_columns(mapping: TableMapping, columns: Mapping[str, str]) -> TableMapping:
    """The mapping with these columns."""
    return replace(mapping, columns=dict(columns))


def _key(word: str) -> str:
    return " ".join(word.casefold().split())
