"""A product's own page: every shop, and what the guides said about it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language

from wagtail.models import Page

from affiliates.catalogue.domain.offers import OfferView
from affiliates.catalogue.models import Product, ProductMention
from affiliates.catalogue.paths import go_paths
from affiliates.catalogue.selectors.cards import ProductCard, product_cards

REJECTED = "rejected"


@dataclass(frozen=True)
class ProductPage:
    """What the product page shows. `rejected` holds the pages that considered the product and chose another."""

    card: ProductCard
    offers: tuple[OfferView, ...]
    chosen: tuple[ProductMention, ...]
    rejected: tuple[ProductMention, ...]


def with_paths(card: ProductCard) -> tuple[OfferView, ...]:
    """The card's offers with the paths of their house links; an offer without one gets no button."""
    paths = go_paths([offer.offer_id for offer in card.offers])
    return tuple(replace(offer, go_path=paths.get(offer.offer_id, "")) for offer in card.offers)


def mentions_of(product_id: int) -> list[ProductMention]:
    """What public pages say of a product: pages of the reader's language first, then the newest. Two queries."""
    mentions = (
        ProductMention.objects.filter(product_id=product_id, page__in=Page.objects.live().public())
        .select_related("page__owner", "page__locale")
        .order_by("-page__first_published_at", "page_id", "position")
    )
    language = get_language()
    return sorted(mentions, key=lambda mention: mention.page.locale.language_code != language)


def product_page(slug: str, *, reader_country: str | None, now: dt.datetime) -> ProductPage:
    """The product at this address; Http404 otherwise. A dozen queries, whatever the number of offers and guides."""
    product: Product = get_object_or_404(Product.objects.only("pk"), slug=slug)
    card = product_cards([product.pk], reader_country=reader_country, now=now)[product.pk]
    mentions = mentions_of(product.pk)
    return ProductPage(
        card=card,
        offers=with_paths(card),
        chosen=tuple(mention for mention in mentions if mention.role != REJECTED),
        rejected=tuple(mention for mention in mentions if mention.role == REJECTED),
    )
