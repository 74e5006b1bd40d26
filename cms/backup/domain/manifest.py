"""What a backup says of itself: its manifest, which is written last, and the checksums of its files.

manifest.json         the format, the time, the migrations, the tables with their rows, checked by its own digest
SHA256SUMS            a line for each other file, as `sha256sum --check` reads it
tables/<table>.jsonl.gz
media/… private/…     the files of both storages, under their own names
journal/…             the click journal: clicks that the database did not hold yet
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from cms.backup.domain.tablefiles import Damaged

FORMAT = 1
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
TABLES, JOURNAL = "tables", "journal"
_DIGEST_LENGTH = 64
_BLOCK = 1 << 20
_ESCAPED = re.compile(r"\\(.)")


@dataclass(frozen=True)
class TableEntry:
    """A table: how many rows its file has, and the digest of its unpacked lines."""

    name: str
    rows: int
    content: str

    @property
    def path(self) -> str:
        return f"{TABLES}/{self.name}.jsonl.gz"


@dataclass(frozen=True)
class Manifest:
    """All that restoring needs to know before it reads a table."""

    made_at: str
    database: str
    software: dict[str, str]
    migrations: dict[str, list[str]]
    #: In the order in which they can be stored: what others refer to comes first.
    tables: list[TableEntry]
    #: The last number each table gave out: one that was deleted since is never given out again.
    sequences: dict[str, int]
    files: int
    file_bytes: int
    segments: int
    sums: str
    #: Files that the database names and no storage had.
    missing: int = 0
    missing_names: list[str] = field(default_factory=list)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Of all tables."""
        return sum(table.rows for table in self.tables)

    def text(self) -> str:
        """The file's text."""
        body = asdict(self)
        return json.dumps({**body, "digest": _digest(body)}, indent=1, ensure_ascii=False) + "\n"


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read_manifest(text: str) -> Manifest:
    """The manifest in a text. Damaged where it is not whole, or of a format this version does not know."""
    try:
        body = json.loads(text)
        version = body["format"]
        digest = body.pop("digest")
    except (ValueError, TypeError, KeyError):
        raise Damaged(f"{MANIFEST} is damaged: it is no manifest of a backup.") from None
    if version != FORMAT:
        raise Damaged(f"This backup has format {version}; this version of Vitrina reads format {FORMAT}.")
    if digest != _digest(body):
        raise Damaged(f"{MANIFEST} is damaged: it is not as it was written.")
    try:
        return Manifest(**{**body, "tables": [TableEntry(**table) for table in body["tables"]]})
    except TypeError:
        raise Damaged(f"{MANIFEST} is damaged: it lacks what a manifest has.") from None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def sum_line(digest: str, name: str) -> str:
    """A line of SHA256SUMS, with the escapes of coreutils."""
    escaped = name.replace("\\", "\\\\").replace("\n", "\\n")
    return f"{chr(92) if escaped != name else ''}{digest}  {escaped}\n"


def read_sums(path: Path) -> Iterator[tuple[str, str]]:
    """(digest, name) of each file. Damaged where a line is none, or its name leads out of the backup."""
    with path.open(encoding="utf-8", newline="\n") as file:
        for number, line in enumerate(file, 1):
            escaped = line.startswith("\\")
            digest, _, name = line.removeprefix("\\").rstrip("\n").partition("  ")
            if escaped:
                name = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], name)
            parts = PurePosixPath(name).parts
            if len(digest) != _DIGEST_LENGTH or not parts or ".." in parts or name.startswith("/"):
                raise Damaged(f"{SUMS}: line {number} names no file of a backup.")
            yield digest, name
