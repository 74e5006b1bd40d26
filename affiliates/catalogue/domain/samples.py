"""The beginning of a merchant's table: its columns, a few rows, and which column probably holds what."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from dataclasses import dataclass

HEAD_BYTES = 256 * 1024
ROWS = 200
DELIMITERS = ",;\t|"


class UnreadableSample(ValueError):
    """This is no table with a line of names and rows beneath."""


@dataclass(frozen=True)
class Sample:
    """What was found in the beginning of a file."""

    encoding: str
    delimiter: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def words_of(self, header: str, limit: int = 12) -> tuple[str, ...]:
        """The different words of a column, as far as there are few."""
        if header not in self.headers:
            return ()
        index = self.headers.index(header)
        words = dict.fromkeys(row[index].strip() for row in self.rows if index < len(row))
        words.pop("", None)
        return tuple(words) if len(words) <= limit else ()


def read_sample(head: bytes) -> Sample:
    """Find encoding, delimiter, names and rows in the first bytes of a file, packed with gzip or not."""
    if head[:2] == b"\x1f\x8b":
        head = _unpacked(head)
    encoding, text = _decoded(head)
    lines = text.splitlines()
    if len(head) >= HEAD_BYTES and len(lines) > 1:
        lines = lines[:-1]
    first = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=first.count)
    if not first or first.count(delimiter) == 0:
        raise UnreadableSample("there is no line of column names")
    try:
        rows = [row for row in csv.reader(io.StringIO("\n".join(lines)), delimiter=delimiter) if any(row)]
    except csv.Error as error:
        raise UnreadableSample(str(error)) from None
    headers = tuple(name.strip() for name in rows[0])
    if len(set(headers)) < len(headers) or not all(headers):
        raise UnreadableSample("two columns have the same name, or one has none")
    return Sample(encoding, delimiter, headers, tuple(tuple(row) for row in rows[1 : ROWS + 1]))


def _unpacked(head: bytes) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(head, HEAD_BYTES)
    except (zlib.error, gzip.BadGzipFile):
        raise UnreadableSample("the packed file cannot be unpacked") from None


def _decoded(head: bytes) -> tuple[str, str]:
    if b"\0" in head:
        raise UnreadableSample("this is no text file")
    # A letter may have been cut in two at the end.
    for cut in range(4):
        try:
            return "utf-8", head[: len(head) - cut].decode("utf-8-sig")
        except UnicodeDecodeError as error:
            if error.end < len(head) - 4:
                break
    return "cp1252", head.decode("cp1252", errors="replace")
