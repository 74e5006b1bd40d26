"""Everything a guide's page shows, loaded at once for all its products."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from wagtail.blocks import StreamValue

from affiliates.catalogue.domain.offers import OfferView
from affiliates.catalogue.models import Product
from affiliates.catalogue.selectors.cards import ProductCard, product_cards
from affiliates.tracking.models import Placement
from affiliates.tracking.selectors.links import go_paths
from cms.core.disclosure import Disclosure, Fact, disclosure_for
from cms.core.pictures import with_renditions
from guides.json_ld import article_json_ld
from guides.selectors.articles import related_articles
from guides.selectors.known_products import products_known, raw_product_ids

if TYPE_CHECKING:
    from guides.models import ArticlePage


@dataclass(frozen=True)
class Card:
    """What a product card shows: the product, the offer for this reader with its path, and the other shops."""

    product: Product
    image: Any
    offer: OfferView | None
    other_offers: tuple[OfferView, ...]


def body_products(body: StreamValue) -> Iterator[tuple[str, Any, Product | None]]:
    """(block type, block value, product) of every product in a text, in order; rejected picks included."""
    for block in body:
        if block.block_type in {"pick", "product"}:
            yield block.block_type, block.value, block.value.get("product")
        elif block.block_type == "comparison":
            for column in block.value.get("columns") or []:
                yield "comparison", column, column.get("product")


def rich_texts(body: StreamValue) -> Iterator[str]:
    """The HTML of every paragraph that an author wrote."""
    for block in body:
        if block.block_type == "text":
            yield block.value.source
        elif block.block_type == "pick" and block.value.get("text"):
            yield block.value["text"].source


def paid_product_ids(body: StreamValue) -> list[int]:
    """Products that the text offers for sale; a rejected pick has no button."""
    return [
        product.pk
        for kind, value, product in body_products(body)
        if product is not None and not (kind == "pick" and value.get("role") == "rejected")
    ]


def disclosure_facts(article: ArticlePage, has_paid_links: bool) -> list[Fact]:
    """The facts an article's disclosure is made from."""
    facts = [Fact("commission")] if has_paid_links else []
    for block in article.disclosure:
        facts.append(Fact(block.block_type, block.value.get("by", ""), block.value.get("what", "")))
    return facts


def cards_for(
    product_ids: list[int], *, country: str | None, creator_id: int | None, placement_ref: str | None, now: dt.datetime
) -> dict[int, Card]:
    """Cards with their tracked paths by product. Seven queries, whatever the number of products."""
    found = product_cards(product_ids, reader_country=country, now=now)
    offer_ids = [offer.offer_id for card in found.values() for offer in card.offers]
    paths = go_paths(offer_ids, creator_id=creator_id, placement_ref=placement_ref)

    def linked(offer: OfferView) -> OfferView:
        return replace(offer, go_path=paths.get(offer.offer_id, ""))

    def card(source: ProductCard) -> Card:
        first = linked(source.offer) if source.offer else None
        return Card(source.product, source.image, first, tuple(map(linked, source.other_offers)))

    return {pk: card(source) for pk, source in found.items()}


def article_context(article: ArticlePage, request: HttpRequest) -> dict[str, Any]:
    """The template's context. Query count equal for two and for twelve products."""
    reviewed: int | None = getattr(article, "product_id", None)
    reader = getattr(request, "reader", None)
    country = reader.country if reader else None
    placement = Placement.objects.filter(page_id=article.pk, creator_id=article.creator_id).first()
    wanted = raw_product_ids(article.body.raw_data) | ({reviewed} if reviewed else set())
    cards = cards_for(
        list(wanted),
        country=country,
        creator_id=article.creator_id,
        placement_ref=placement.ref if placement else None,
        now=timezone.now(),
    )
    with products_known({pk: cards[pk].product if pk in cards else None for pk in wanted}):
        paid = bool(paid_product_ids(article.body)) or bool(reviewed)
    topics = list(article.topics.all())
    facts = disclosure_facts(article, paid)
    disclosure: Disclosure = disclosure_for(country, get_language() or "en", facts)
    related = related_articles(article, topics)
    with_renditions(
        [
            article.hero_image,
            article.creator.portrait if article.creator else None,
            *(block.value["image"] for block in article.body if block.block_type == "image"),
            *(other.hero_image for other in related),
        ]
    )
    return {
        "cards": cards,
        "disclosure": disclosure,
        "reviewed_card": cards.get(reviewed) if reviewed else None,
        "topics": topics,
        "tags": list(article.tags.all()),
        "related": related,
        "storefront_url": _one_up(article.get_url(request)),
        "json_ld": article_json_ld(article, cards),
    }


def _one_up(url: str | None) -> str:
    """An article stands right below its author's storefront."""
    return f"{url.rstrip('/').rpartition('/')[0]}/" if url else ""
