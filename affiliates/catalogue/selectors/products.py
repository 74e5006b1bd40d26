"""A product's own page: every shop, and what the guides said about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.shortcuts import get_object_or_404

from affiliates.catalogue.domain.offers import OfferView
from affiliates.catalogue.models import Product, ProductMention
from affiliates.catalogue.paths import go_paths
from affiliates.catalogue.selectors.cards import ProductCard, product_cards


@dataclass(frozen=True)
class ProductPage:
    """What the product page shows."""

    card: ProductCard
    offers: tuple[OfferView, ...]
    chosen: tuple[ProductMention, ...]
    rejected: tuple[ProductMention, ...]


def with_paths(card: ProductCard) -> tuple[OfferView, ...]:
    """The card's offers with the paths of their house links."""
    paths = go_paths([offer.offer_id for offer in card.offers])
    return tuple(replace(offer, go_path=paths.get(offer.offer_id, "")) for offer in card.offers)


def product_page(slug: str, *, reader_country: str | None, now: dt.datetime) -> ProductPage:
    """The product at this address; Http404 otherwise. Nine queries, whatever the number of offers and guides."""
    product = get_object_or_404(Product.objects.only("pk"), slug=slug)
    card = product_cards([product.pk], reader_country=reader_country, now=now)[product.pk]
    mentions = list(
        ProductMention.objects.filter(product=product, page__live=True)
        .select_related("page", "page__owner")
        .order_by("-page__first_published_at", "position")
    )
    return ProductPage(
        card=card,
        offers=with_paths(card),
        chosen=tuple(mention for mention in mentions if mention.role != "rejected"),
        rejected=tuple(mention for mention in mentions if mention.role == "rejected"),
    )
