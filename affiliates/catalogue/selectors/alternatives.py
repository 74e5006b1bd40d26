"""What a reader can have where the exact product does not serve them. Never a page of search results."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from django.core.cache import cache
from django.db.models import Exists, F, OuterRef, Q, Window
from django.db.models.functions import RowNumber

from affiliates.catalogue.domain.offers import DEAD, offer_rank
from affiliates.catalogue.models import Delivery, Lane, Offer, Product, Suspension
from affiliates.catalogue.selectors.cards import Alternative, ProductCard, product_cards
from cms.core import generation

MOST = 3
#: Candidates looked at of each kind of thing: enough that some are left once their prices and shops are known.
LOOKED_AT = 12
SECONDS = 60
IN_STOCK = ("in_stock", "limited")
Kind = tuple[str, str]


def with_alternatives(
    cards: Mapping[int, ProductCard],
    *,
    chosen: Sequence[ProductCard],
    now: dt.datetime,
    only: Collection[int] | None = None,
    rejected: Collection[int] = (),
    reader_currency: str | None = None,
) -> dict[int, ProductCard]:
    """The cards, each that does not serve its reader with at most three others that do.

    First those of the same sort that the author chose, in their order; what is left is filled with products of the
    same category and kind, in stock and sent there. `only` names the products that readers see as a card;
    what the author rejected is never offered instead. No query where all are served, nine where not, whatever their
    number.
    """
    wanting = {pk: card for pk, card in cards.items() if not card.is_served and (only is None or pk in only)}
    if not wanting:
        return dict(cards)
    by_author = [card for card in chosen if card.is_served]
    matched = _matched(wanting.values(), at_hand=cards, now=now, reader_currency=reader_currency)
    found = dict(cards)
    for pk, card in wanting.items():
        same_sort = (other for other in by_author if other.product.pk != pk and _alike(card.product, other.product))
        others = [Alternative(other, by_author=True) for other in same_sort][:MOST]
        taken = {pk, *rejected, *(one.card.product.pk for one in others)}
        same = (other for other in matched.get(_kind(card.product), ()) if other.product.pk not in taken)
        others += [Alternative(other, by_author=False) for other in same][: MOST - len(others)]
        found[pk] = replace(card, alternatives=tuple(others))
    return found


def _kind(product: Product) -> Kind:
    return product.category, product.kind


def _alike(one: Product, other: Product) -> bool:
    """Whether one can stand for the other: a lamp is no chair, though both stand in one guide to a desk."""
    if one.kind and other.kind:
        return one.kind == other.kind
    return one.category == other.category


def _matched(
    cards: Collection[ProductCard],
    *,
    at_hand: Mapping[int, ProductCard],
    now: dt.datetime,
    reader_currency: str | None,
) -> dict[Kind, list[ProductCard]]:
    """Products of the same kinds that serve the same reader, the best first. Cards at hand are not loaded anew."""
    country = next(iter(cards)).reader_country
    kinds = {_kind(card.product) for card in cards if card.product.category or card.product.kind}
    if not kinds:
        return {}
    ids = _candidates(kinds, country)
    found: dict[Kind, list[ProductCard]] = defaultdict(list)
    missing = [pk for pk in ids if pk not in at_hand]
    loaded = product_cards(
        missing, reader_country=country, now=now, reader_currency=reader_currency, with_pictures=False
    )
    for card in (at_hand[pk] if pk in at_hand else loaded[pk] for pk in ids if pk in at_hand or pk in loaded):
        if card.is_served and card.offer and card.offer.availability in IN_STOCK:
            found[_kind(card.product)].append(card)
    for same in found.values():
        same.sort(key=lambda card: offer_rank(card.offers[0], country=card.ranked_for))
    return found


def _candidates(kinds: Collection[Kind], country: str | None) -> list[int]:
    """Keys of products of these kinds that some shop has in stock and sends there.

    One query, then none for a minute or until the next generation of pages: whoever uses them looks at their offers.
    """
    named = json.dumps([country, sorted(kinds)]).encode()
    key = f"alike:{generation.current()}:{hashlib.blake2b(named, digest_size=16).hexdigest()}"
    kept: list[int] | None = cache.get(key)
    if kept is None:
        kept = _found_candidates(kinds, country)
        cache.set(key, kept, SECONDS)
    return kept


def _found_candidates(kinds: Collection[Kind], country: str | None) -> list[int]:
    offers = Offer.objects.present().filter(product=OuterRef("pk"), availability__in=IN_STOCK)
    offers = offers.exclude(health__state__in=DEAD).exclude(health__hidden_at__isnull=False)
    offers = offers.exclude(Exists(Suspension.objects.filter(merchant=OuterRef("merchant"), lifted_at__isnull=True)))
    if country is not None:
        stated = Delivery.objects.filter(profile=OuterRef("delivery_profile"), country=country)
        by_lane = Lane.objects.filter(merchant=OuterRef("merchant"), country=country, ships=Lane.Ships.YES)
        refused = Lane.objects.filter(
            merchant=OuterRef("merchant"), country=country, ships=Lane.Ships.NO, source_kind=Lane.SourceKind.HAND
        )
        offers = offers.filter(Exists(stated) | Exists(by_lane)).exclude(Exists(refused))
    same = Q()
    for category, kind in kinds:
        same |= Q(category=category, kind=kind)
    place = Window(RowNumber(), partition_by=[F("category"), F("kind")], order_by=F("pk").desc())
    products = Product.objects.standing().filter(same).filter(Exists(offers)).annotate(place=place)
    return list(products.filter(place__lte=LOOKED_AT).order_by("pk").values_list("pk", flat=True))
