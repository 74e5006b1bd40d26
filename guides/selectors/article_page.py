"""Everything a guide's page shows, loaded at once for all its products."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from wagtail.blocks import StreamValue

from affiliates.catalogue.models import Product
from affiliates.catalogue.selectors.alternatives import with_alternatives
from affiliates.catalogue.selectors.cards import ProductCard, linkable_ids, linked_card, product_cards
from affiliates.catalogue.selectors.price_history import with_deals
from affiliates.tracking.models import Placement
from affiliates.tracking.selectors.links import go_paths
from cms.core.disclosure import Disclosure, Fact, disclosure_for
from cms.core.pictures import with_renditions
from guides.json_ld import article_json_ld
from guides.selectors.articles import related_articles
from guides.selectors.known_products import products_known, raw_product_ids
from guides.selectors.mentions import main_mentions

if TYPE_CHECKING:
    from guides.models import ArticlePage


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


def chosen_product_ids(body: StreamValue) -> list[int]:
    """Products that the text recommends, in its order."""
    return [
        product.pk
        for kind, value, product in body_products(body)
        if product is not None and kind == "pick" and value.get("role") != "rejected"
    ]


def rejected_product_ids(body: StreamValue) -> set[int]:
    """Products that the text considered and rejected, also where a table names them."""
    return {
        product.pk
        for kind, value, product in body_products(body)
        if product is not None and kind == "pick" and value.get("role") == "rejected"
    }


def with_tracked_paths(
    cards: dict[int, ProductCard], *, creator_id: int | None, placement_ref: str | None
) -> dict[int, ProductCard]:
    """The cards with their tracked paths. One query, whatever the number of products."""
    paths = go_paths(linkable_ids(cards.values()), creator_id=creator_id, placement_ref=placement_ref)
    return {pk: linked_card(card, lambda offer_id: paths.get(offer_id, "")) for pk, card in cards.items()}


def article_context(article: ArticlePage, request: HttpRequest) -> dict[str, Any]:
    """The template's context. Query count equal for two and for twelve products."""
    reviewed: int | None = getattr(article, "product_id", None)
    reader = getattr(request, "reader", None)
    country = reader.country if reader else None
    placement = Placement.objects.filter(page_id=article.pk, creator_id=article.creator_id).first()
    wanted = raw_product_ids(article.body.raw_data) | ({reviewed} if reviewed else set())
    now, currency = timezone.now(), reader.currency if reader else None
    cards = product_cards(wanted, reader_country=country, reader_currency=currency, now=now)
    with products_known({pk: cards[pk].product if pk in cards else None for pk in wanted}):
        for_sale = {*paid_product_ids(article.body), *([reviewed] if reviewed else [])}
        rejected = rejected_product_ids(article.body)
        mentions = main_mentions(article.body)
        chosen = [cards[pk] for pk in dict.fromkeys(chosen_product_ids(article.body)) if pk in cards]
    cards = with_alternatives(cards, chosen=chosen, only=for_sale, rejected=rejected, now=now, reader_currency=currency)
    cards = with_deals(cards, now=now)
    cards = with_tracked_paths(cards, creator_id=article.creator_id, placement_ref=placement.ref if placement else None)
    paid = bool(for_sale)
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
        "mentions": mentions,
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
