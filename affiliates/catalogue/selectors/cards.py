"""The offers that serve one reader, for many products at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from affiliates.catalogue.domain.offers import OfferView, Ships, is_too_old, offer_rank, without_delivery
from affiliates.catalogue.models import Delivery, Lane, Offer, Product
from cms.core.models import SiteImage, site_defaults
from cms.core.reader import currency_of_country


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
    """Cards by product id; ids that do not exist are missing. Six queries, whatever the number of products.

    `reader_country` None means unknown: the offers are then ordered for the site's default country, and none of them
    ships anywhere as far as we say.
    """
    ids = set(product_ids)
    if not ids:
        return {}
    products = Product.objects.with_picture().prefetch_related("image__renditions").in_bulk(ids)
    offers = list(
        Offer.objects.present().filter(product_id__in=ids).select_related("merchant", "policy").order_by("pk")
    )
    country = reader_country or site_defaults().country
    deliveries = _deliveries({offer.delivery_profile_id for offer in offers if offer.delivery_profile_id}, country)
    lanes = _lanes({offer.merchant_id for offer in offers}, country)
    currency = currency_of_country(country) or ""
    views: dict[int, list[OfferView]] = defaultdict(list)
    for offer in offers:
        view = _view(offer, deliveries.get(offer.delivery_profile_id or 0), lanes.get(offer.merchant_id), now)
        views[offer.product_id].append(view)
    cards = {}
    for pk, product in products.items():
        ranked = sorted(views[pk], key=lambda view: offer_rank(view, country=country, home_currency=currency))
        if reader_country is None:
            ranked = [without_delivery(view) for view in ranked]
        first, others = (ranked[0], tuple(ranked[1:])) if ranked else (None, ())
        cards[pk] = ProductCard(product, product.image, first, others)
    return cards


def _deliveries(profile_ids: set[int], country: str) -> dict[int, Delivery]:
    """A profile's cheapest delivery to a country; one of unknown price only where there is no other."""
    found: dict[int, Delivery] = {}
    wanted = Delivery.objects.filter(profile_id__in=profile_ids, country=country)
    for delivery in wanted.order_by(F("price_minor").asc(nulls_last=True), "pk"):
        found.setdefault(delivery.profile_id, delivery)
    return found


def _lanes(merchant_ids: set[int], country: str) -> dict[int, Lane]:
    return {lane.merchant_id: lane for lane in Lane.objects.filter(merchant_id__in=merchant_ids, country=country)}


def _view(offer: Offer, delivery: Delivery | None, lane: Lane | None, now: dt.datetime) -> OfferView:
    too_old = offer.price_minor is not None and is_too_old(offer.price_seen_at, offer.policy.max_price_age_hours, now)
    ships: Ships = "unknown"
    if delivery is not None:
        ships = "yes"
    elif lane is not None:
        ships = lane.ships  # type: ignore[assignment]  # the column's choices are Ships
    known = delivery or (lane if ships == "yes" else None)
    asked = offer.asked_minor(now)
    return OfferView(
        offer_id=offer.pk,
        product_id=offer.product_id,
        merchant_id=offer.merchant_id,
        merchant_slug=offer.merchant.slug,
        merchant_name=offer.merchant.name,
        merchant_country=offer.merchant.home_country,
        url=offer.url,
        currency=offer.currency,
        price_minor=None if too_old else asked,
        list_price_minor=None if too_old else _crossed_out(offer, asked),
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


def _crossed_out(offer: Offer, asked: int | None) -> int | None:
    """The higher price shown beside the asked one: what the shop asks outside the sale, else its list price."""
    other = offer.price_minor if asked != offer.price_minor else offer.list_price_minor
    return other if other is not None and asked is not None and other > asked else None
