"""Which product a listing is of: by GTIN, else by brand and the maker's number, else one of its own."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone
from django.utils.text import slugify

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.domain.gtin import is_restricted
from affiliates.catalogue.domain.variants import differences
from affiliates.catalogue.services import offer_store as store

SLUG_LENGTH = 100


@dataclass(slots=True)
class _Made:
    """A product that is about to be written."""

    name: str
    brand: str
    gtin: str
    mpn: str
    row: FeedRow
    slug: str = ""


class ProductFinder:
    """Finds or makes the products of a batch of rows. Five queries at most, whatever the size of the batch.

    Products are named by key; those that are made have negative ones until `save()`. A product that was merged into
    another stands for that one.
    """

    def __init__(self, rows: Sequence[FeedRow], product_ids: Sequence[int] = ()) -> None:
        self._by_gtin: dict[str, int] = {}
        self._by_number: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._variant_of: dict[int, dict[str, str]] = {}
        self._gtin_of: dict[int, str] = {}
        self._standing: dict[int, int] = {}
        gtins = {gtin for row in rows if (gtin := _gtin(row))}
        numbers = {row.mpn for row in rows if row.mpn and row.brand}
        if gtins:
            for _found, pk, gtin, _brand, _mpn, own, _variant in _products("gtin", gtins):
                self._by_gtin[gtin] = pk
                self._gtin_of[pk] = own
        if numbers:
            for _found, pk, _known, brand, mpn, own, variant in _products("mpn", numbers):
                if brand:
                    self._note_number(brand, mpn, pk)
                    self._gtin_of[pk] = own
                    self._variant_of[pk] = variant
        if product_ids:
            for found, pk, _known, _brand, _mpn, own, _variant in _products("id", set(product_ids)):
                self._standing[found] = pk
                self._gtin_of[pk] = own
        self._learn_absorbed_gtins()
        self.made: list[_Made] = []
        self.completed: dict[int, str] = {}
        self._keys: dict[int, int] = {}

    def _learn_absorbed_gtins(self) -> None:
        """A product without a GTIN of its own answers to those of the products merged into it."""
        if lacking := {pk for pk, gtin in self._gtin_of.items() if not gtin}:
            for _found, pk, gtin, _brand, _mpn, _own, _variant in _products("merged_into_id", lacking):
                if gtin:
                    self._gtin_of[pk] = gtin

    def find(self, row: FeedRow) -> int:
        """The key of the row's product. Where several could be meant, one of its own: people decide, nobody guesses."""
        found = self._by_gtin.get(gtin) if (gtin := _gtin(row)) else None
        if found is None and row.brand and row.mpn:
            candidates = [pk for pk in self._by_number[_number(row.brand, row.mpn)] if not self._differs(pk, row)]
            found = candidates[0] if len(candidates) == 1 else None
        if found is None:
            return self._make(row)
        self._complete(found, row)
        return found

    def _differs(self, key: int, row: FeedRow) -> bool:
        """Whether a product of the row's brand and number has another GTIN or variant, such as a size or a colour."""
        if _gtin(row) and self._gtin_of.get(key):
            return True
        return bool(row.variant and differences(self._variant_of.get(key, {}), dict(row.variant)))

    def _note_number(self, brand: str, mpn: str, key: int) -> None:
        keys = self._by_number[_number(brand, mpn)]
        if key not in keys:
            keys.append(key)

    def product_for(self, product_id: int, row: FeedRow) -> int:
        """The key of the product of an offer that is there: its own, unless the row now carries another's GTIN."""
        product_id = self._standing.get(product_id, product_id)
        known = self._gtin_of.get(product_id, "")
        gtin = _gtin(row)
        if gtin and known and gtin != known and self._by_gtin.get(gtin) != product_id:
            return self.find(row)
        self._complete(product_id, row)
        return product_id

    def key(self, key: int) -> int:
        """The final key of a product; only after `save()`."""
        return self._keys.get(key, key)

    def save(self) -> list[int]:
        """Write what was made and learnt; the keys of the new products."""
        _give_slugs(self.made)
        keys = list(store.new_keys("catalogue_product", len(self.made)))
        self._keys = {-place: pk for place, pk in enumerate(keys, 1)}
        now = store.stored(timezone.now())
        store.insert(
            "catalogue_product",
            store.PRODUCT_COLUMNS,
            [
                (
                    pk, made.slug, made.name, made.brand, made.gtin, made.mpn, made.row.description, made.row.category,
                    "", "", "[]", None,
                    store.stored(dict(made.row.variant)) if made.row.variant else "{}", None, now,
                )
                for pk, made in zip(keys, self.made, strict=True)
            ],
        )  # fmt: skip
        learnt = [(gtin, pk) for pk, gtin in self.completed.items() if pk > 0]
        if learnt:
            with connection.cursor() as cursor:
                cursor.executemany("UPDATE catalogue_product SET gtin = %s WHERE id = %s", learnt)
        return keys

    def _complete(self, key: int, row: FeedRow) -> None:
        """Learn the GTIN of a product that lacked it, unless another product has it."""
        gtin = _gtin(row)
        if not gtin or gtin in self._by_gtin or self._gtin_of.get(key):
            return
        self._by_gtin[gtin] = key
        self._gtin_of[key] = gtin
        if key > 0:
            self.completed[key] = gtin
        else:
            self.made[-key - 1].gtin = gtin

    def _make(self, row: FeedRow) -> int:
        gtin = _gtin(row)
        self.made.append(_Made(_name(row), row.brand, gtin, row.mpn, row))
        key = -len(self.made)
        self._gtin_of[key] = gtin
        self._variant_of[key] = dict(row.variant)
        if gtin:
            self._by_gtin[gtin] = key
        if row.brand and row.mpn:
            self._note_number(row.brand, row.mpn, key)
        return key


def _products(column: str, values: set[Any]) -> list[tuple[int, int, str, str, str, str, dict[str, str]]]:
    """(key, standing product's key, GTIN, brand, MPN, GTIN and variant of the standing product), the oldest first.

    A merged product's own identity leads to the one it was merged into, whose GTIN is another's to keep.
    """
    condition, parameters = store.among(f"found.{column}", values)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT found.id, standing.id, found.gtin, found.brand, found.mpn, standing.gtin, standing.variant"  # noqa: S608
            " FROM catalogue_product found JOIN catalogue_product standing "
            "ON standing.id = COALESCE(found.merged_into_id, found.id)"
            f" WHERE {condition} ORDER BY found.id",
            parameters,
        )
        return [(*row[:6], json.loads(row[6]) if isinstance(row[6], str) else row[6]) for row in cursor.fetchall()]


def _gtin(row: FeedRow) -> str:
    """The row's GTIN where it names one thing in the whole world."""
    return "" if row.gtin and is_restricted(row.gtin) else row.gtin


def _number(brand: str, mpn: str) -> tuple[str, str]:
    return brand.casefold(), mpn


def _name(row: FeedRow) -> str:
    """The title without the brand before it, which is shown apart."""
    start = row.title[: len(row.brand) + 1]
    without = row.title[len(start) :].strip() if row.brand and start.casefold() == f"{row.brand} ".casefold() else ""
    return (without or row.title)[:200]


def _give_slugs(products: Sequence[_Made]) -> None:
    """Addresses from brand and name; where one is taken, a short digest of the product's identity follows."""
    if not products:
        return
    bases = [slugify(f"{made.brand} {made.name}")[:SLUG_LENGTH].strip("-") or "product" for made in products]
    taken = _taken(bases)
    for made, base in zip(products, bases, strict=True):
        slug, number = base, 0
        while slug in taken or (number and _taken([slug])):
            slug = _with_digest(made, base, number)
            number += 1
        taken.add(slug)
        made.slug = slug


def _taken(slugs: Sequence[str]) -> set[str]:
    condition, parameters = store.among("slug", slugs)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT slug FROM catalogue_product WHERE {condition}", parameters)  # noqa: S608
        return {slug for (slug,) in cursor.fetchall()}


def _with_digest(made: _Made, base: str, number: int) -> str:
    identity = f"{made.gtin}|{made.mpn}|{made.brand}|{made.name}|{number}"
    return f"{base}-{hashlib.sha256(identity.encode()).hexdigest()[:6]}"
