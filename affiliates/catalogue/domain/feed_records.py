"""What a feed's reader hands out before a row is believed: a record, and what it may lean on."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NamedTuple, Protocol

from affiliates.catalogue.domain.faults import Fault, FieldFault, StructuralFault
from affiliates.catalogue.domain.feed_rows import FeedRow

LONGEST_ID = 120


@dataclass(frozen=True, slots=True)
class FeedMapping:
    """How a merchant's own CSV is read: our field → its column, its marks and its words. Empty: found from the file."""

    columns: Mapping[str, str]
    delimiter: str = ""
    encoding: str = ""
    decimal_mark: str = ""
    currency: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What is known of the merchant whose feed is read."""

    hosts: frozenset[str]
    currency: str = ""
    home_country: str = ""
    first_host: str = ""
    mapping: FeedMapping | None = None

    def fingerprint(self) -> str:
        """Equal where the same record becomes the same row."""
        mapping = self.mapping
        said = [
            *sorted(self.hosts),
            *(self.currency, self.home_country, self.first_host),
            repr((sorted(mapping.columns.items()), mapping.delimiter, mapping.encoding, mapping.decimal_mark,
                  mapping.currency, sorted(mapping.words.items()))) if mapping else "",
        ]  # fmt: skip
        return hashlib.blake2b("\n".join(said).encode(), digest_size=16).hexdigest()


class Record(NamedTuple):
    """One listing as it stands in the file: the merchant's number, its literal text, and its cells or fields.

    `row` is the file's row, for formats that pass some over; 0 where records are counted as they come.
    """

    external_id: str
    raw: str
    values: Any
    row: int = 0


#: Reads a file into records; a FieldFault stands for a row whose very shape is wrong.
Records = Callable[[BinaryIO, FeedContext], Iterator["Record | FieldFault"]]
#: Believes a record, or raises FieldFault.
ToRow = Callable[[Any, FeedContext], FeedRow]


@dataclass(frozen=True, slots=True)
class FeedFormat:
    """A format merchants send. A new version makes every row be read again."""

    slug: str
    version: int
    records: Records
    row: ToRow


def parse(format: FeedFormat, source: BinaryIO, context: FeedContext) -> Iterator[FeedRow | Fault]:
    """Rows and faults in the order of the file. StructuralFault where the file cannot be believed."""
    count = 0
    seen: Any = set()
    for count, record in enumerate(format.records(source, context), 1):
        yield read_record(format, record, context, count, seen)
    if not count:
        raise StructuralFault("The file lists no products.")


class Numbers(Protocol):
    """The merchant's numbers that a file has listed so far."""

    def __contains__(self, external_id: str, /) -> bool: ...

    def add(self, external_id: str, /) -> None: ...


def read_record(
    format: FeedFormat, record: Record | FieldFault, context: FeedContext, number: int, seen: Numbers
) -> FeedRow | Fault:
    """The record as a row, or what is wrong with it. Notes its number in `seen`, where it may stand once."""
    external_id = ""
    try:
        if isinstance(record, FieldFault):
            raise record
        # Shown and stored with the fault, so without what PostgreSQL takes in no text.
        external_id = record.external_id[:LONGEST_ID].replace("\x00", "\ufffd")
        row = format.row(record.values, context)
        if row.external_id in seen:
            raise FieldFault("id", "is listed twice")
    except FieldFault as fault:
        number = (fault.row if isinstance(record, FieldFault) else record.row) or number
        return Fault(number, fault.field, fault.reason, external_id)
    seen.add(row.external_id)
    return row
