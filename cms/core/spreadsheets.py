"""Text that is safe to open in a spreadsheet."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def safe_cell(value: str) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe before = + - @ tab and return.

    Plain numbers, negative ones too, stay numbers.
    """
    if value[:1] in {"=", "+", "-", "@", "\t", "\r"} and not _NUMBER.fullmatch(value):
        return f"'{value}"
    return value
