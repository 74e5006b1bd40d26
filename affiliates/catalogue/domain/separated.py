"""Separated text: tables with a head row, streamed and held to their shape."""

from __future__ import annotations

import csv
import io
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault

#: One listing is never larger; a file that says so would fill the memory.
LARGEST_ROW = 1 << 20
DELIMITERS = "\t,;|"
#: More than a shop's catalogue unpacks to; a small file that grows beyond it is a bomb.
LARGEST_UNPACKED = 4 << 30
#: Catalogues pack to a tenth, at best to a fiftieth. Small files may do better, which harms nobody.
LARGEST_RATIO = 200
RATIO_COUNTS_FROM = 16 << 20
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def open_text(source: BinaryIO, encoding: str = "") -> io.TextIOWrapper:
    """The file as text. An encoding that is not named is found: by its mark, else UTF-8, else refused."""
    source.seek(0)
    head = source.read(4)
    source.seek(0)
    if not encoding:
        encoding = "utf-16" if head[:2] in _UTF16 else "utf-8-sig"
    try:
        return io.TextIOWrapper(source, encoding=encoding, newline="")
    except (LookupError, ValueError):
        raise StructuralFault(f"The encoding {encoding[:40]!r} is not known.") from None


def unpacked(source: BinaryIO) -> BinaryIO:
    """The file itself, or what a gzip file holds; a stream that stops at a size no catalogue has."""
    source.seek(0)
    magic = source.read(2)
    source.seek(0)
    return io.BufferedReader(_Gzip(source), 1 << 18) if magic == b"\x1f\x8b" else source


class _Gzip(io.RawIOBase):
    """Gzip, unpacked as it is read. A cut-off file is a fault, not an end."""

    def __init__(self, source: BinaryIO) -> None:
        self.source = source
        self._start()

    def _start(self) -> None:
        self.source.seek(0)
        self.engine = zlib.decompressobj(wbits=31)
        self.pending = b""
        self.given = self.taken = 0
        self.done = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = 0) -> int:
        if offset or whence:
            raise OSError("only back to the start")
        self._start()
        return 0

    def tell(self) -> int:
        return self.given

    def _take(self) -> bytes:
        data = self.source.read(1 << 16)
        self.taken += len(data)
        return data

    def readinto(self, buffer: memoryview | bytearray) -> int:  # type: ignore[override]
        data = b""
        while not data and not self.done:
            packed = self.pending or self._take()
            if not packed:
                raise StructuralFault("The gzip file is cut off.")
            try:
                data = self.engine.decompress(packed, len(buffer))
            except zlib.error:
                raise StructuralFault("The gzip file is damaged.") from None
            self.pending = self.engine.unconsumed_tail
            if self.engine.eof:
                # What follows is another member of the same file, or padding.
                self.pending = self.engine.unused_data or self._take()
                self.done = self.pending[:2] != b"\x1f\x8b"
                self.engine = zlib.decompressobj(wbits=31)
        self.given += len(data)
        if self.given > LARGEST_UNPACKED:
            raise StructuralFault("The gzip file unpacks to more than 4 GB.")
        if self.given > max(RATIO_COUNTS_FROM, LARGEST_RATIO * self.taken):
            raise StructuralFault(f"The gzip file unpacks to more than {LARGEST_RATIO} times its size.")
        buffer[: len(data)] = data
        return len(data)


def head_cells(line: str, delimiter: str) -> list[str]:
    """The head row's names as they stand there."""
    return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]


class Table:
    """A head row and the rows below it. Rows of another width are faults, and so is an end in the middle of one."""

    def __init__(
        self, source: BinaryIO, *, encoding: str = "", delimiter: str = "", needed: frozenset[str] = frozenset(),
        comments: bool = False,
    ) -> None:  # fmt: skip
        self._text = open_text(source, encoding)
        try:
            self._open(delimiter, needed, comments)
        except StructuralFault:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the file without closing it."""
        self._text.detach()

    def _open(self, delimiter: str, needed: frozenset[str], comments: bool) -> None:
        if delimiter and (len(delimiter) > 1 or delimiter in '"\r\n'):
            raise StructuralFault(f"{delimiter[:10]!r} is not a character that can stand between columns.")
        self._lines = self._read_lines()
        first = self._first_line(comments)
        if not delimiter:
            plain = {mark: {_key(cell) for cell in head_cells(first, mark)} for mark in DELIMITERS}
            found = [mark for mark, names in plain.items() if needed <= names]
            if needed and not found:
                missing = needed - max(plain.values(), key=lambda names: len(needed & names))
                raise StructuralFault(f"The head row lacks {', '.join(sorted(missing))}.")
            delimiter = max(found or DELIMITERS, key=lambda mark: len(head_cells(first, mark)))
        self.delimiter = delimiter
        self.head = head_cells(first, delimiter)
        self.keys = [_key(cell) for cell in self.head]
        named = [key for key in self.keys if key]
        if len(set(named)) < len(named):
            raise StructuralFault("The head row names a column twice.")

    def _first_line(self, comments: bool) -> str:
        try:
            for line in self._lines:
                if line.strip() and not (comments and line.lstrip('\ufeff"').startswith("#")):
                    return line
        except UnicodeError:
            raise self._not_text() from None
        return ""

    def _not_text(self) -> StructuralFault:
        """Names the encoding as people write it."""
        encoding = self._text.encoding.upper().removesuffix("-SIG")
        return StructuralFault(f"The file is not {encoding} text.")

    def _read_lines(self) -> Iterator[str]:
        text = self._text
        while line := text.readline(LARGEST_ROW + 1):
            if len(line) > LARGEST_ROW:
                raise StructuralFault("A single line is larger than 1 MB.")
            yield line

    def rows(self) -> Iterator[list[str] | FieldFault]:
        """The cells of each row that is not empty."""
        width = len(self.head)
        short = False
        try:
            for cells in csv.reader(self._lines, delimiter=self.delimiter, quotechar='"', strict=True):
                if len(cells) != width:
                    if not any(cells):
                        continue
                    short = len(cells) < width
                    yield FieldFault("row", f"has {len(cells)} columns, the head row {width}")
                    continue
                short = False
                if not any(cells):
                    continue
                yield cells
            if short:
                raise StructuralFault("The file ends in the middle of a row.")
        except UnicodeError:
            raise self._not_text() from None
        except csv.Error as error:
            raise StructuralFault(f"The file is not separated text: {error}.") from None
        finally:
            self.close()


def _key(cell: str) -> str:
    """A column's name as specifications write it: small letters and underscores."""
    return cell.lower().removeprefix("g:").replace(" ", "_")
