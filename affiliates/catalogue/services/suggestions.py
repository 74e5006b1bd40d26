"""Finding products that may be one. A queue for people: nothing is merged here."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict

from django.db import transaction
from django.db.models import Count

from affiliates.catalogue.domain.matching import WORTH_ASKING, Identity, keys_of, likeness
from affiliates.catalogue.models import MatchKey, MatchSuggestion, Product
from affiliates.catalogue.models.products import ProductQuerySet
from community.models import User

#: A word under which so many products stand tells nothing.
TOO_COMMON = 40
_BATCH = 500


def _identity(product: Product) -> Identity:
    return Identity(product.name, product.brand, product.gtin, product.mpn, tuple(product.variant.items()))


def _named() -> ProductQuerySet:
    """Standing products with what they are compared by."""
    return Product.objects.standing().only("name", "brand", "gtin", "mpn", "variant")


@transaction.atomic
def suggest_matches(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Look at products nobody has looked at, and propose those that may be another's. Returns how many were looked at.

    A product without a key is the queue. Pairs that were decided are not proposed again. Eight queries or so a call.
    """
    fresh = list(_named().filter(match_keys__isnull=True).order_by("pk")[:limit])
    if not fresh:
        return 0
    keys = {product.pk: keys_of(_identity(product)) or ("-",) for product in fresh}
    MatchKey.objects.bulk_create(MatchKey(product_id=pk, key=key) for pk, found in keys.items() for key in found)
    wanted = {key for found in keys.values() for key in found if key != "-"}
    counted = MatchKey.objects.filter(key__in=wanted).values("key").annotate(n=Count("pk"))
    telling = {row["key"] for row in counted if 1 < row["n"] <= TOO_COMMON}
    members: dict[str, set[int]] = defaultdict(set)
    for key, pk in MatchKey.objects.filter(key__in=telling).values_list("key", "product_id"):
        members[key].add(pk)
    pairs = {
        tuple(sorted((pk, other)))
        for pk, found in keys.items()
        for key in found
        for other in members.get(key, ())
        if other != pk
    }
    ids = {pk for pair in pairs for pk in pair}
    products = _named().in_bulk(ids)
    proposed = []
    for first, second in sorted(pairs):
        if first not in products or second not in products:
            continue
        found = likeness(_identity(products[first]), _identity(products[second]))
        if found.score >= WORTH_ASKING:
            proposed.append(
                MatchSuggestion(
                    first_id=first, second_id=second, score=found.score, reasons=list(found.reasons), created_at=now
                )
            )
    MatchSuggestion.objects.bulk_create(proposed, ignore_conflicts=True)
    return len(fresh)


def products_to_match() -> int:
    """How many products nobody has looked at. One query."""
    return Product.objects.standing().filter(match_keys__isnull=True).count()


def look_again(*, product: Product) -> None:
    """The product is known by other words now, so it is held against the others once more. May be repeated."""
    MatchKey.objects.filter(product=product).delete()


def decide_different(*, suggestion: MatchSuggestion, by: User, now: dt.datetime) -> None:
    """The two are different things and are not proposed again. May be repeated."""
    MatchSuggestion.objects.filter(pk=suggestion.pk, state=MatchSuggestion.State.OPEN).update(
        state=MatchSuggestion.State.DIFFERENT, decided_at=now, decided_by=by
    )
