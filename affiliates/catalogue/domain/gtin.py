"""GTIN-8, -12, -13 and -14 with their check digit."""

from __future__ import annotations


def is_valid_gtin(text: str) -> bool:
    """Whether the digits and the check digit are right. Leading zeros count."""
    if not (text.isascii() and text.isdigit()) or len(text) not in (8, 12, 13, 14):
        return False
    weights = [3 if (len(text) - 2 - index) % 2 == 0 else 1 for index in range(len(text) - 1)]
    total = sum(int(digit) * weight for digit, weight in zip(text[:-1], weights, strict=True))
    return (10 - total % 10) % 10 == int(text[-1])


def normal_gtin(text: str) -> str:
    """One spelling for equal numbers: GTIN-13 for shorter ones, 14 digits only where the first is not zero.

    ValueError where the check digit or the length is wrong.
    """
    digits = text.replace(" ", "").replace("-", "")
    if not is_valid_gtin(digits):
        raise ValueError(f"{text!r} is not a GTIN: its check digit or length is wrong")
    if len(digits) == 8:
        return digits
    digits = digits.rjust(14, "0")
    return digits[1:] if digits.startswith("0") else digits
