"""GTIN-8, -12, -13 and -14 with their check digit."""

from __future__ import annotations

LENGTHS = (8, 12, 13, 14)


def check_digit(digits: str) -> int:
    """The digit that follows these: weights 3 and 1 in turn from the right, up to the next ten."""
    return -(3 * sum(map(int, digits[::-2])) + sum(map(int, digits[-2::-2]))) % 10


def is_valid_gtin(text: str) -> bool:
    """Whether length and check digit are right and it is not all zeros."""
    if not (text.isascii() and text.isdigit()) or len(text) not in LENGTHS or not text.strip("0"):
        return False
    return check_digit(text[:-1]) == int(text[-1])


def normal_gtin(text: str) -> str:
    """One spelling for equal numbers, since leading zeros say nothing: 14 digits, else 13, else 8.

    Spaces and hyphens are skipped. ValueError where the check digit or the length is wrong.
    """
    digits = text.replace(" ", "").replace("-", "")
    if not is_valid_gtin(digits):
        raise ValueError(f"{text[:40]!r} is not a GTIN: its check digit or length is wrong")
    significant = digits.lstrip("0")
    return significant.rjust(next(length for length in (8, 13, 14) if len(significant) <= length), "0")


def is_restricted(gtin: str) -> bool:
    """Whether every shop gives this number to whatever it likes: GS1 prefixes 02, 04 and 20 to 29.

    Two shops' equal numbers then name different things. Takes numbers as `normal_gtin` writes them.
    """
    if len(gtin) == 8:
        return gtin[0] in "02"
    prefix = gtin[1:4] if len(gtin) == 14 else gtin[:3]
    return prefix[:1] == "2" or prefix[:2] in {"02", "04"}


def is_old_isbn(text: str) -> bool:
    """Whether this is an ISBN of ten places with a right check digit."""
    places = text.replace(" ", "").replace("-", "").upper()
    if len(places) != 10 or not places.isascii() or not places[:9].isdigit() or places[9] not in "0123456789X":
        return False
    values = [10 if place == "X" else int(place) for place in places]
    return sum(value * weight for value, weight in zip(values, range(10, 0, -1), strict=True)) % 11 == 0


def gtin_of_isbn(text: str) -> str:
    """The GTIN-13 of an ISBN of ten places."""
    digits = "978" + text.replace(" ", "").replace("-", "")[:9]
    return f"{digits}{check_digit(digits)}"
