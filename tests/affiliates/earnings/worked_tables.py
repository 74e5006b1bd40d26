"""The worked tables of docs/money as data."""

from __future__ import annotations

from pathlib import Path

DOCS = Path(__file__).resolve().parents[3] / "docs" / "money"


def rows(document: str, name: str) -> list[dict[str, str]]:
    """The rows below "Table: <name>" in a document, by column."""
    lines = iter((DOCS / f"{document}.md").read_text(encoding="utf-8").splitlines())
    for line in lines:
        if line == f"Table: {name}":
            break
    else:
        raise LookupError(f"{document}.md has no table {name}")
    table = []
    for line in lines:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip("|").split("|")])
        elif table:
            break
    return [dict(zip(table[0], row, strict=True)) for row in table[2:]]
