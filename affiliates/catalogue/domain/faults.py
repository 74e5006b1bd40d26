"""What can be wrong with a feed: one field, one row, or the file as a whole."""

from __future__ import annotations

from dataclasses import dataclass


class StructuralFault(Exception):
    """The file as a whole cannot be believed; nothing of it is applied."""


class FieldFault(ValueError):
    """One field of one row cannot be believed. `row` where whoever raises it knows the file's row better."""

    def __init__(self, field: str, reason: str, row: int = 0) -> None:
        super().__init__(reason)
        self.field, self.reason, self.row = field, reason, row


@dataclass(frozen=True, slots=True)
class Fault:
    """A bad row: its number from 1, the field, the reason, and the merchant's own number where it could be read."""

    row: int
    field: str
    reason: str
    external_id: str = ""

    def __str__(self) -> str:
        name = f" ({self.external_id})" if self.external_id else ""
        return f"row {self.row}{name}, {self.field}: {self.reason}"
