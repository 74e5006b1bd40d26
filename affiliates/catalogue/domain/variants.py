"""What tells a thing from its sisters: size, colour, regional model, year. And whether a shop lists another one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

MOST_PAIRS = 8
LONGEST_NAME, LONGEST_VALUE = 40, 80
#: One name for what feeds call differently.
_SAME_NAME = {"color": "colour", "farbe": "colour", "couleur": "colour", "groesse": "size", "taille": "size"}
#: Sizes and units are written with and without a space, and inches in three ways.
_INCHES = re.compile(r"(?<=\d)\s*(?:[\"″”]|inches\b|inch\b|zoll\b)")
_UNIT = re.compile(r"(?<=\d)\s+(?=[^\W\d_]+\b)")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True, slots=True)
class Difference:
    """A name for which two variants state different values, each as it was written."""

    name: str
    ours: str
    theirs: str


def normal_name(name: str) -> str:
    """One spelling for a name: small letters, one space, British "colour"."""
    plain = _plain(name)
    return _SAME_NAME.get(plain, plain)


def normal_value(value: str) -> str:
    """One spelling for a value: "1,7 L" and "1.7l" are equal, and so are "Café" and "cafe"."""
    plain = _DECIMAL_COMMA.sub(".", _INCHES.sub("in", _plain(value)))
    return _UNIT.sub("", plain)


def differences(product_variant: Mapping[str, str], offer_variant: Mapping[str, str]) -> tuple[Difference, ...]:
    """Where an offer is of another variant, in the order of the product's names.

    Only names that both state are compared: what one of them does not say is unknown, not different.
    """
    ours, theirs = _by_name(product_variant), _by_name(offer_variant)
    return tuple(
        Difference(written, value, theirs[name][1])
        for name, (written, value) in ours.items()
        if name in theirs and normal_value(value) != normal_value(theirs[name][1])
    )


def _by_name(variant: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Name as written and value by the name's one spelling; of two the first, and nothing that is empty."""
    found: dict[str, tuple[str, str]] = {}
    for name, value in variant.items():
        if value:
            found.setdefault(normal_name(name), (name, value))
    return found


def shared(variants: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What all of these variants state alike, written as the first of them writes it."""
    first, *others = [dict(variant) for variant in variants] or [{}]
    stated = [{normal_name(name): normal_value(value) for name, value in other.items()} for other in others]
    return {
        name: value
        for name, value in first.items()
        if all(other.get(normal_name(name)) == normal_value(value) for other in stated)
    }


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss"))
    bare = "".join(character for character in decomposed if not unicodedata.combining(character))
    return " ".join(bare.replace("ø", "o").split())
