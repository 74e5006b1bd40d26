"""Whether two listings may be of one thing. Plain rules that only propose; a person decides."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from affiliates.catalogue.domain.variants import differences

#: Below this nobody is asked.
WORTH_ASKING = 60
_COMPANY = frozenset({"gmbh", "ag", "inc", "ltd", "llc", "sl", "sa", "srl", "bv", "co", "corp", "company", "kg", "plc"})
_FILLERS = frozenset(
    word
    for words in (
        "the a an and of for with in",
        "de del la el y con para",
        "und mit fur der die das",
        "le les des et pour avec di per",
    )
    for word in words.split()
)
_UNITS = {
    "l": ("ml", 1000), "cl": ("ml", 10), "ml": ("ml", 1), "kg": ("g", 1000), "g": ("g", 1), "m": ("mm", 1000),
    "cm": ("mm", 10), "mm": ("mm", 1),
}  # fmt: skip
_AMOUNT = re.compile(rf"\b([0-9]{{1,9}}(?:[.,][0-9]{{1,3}})?)\s*({'|'.join(_UNITS)})\b")
_WORDS = re.compile(r"[^\W\d_]+|\d{1,40}")
#: The marks that make one Japanese syllable another.
_VOICED = "\u3099\u309a"


@dataclass(frozen=True, slots=True)
class Identity:
    """What is known of a product's identity."""

    name: str
    brand: str = ""
    gtin: str = ""
    mpn: str = ""
    variant: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike two products are, of 100, and why, as keys of sentences."""

    score: int
    reasons: tuple[str, ...]


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Small letters and digits, words apart by one space; accents, signs and leading zeros are gone.

    Amounts are brought to one unit, so that "0,5 l" and "500 ml" are equal. Letters of every script are kept.
    """
    folded = unicodedata.normalize("NFKD", text.casefold().replace("ß", "ss").replace("ø", "o"))
    bare = "".join(letter for letter in folded if unicodedata.category(letter) != "Mn" or letter in _VOICED)
    bare = unicodedata.normalize("NFC", bare)
    return " ".join(
        str(int(word)) if word.isdecimal() else word for word in _WORDS.findall(_AMOUNT.sub(_in_one_unit, bare))
    )


def _in_one_unit(found: re.Match[str]) -> str:
    amount, (unit, factor) = Decimal(found[1].replace(",", ".")), _UNITS[found[2]]
    smallest = amount * factor
    return f"{int(smallest)} {unit}" if smallest == int(smallest) else found[0]


def brand_key(brand: str) -> str:
    """A brand without its company's form."""
    return " ".join(word for word in plain(brand).split() if word not in _COMPANY)


def number_key(mpn: str) -> str:
    """A maker's number however it is punctuated."""
    return plain(mpn).replace(" ", "")


def words_of(identity: Identity) -> frozenset[str]:
    """The words of a name that say something, without the brand's."""
    brand = set(brand_key(identity.brand).split())
    return frozenset(
        word for word in plain(identity.name).split() if word not in _FILLERS and (word not in brand or word.isdigit())
    )


def numbers_of(identity: Identity) -> frozenset[str]:
    """Sizes, models and amounts in a name."""
    return frozenset(word for word in words_of(identity) if word.isdigit())


def keys_of(identity: Identity) -> tuple[str, ...]:
    """Under what a product is looked for: its number, its brand with each of its two longest words, and those words.

    The numbers in the name belong to the keys of words, since names with other numbers are of other things: a brand
    with a hundred lamps has few of 60 watts.
    """
    keys = []
    if len(number := number_key(identity.mpn)) >= 4:
        keys.append(f"m:{number}"[:80])
    longest = sorted((w for w in words_of(identity) if not w.isdigit()), key=lambda word: (-len(word), word))[:2]
    numbers = "-".join(sorted(numbers_of(identity)))
    if brand := brand_key(identity.brand):
        keys += [f"b:{numbers}:{brand}:{word}"[:80] for word in longest]
    if len(longest) == 2:
        keys.append(f"n:{numbers}:{longest[0]}:{longest[1]}"[:80])
    return tuple(dict.fromkeys(keys))


def likeness(one: Identity, other: Identity) -> Likeness:
    """How alike two products are. Symmetric; 0 where a GTIN, brand, variant or number in the name says they differ."""
    if one.gtin and other.gtin and one.gtin != other.gtin:
        return Likeness(0, ("other_gtin",))
    brands = brand_key(one.brand), brand_key(other.brand)
    if all(brands) and brands[0] != brands[1]:
        return Likeness(0, ("other_brand",))
    if differences(dict(one.variant), dict(other.variant)):
        return Likeness(0, ("other_variant",))
    if numbers_of(one) != numbers_of(other):
        return Likeness(0, ("other_numbers",))
    reasons, score = [], 0
    if all(brands):
        reasons.append("same_brand")
        score += 25
    if one.mpn and other.mpn:
        if number_key(one.mpn) == number_key(other.mpn):
            reasons.append("same_number")
            score += 40
        else:
            reasons.append("other_mpn")
            score -= 15
    mine, theirs = words_of(one), words_of(other)
    shared = 100 * len(mine & theirs) // max(1, len(mine | theirs))
    if mine and mine == theirs:
        reasons.append("same_words")
    elif shared >= 50:
        reasons.append("like_words")
    score += shared * 60 // 100
    if bool(one.gtin) != bool(other.gtin):
        reasons.append("one_gtin")
    return Likeness(max(0, min(100, score)), tuple(reasons))
