"""The offers that serve one reader, for many products at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from babel.numbers import get_territory_currencies

from affiliates.catalogue.domain.offers import OfferView, Ships, is_too_old, offer_rank
from affiliates.catalogue.models import Delivery, Lane, Offer, Product

if TYPE_CHECKING:
    from cms.core.models import SiteImage


@dataclass(frozen=True, slots=True)
class ProductCard:
    """A product with the offer that serves this reader, and the others after it."""

    product: Product
    image: SiteImage | None
    offer: OfferView | None
    other_offers: tuple[OfferView, ...]

    @property
    def offers(self) -> tuple[OfferView, ...]:
        return (self.offer, *self.other_offers) if self.offer else ()


def product_cards(
    product_ids: Iterable[int], *, reader_country: str | None, now: dt.datetime
) -> dict[int, ProductCard]:
    """Cards by product id; ids that do not exist are missing. Five queries, whatever the number of products.

    `reader_country` None means unknown: then nothing "ships to you", whatever the sources say.
    """
    ids = set(product_ids)
    if not ids:
        return {}
    products = Product.objects.with_picture().prefetch_related("image__renditions").in_bulk(ids)
    offers = list(
        Offer.objects.present().filter(product_id__in=ids).select_related("merchant", "policy").order_by("pk")
    )
    deliveries: dict[int, Delivery] = {}
    lanes: dict[int, Lane] = {}
    if reader_country and offers:
        wanted = Delivery.objects.filter(offer__product_id__in=ids, country=reader_country).order_by("price_minor")
        for delivery in wanted:
            deliveries.setdefault(delivery.offer_id, delivery)
        merchants = {offer.merchant_id for offer in offers}
        lanes = {x.merchant_id: x for x in Lane.objects.filter(merchant_id__in=merchants, country=reader_country)}
    currency = _currency_of(reader_country)
    views: dict[int, list[OfferView]] = defaultdict(list)
    for offer in offers:
        view = _view(offer, deliveries.get(offer.pk), lanes.get(offer.merchant_id), bool(reader_country), now)
        views[offer.product_id].append(view)
    cards = {}
    for pk, product in products.items():
        ranked = sorted(views[pk], key=lambda v: offer_rank(v, country=reader_country, home_currency=currency))
        first, others = (ranked[0], tuple(ranked[1:])) if ranked else (None, ())
        cards[pk] = ProductCard(product, product.image, first, others)
    return cards


def _currency_of(country: str | None) -> str:
    found = get_territory_currencies(country) if country else []
    return str(found[0]) if found else ""


def _view(
    offer: Offer, delivery: Delivery | None, lane: Lane | None, country_known: bool, now: dt.datetime
) -> OfferView:
    too_old = offer.price_minor is not None and is_too_old(offer.price_seen_at, offer.policy.max_price_age_hours, now)
    ships: Ships = "unknown"
    if country_known and delivery is not None:
        ships = "yes"
    elif country_known and lane is not None:
        ships = lane.ships  # type: ignore[assignment]  # the column's choices are Ships
    known = delivery or (lane if ships == "yes" else None)
    return OfferView(
        offer_id=offer.pk,
        product_id=offer.product_id,
        merchant_id=offer.merchant_id,
        merchant_slug=offer.merchant.slug,
        merchant_name=offer.merchant.name,
        merchant_country=offer.merchant.home_country,
        url=offer.url,
        currency=offer.currency,
        price_minor=None if too_old else offer.price_minor,
        list_price_minor=None if too_old else offer.list_price_minor,
        price_seen_at=offer.price_seen_at,
        price_too_old=too_old,
        source_label=offer.source_label,
        availability=offer.availability,
        ships=ships,
        delivery_price_minor=known.price_minor if known else None,
        delivery_currency=known.currency if known else "",
        min_days=known.min_days if known else None,
        max_days=known.max_days if known else None,
    )
