"""Two listings become one product, or one product becomes two; either can be undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from copy import copy
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from affiliates.catalogue.domain.variants import shared
from affiliates.catalogue.models import IdentityChange, MatchSuggestion, Offer, Product, ProductMention
from affiliates.catalogue.services.offer_store import one_at_a_time
from affiliates.catalogue.services.search_index import forget_product, index_products
from affiliates.catalogue.services.suggestions import look_again
from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from community.models import User

#: What the product that stays takes over where it has nothing of its own, and what nothing is.
FILLED: dict[str, Any] = {
    "description": "", "category": "", "kind": "", "image_id": None, "specs": [], "variant": {}, "mpn": "", "brand": "",
}  # fmt: skip


class MergeRefused(Exception):
    """Nothing was changed; `reason` can be shown."""

    def __init__(self, reason: str | Promise) -> None:
        super().__init__(str(reason))
        self.reason = reason


def _locked(*products: Product) -> list[Product]:
    """The products as they are now, locked in one order whoever asks.

    Imports wait meanwhile: one that has read which product an offer is of would write it to the one that goes.
    """
    one_at_a_time()
    found = Product.objects.select_for_update().order_by("pk").in_bulk([product.pk for product in products])
    return [found[product.pk] for product in products]


@transaction.atomic
def merge_products(*, keep: Product, absorb: Product, by: User | None, now: dt.datetime) -> IdentityChange:
    """Afterwards the offers and mentions of `absorb` are those of `keep`, and its address and numbers lead there.

    What moved is written down, so that it can be undone. The GTIN stays where it is: a feed's row that carries it finds
    the product that stays. MergeRefused where either was merged already. Not to be repeated.
    """
    if keep.pk == absorb.pk:
        raise MergeRefused(_("A product cannot be merged with itself."))
    keep, absorb = _locked(keep, absorb)
    if keep.merged_into_id or absorb.merged_into_id:
        raise MergeRefused(_("One of the two was merged already. Look at the list of merges."))
    offers = list(absorb.offers.values_list("pk", flat=True))
    absorb.offers.update(product=keep)
    ProductMention.objects.filter(product=absorb).update(product=keep)
    # Chains are flattened: what led to the one that goes leads on.
    led = list(absorb.merged_products.values_list("pk", flat=True))
    absorb.merged_products.update(merged_into=keep)
    filled = _fill(keep, absorb)
    absorb.merged_into = keep
    absorb.save(update_fields=["merged_into"])
    change = IdentityChange.objects.create(
        kind=IdentityChange.Kind.MERGE, product=keep, other=absorb, by=by, at=now,
        moved={"offers": offers, "led": led, "filled": filled, "suggested": _decide(keep, absorb, by, now)},
    )  # fmt: skip
    forget_product(absorb)
    _tell(offers)
    return change


def _fill(keep: Product, absorb: Product) -> dict[str, Any]:
    """Give a product what it has nothing of its own for; what that was, by field."""
    filled = {name: getattr(absorb, name) for name in FILLED if not getattr(keep, name) and getattr(absorb, name)}
    if filled:
        for name, value in filled.items():
            setattr(keep, name, value)
        keep.save(update_fields=list(filled))
        look_again(product=keep)
    return filled


def _decide(one: Product, other: Product, by: User | None, now: dt.datetime) -> str:
    """Note that a pair is the same, and return what was thought of it before; nothing where nobody had proposed it."""
    first, second = sorted((one.pk, other.pk))
    before = MatchSuggestion.objects.filter(first_id=first, second_id=second).values_list("state", flat=True).first()
    MatchSuggestion.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"state": MatchSuggestion.State.SAME, "decided_at": now, "decided_by": by},
    )
    return before or ""


def _undecide(change: IdentityChange) -> None:
    """The pair is thought of as before the merge."""
    first, second = sorted((change.product_id, change.other_id))
    pair = MatchSuggestion.objects.filter(first_id=first, second_id=second, state=MatchSuggestion.State.SAME)
    if before := change.moved.get("suggested", ""):
        pair.update(state=before)
    else:
        pair.delete()


@transaction.atomic
def split_product(
    *, product: Product, offers: Iterable[Offer], by: User | None, now: dt.datetime, name: str = ""
) -> IdentityChange:
    """Afterwards these offers are those of a new product with an address of its own.

    Imports leave them there: an offer stays with its product unless its row carries another's GTIN. MergeRefused where
    none or all of the product's offers are named, or one of another product. The new product states the variant that
    all its offers state. Not to be repeated.
    """
    (product,) = _locked(product)
    if product.merged_into_id:
        raise MergeRefused(_("The product was merged into another; split that one."))
    keys = [offer.pk for offer in offers]
    chosen = list(product.offers.filter(pk__in=keys))
    moving = [offer.pk for offer in chosen]
    if not moving:
        raise MergeRefused(_("Choose the offers that are of another thing."))
    if len(moving) < len(set(keys)):
        raise MergeRefused(_("Some of these offers are not the product's any more. Look again."))
    if len(moving) == product.offers.count():
        raise MergeRefused(_("All offers are chosen; at least one has to stay."))
    other = Product.objects.create(
        slug=_free_slug(f"{product.brand} {name or product.name}"), name=(name or product.name)[:200],
        brand=product.brand, description=product.description, category=product.category, kind=product.kind,
        specs=[], variant=shared(offer.variant for offer in chosen),
    )  # fmt: skip
    Offer.objects.filter(pk__in=moving).update(product=other)
    named = _give_numbers(product, other, moving)
    first, second = sorted((product.pk, other.pk))
    MatchSuggestion.objects.create(
        first_id=first, second_id=second, state=MatchSuggestion.State.DIFFERENT, decided_at=now, decided_by=by
    )
    change = IdentityChange.objects.create(
        kind=IdentityChange.Kind.SPLIT, product=product, other=other, by=by, at=now, moved={"offers": moving, **named}
    )
    index_products([other.pk])
    _tell(moving)
    return change


def _give_numbers(product: Product, other: Product, moving: list[int]) -> dict[str, Any]:
    """Give a product that was split off the GTIN under which its offers came; what was given, and whose it was.

    That is the GTIN of a product merged in whose offers, as far as they are still there, all go. Otherwise a new
    shop's row with it would still join the one that stays.
    """
    merges = IdentityChange.objects.filter(
        kind=IdentityChange.Kind.MERGE, product=product, undone_at__isnull=True, other__merged_into=product
    ).exclude(other__gtin="")
    there = {*product.offers.values_list("pk", flat=True), *moving}
    going = set(moving)
    twins = [
        change.other
        for change in merges.select_related("other")
        if (came := there & set(change.moved.get("offers", []))) and came <= going
    ]
    if len(twins) != 1:
        return {}
    [twin] = twins
    other.gtin, other.mpn = twin.gtin, other.mpn or twin.mpn
    twin.gtin = ""
    twin.save(update_fields=["gtin"])
    other.save(update_fields=["gtin", "mpn"])
    return {"gtin": other.gtin, "gtin_of": twin.pk}


def _take_numbers_back(other: Product, moved: dict[str, Any]) -> None:
    """Give the GTIN back to the product it came with, unless somebody changed it since."""
    if moved.get("gtin") and other.gtin == moved["gtin"]:
        other.gtin = ""
        other.save(update_fields=["gtin"])
        Product.objects.filter(pk=moved["gtin_of"], gtin="").update(gtin=moved["gtin"])


@transaction.atomic
def undo_change(*, change: IdentityChange, by: User | None, now: dt.datetime) -> IdentityChange:
    """Afterwards what the change moved is back where it was; what came later stays where it came.

    MergeRefused where a later change stands on it. Repeating it changes nothing.
    """
    change = IdentityChange.objects.select_for_update().get(pk=change.pk)
    if change.undone_at is not None:
        return change
    product, other = _locked(change.product, change.other)
    later = IdentityChange.objects.filter(pk__gt=change.pk, undone_at__isnull=True).filter(
        Q(product__in=(product, other)) | Q(other__in=(product, other))
    )
    if later.exists():
        raise MergeRefused(_("A later merge or split stands on this one. Undo that first."))
    moved = change.moved
    offers = moved.get("offers", [])
    if change.kind == IdentityChange.Kind.MERGE:
        product.offers.filter(pk__in=offers).update(product=other)
        led = moved.get("led", [])
        ProductMention.objects.filter(product=product, named__in=[other.pk, *led]).update(product=other)
        Product.objects.filter(pk__in=led, merged_into=product).update(merged_into=other)
        _empty(product, moved.get("filled", {}))
        other.merged_into = None
        other.save(update_fields=["merged_into"])
        _undecide(change)
        index_products([product.pk, other.pk])
    else:
        # Whatever came to the new product goes back with it: it was only ever a part of the other.
        offers = list(other.offers.values_list("pk", flat=True))
        other.offers.update(product=product)
        ProductMention.objects.filter(product=other).update(product=product)
        _take_numbers_back(other, moved)
        other.merged_into = product
        other.save(update_fields=["merged_into"])
        forget_product(other)
    change.undone_at, change.undone_by = now, by
    change.save(update_fields=["undone_at", "undone_by"])
    _tell(offers)
    return change


def _empty(product: Product, filled: dict[str, Any]) -> None:
    """Take back what a merge filled in, unless somebody changed it since."""
    unchanged = [name for name, value in filled.items() if getattr(product, name) == value]
    for name in unchanged:
        setattr(product, name, copy(FILLED[name]))
    if unchanged:
        product.save(update_fields=unchanged)
        look_again(product=product)


def _free_slug(text: str) -> str:
    base = slugify(text)[:100].strip("-") or "product"
    taken = set(Product.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in range(len(taken) + 1) if (slug := f"{base}-{n + 1}" if n else base) not in taken)


def _tell(offer_ids: list[int]) -> None:
    if offer_ids:
        offers_changed.send(sender=Offer, offer_ids=offer_ids)
    generation.bump()
