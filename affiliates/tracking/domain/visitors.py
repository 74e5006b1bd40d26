"""What a visitor key can be: a hash of the day, or the lasting key of a signed-in reader who agreed to it."""

from __future__ import annotations

READER_MARK = "r"
KEY_LENGTH = 32
_HEX = frozenset("0123456789abcdef")


def reader_key(drawn: str) -> str:
    """The visitor key made of hex digits drawn for a reader. No hash of a day begins with its mark."""
    return READER_MARK + drawn[: KEY_LENGTH - 1]


def is_reader_key(key: str) -> bool:
    """Whether a visitor key is an agreeing reader's, which joins their devices and days."""
    return len(key) == KEY_LENGTH and key[0] == READER_MARK and _HEX.issuperset(key[1:])
