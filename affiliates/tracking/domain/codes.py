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


#: Click ids drawn in advance, since asking the system for randomness costs more than all else about an id.
_drawn: list[str] = []
_DRAWN_AT_ONCE = 128


def click_id() -> str:
    """A new click's id, never used before and not to be guessed. Safe from any thread."""
    try:
        return _drawn.pop()
    except IndexError:
        text = random_code(CLICK_ID_LENGTH * _DRAWN_AT_ONCE)
        ids = [text[at : at + CLICK_ID_LENGTH] for at in range(0, len(text), CLICK_ID_LENGTH)]
        mine = ids.pop()
        _drawn.extend(ids)
        return mine


def forget_drawn() -> None:
    """After a fork: the ids drawn so far are the parent's."""
    _drawn.clear()


def link_code() -> str:
    """A new link's public code."""
    return random_code(LINK_CODE_LENGTH)


def placement_ref() -> str:
    """A new placement's public reference."""
    return random_code(PLACEMENT_REF_LENGTH)


def is_code(text: str) -> bool:
    """Whether `text` could be one of our codes at all."""
    return 8 <= len(text) <= 40 and not text.strip(ALPHABET)
