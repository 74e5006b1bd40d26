"""A table in a backup: a gzip file of JSON lines, the table's name and columns first, then one array a row."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from cms.backup.domain.values import is_kind

_LEVEL = 5
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Damaged(ValueError):
    """A file of a backup is not as it was written."""


class _Counted:
    """A file that remembers the digest of what was written to it."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("xb")
        self.digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        return self.file.write(data)

    def flush(self) -> None:
        self.file.flush()


class TableWriter:
    """Writes one table. After the block: `rows`, `sha256` of the file, `content` of the lines that were packed."""

    def __init__(self, path: Path, *, table: str, columns: Sequence[tuple[str, str]]) -> None:
        self.rows = 0
        self.sha256 = self.content = ""
        self._under = _Counted(path)
        # No time and no name in the file: the same rows are the same bytes.
        self._zip = gzip.GzipFile("", "wb", _LEVEL, self._under, mtime=0)  # type: ignore[arg-type]
        self._lines = hashlib.sha256()
        self._put([_encode({"table": table, "columns": [list(column) for column in columns]})])

    def _put(self, lines: list[str]) -> None:
        data = ("\n".join(lines) + "\n").encode()
        self._lines.update(data)
        self._zip.write(data)

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows whose values are a backup's."""
        if rows:
            self._put([_encode(row) for row in rows])
            self.rows += len(rows)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()
        self._under.flush()
        os.fsync(self._under.file.fileno())
        self._under.file.close()
        self.sha256 = self._under.digest.hexdigest()
        self.content = self._lines.hexdigest()


def read_table(path: Path, *, table: str, batch: int) -> tuple[list[tuple[str, str]], Iterator[list[list[Any]]]]:
    """(name, kind) of the columns, and the rows in batches. Damaged where the file is not what it should be."""
    lines = _lines_of(path)
    try:
        head = json.loads(next(lines, b"null"))
        columns = [(str(name), str(kind)) for name, kind in head["columns"]]
        right = head["table"] == table and columns and all(is_kind(kind) for _name, kind in columns)
    except (ValueError, TypeError, KeyError):
        right = False
    if not right:
        raise Damaged(f"{path.name} does not begin as the table {table} does.")
    return columns, _batches(lines, path, len(columns), batch)


def _lines_of(path: Path) -> Iterator[bytes]:
    try:
        with gzip.open(path, "rb") as file:
            yield from file
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise Damaged(f"{path.name} is damaged or cut off: {error}.") from None
    except OSError as error:
        raise Damaged(f"{path.name} cannot be read: {error.strerror or error}.") from None


def _batches(lines: Iterator[bytes], path: Path, width: int, batch: int) -> Iterator[list[list[Any]]]:
    rows: list[list[Any]] = []
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, list) or len(row) != width:
            raise Damaged(f"{path.name}: row {number} is no row of this table.")
        rows.append(row)
        if len(rows) >= batch:
            yield rows
            rows = []
    if rows:
        yield rows
