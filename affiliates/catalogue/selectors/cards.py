"""The offers that serve one reader, for many products at once."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import F

from affiliates.catalogue.domain.offers import (
    Block,
    OfferView,
    Ships,
    as_the_author_wishes,
    block_of,
    blocked,
    compared,
    is_too_old,
    linked,
    ranked,
    without_delivery,
)
from affiliates.catalogue.domain.serving import Serving, serving
from affiliates.catalogue.domain.variants import differences
from affiliates.catalogue.models import Delivery, Lane, Offer, Product
from affiliates.catalogue.selectors.problems import is_suspended
from affiliates.catalogue.selectors.rates import rates_on
from cms.core.models import SiteImage, site_defaults
from cms.core.reader import currency_of_country

#: What a card says of a product; its own page loads the rest.
LONG_FIELDS = ("description", "specs")
OFFER_FIELDS = (
    "product_id", "url", "variant", "price_minor", "list_price_minor", "sale_price_minor", "sale_starts_at",
    "sale_ends_at", "currency", "availability", "condition", "delivery_profile_id", "source_label", "price_seen_at",
    "merchant__slug", "merchant__name", "merchant__home_country", "policy__max_price_age_hours",
    "health__state", "health__hidden_at",
)  # fmt: skip


@dataclass(frozen=True)
class Alternative:
    """Another product for readers whom the first does not serve, and who says so."""

    card: ProductCard
    by_author: bool


@dataclass(frozen=True)
class ProductCard:
    """A product with the offers for one reader, the one that serves best first."""

    product: Product
    image: SiteImage | None
    offers: tuple[OfferView, ...]
    #: None where the reader's country is unknown; `ranked_for` then names the site's own.
    reader_country: str | None
    ranked_for: str
    alternatives: tuple[Alternative, ...] = ()

    @property
    def variant(self) -> dict[str, str]:
        """Which one of its sisters is meant: size, colour and the like, by name."""
        return self.product.variant

    @property
    def offer(self) -> OfferView | None:
        return self.offers[0] if self.offers else None

    @property
    def other_offers(self) -> tuple[OfferView, ...]:
        return self.offers[1:]

    @property
    def serving(self) -> Serving:
        """Whether the reader can have it, and if not, why."""
        return serving(self.offers, country_known=self.reader_country is not None)

    @property
    def is_served(self) -> bool:
        return self.serving == "served"

    def as_wished(self, *, preferred_shop: str, may_switch: bool) -> ProductCard:
        """The card as the author of a text wants it, within what the reader's order allows."""
        if may_switch and not preferred_shop:
            return self
        offers = as_the_author_wishes(
            self.offers, preferred_shop=preferred_shop, may_switch=may_switch, country=self.ranked_for
        )
        return replace(self, offers=offers)


def linked_card(card: ProductCard, path_of: Callable[[int], str]) -> ProductCard:
    """The card with where its buttons lead."""
    return replace(card, offers=tuple(linked(offer, path_of(offer.offer_id)) for offer in card.offers))


def linkable_ids(cards: Iterable[ProductCard]) -> list[int]:
    """The offers that get a button."""
    return [offer.offer_id for card in cards for offer in card.offers if not offer.block]


def product_cards(
    product_ids: Iterable[int],
    *,
    reader_country: str | None,
    now: dt.datetime,
    reader_currency: str | None = None,
    with_pictures: bool = True,
) -> dict[int, ProductCard]:
    """Cards by product id; ids that do not exist are missing. Eight queries at most, whatever the number of products,
    and one more where some were merged into others; those are answered under both keys.

    `reader_country` None means unknown: the offers are then ordered for the site's default country, and none of them
    ships anywhere as far as we say. Prices are compared in the reader's currency, or else the country's.
    """
    ids = set(product_ids)
    if not ids:
        return {}
    wanted = Product.objects.defer(*LONG_FIELDS)
    if with_pictures:
        wanted = wanted.with_picture().prefetch_related("image__renditions")
    products = wanted.in_bulk(ids)
    # A merged product is shown as the one it was merged into, under both keys.
    leads = {pk: product.merged_into_id for pk, product in products.items() if product.merged_into_id}
    if missing := set(leads.values()) - products.keys():
        products |= wanted.in_bulk(missing)
    ids = products.keys() - leads.keys()
    offers = _offers(ids)
    country = reader_country or site_defaults().country
    deliveries = _deliveries({offer.delivery_profile_id for offer in offers if offer.delivery_profile_id}, country)
    lanes = _lanes({offer.merchant_id for offer in offers}, country)
    currency = reader_currency or currency_of_country(country) or "EUR"
    foreign = any(offer.currency != currency for offer in offers)
    table = rates_on(now.date()) if foreign else None
    views: dict[int, list[OfferView]] = defaultdict(list)
    for offer in offers:
        view = plain_view(offer, deliveries.get(offer.delivery_profile_id or 0), lanes.get(offer.merchant_id), now)
        view = blocked(view, offer_block(offer))
        if of := products[offer.product_id].variant:
            view = replace(view, variant_differs=differences(of, offer.variant))
        views[offer.product_id].append(compared(view, currency=currency, country=country, table=table, on=now.date()))
    cards = {}
    for pk in ids:
        product = products[pk]
        order = ranked(views[pk], country=country)
        if reader_country is None:
            order = [without_delivery(view) for view in order]
        cards[pk] = ProductCard(
            product, product.image if with_pictures else None, tuple(order), reader_country, country
        )
    return cards | {pk: cards[into] for pk, into in leads.items() if into in cards}


def _offers(product_ids: set[int]) -> list[Offer]:
    """The present offers with what cards say of them, `is_suspended` among it. One query."""
    offers = Offer.objects.present().filter(product_id__in=product_ids)
    offers = offers.select_related("merchant", "policy", "health").only(*OFFER_FIELDS)
    return list(offers.annotate(is_suspended=is_suspended()).order_by("pk"))


def _deliveries(profile_ids: set[int], country: str) -> dict[int, Delivery]:
    """A profile's cheapest delivery to a country; one of unknown price only where there is no other."""
    found: dict[int, Delivery] = {}
    wanted = Delivery.objects.filter(profile_id__in=profile_ids, country=country)
    for delivery in wanted.order_by(F("price_minor").asc(nulls_last=True), "pk"):
        found.setdefault(delivery.profile_id, delivery)
    return found


def _lanes(merchant_ids: set[int], country: str) -> Mapping[int, Lane]:
    return {lane.merchant_id: lane for lane in Lane.objects.filter(merchant_id__in=merchant_ids, country=country)}


def plain_view(offer: Offer, delivery: Delivery | None, lane: Lane | None, now: dt.datetime) -> OfferView:
    """The offer as its source states it, whatever checks and readers have found."""
    too_old = offer.price_minor is not None and is_too_old(offer.price_seen_at, offer.policy.max_price_age_hours, now)
    if lane is not None and lane.is_refusal:
        # What a person found out, or readers did, outweighs what a feed promises.
        delivery = None
    ships: Ships = "unknown"
    if delivery is not None:
        ships = "yes"
    elif lane is not None:
        ships = lane.ships  # type: ignore[assignment]  # the column's choices are Ships
    spoken = lane if delivery is None and ships != "unknown" else None
    known = delivery or (lane if ships == "yes" else None)
    # What sending costs is as old as the price it was read with.
    costs = known if known and not too_old else None
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
        condition=offer.condition,
        ships=ships,
        ships_source=spoken.source if spoken else "",
        ships_seen_at=spoken.seen_at if spoken else None,
        delivery_price_minor=costs.price_minor if costs else None,
        delivery_currency=costs.currency if costs and costs.price_minor is not None else "",
        min_days=known.min_days if known else None,
        max_days=known.max_days if known else None,
    )


def offer_block(offer: Offer) -> Block:
    """Why an offer's button is off. No query: `health` is loaded and `is_suspended` annotated."""
    health = getattr(offer, "health", None)
    return block_of(
        health.state if health else "",
        is_hidden=health is not None and health.hidden_at is not None,
        is_suspended=offer.is_suspended,  # type: ignore[attr-defined]  # annotated in _offers
    )


def _crossed_out(offer: Offer, asked: int | None) -> int | None:
    """The higher price shown beside the asked one: what the shop asks outside the sale, else its list price."""
    other = offer.price_minor if asked != offer.price_minor else offer.list_price_minor
    return other if other is not None and asked is not None and other > asked else None
