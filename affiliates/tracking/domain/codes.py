"""Random public identifiers: lower-case base32, which survives case folding and every network's sub-id rules."""

from __future__ import annotations

import os

ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
#: A random byte → one of 32 characters; 256 is a multiple of 32, so every character is equally likely.
BYTE_TO_CHARACTER = bytes(ord(ALPHABET[byte & 31]) for byte in range(256))

CLICK_ID_LENGTH = 26  # 130 bits
LINK_CODE_LENGTH = 14  # 70 bits
PLACEMENT_REF_LENGTH = 10  # names a page to its own creator only; nothing is reached by guessing it


def random_code(length: int) -> str:
    """`length` characters of five random bits each."""
    return os.urandom(length).translate(BYTE_TO_CHARACTER).decode("ascii")


def click_id() -> str:
    """A new click's id, never used before and not to be guessed."""
    return random_code(CLICK_ID_LENGTH)


def link_code() -> str:
    """A new link's public code."""
    return random_code(LINK_CODE_LENGTH)


def placement_ref() -> str:
    """A new placement's public reference."""
    return random_code(PLACEMENT_REF_LENGTH)


def is_code(text: str) -> bool:
    """Whether `text` could be one of our codes at all."""
    return 8 <= len(text) <= 40 and not text.strip(ALPHABET)
