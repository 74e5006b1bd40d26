"""What machines read of an article: plain dicts in, plain dict out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from affiliates.catalogue.json_ld import product_json_ld
from guides.selectors.mentions import chosen_picks

if TYPE_CHECKING:
    from guides.models import ArticlePage


def article_json_ld(article: ArticlePage, cards: dict[int, Any]) -> dict[str, Any]:
    """A review is a Product with our Review; a guide is an Article with the ItemList of its picks."""
    creator = article.creator
    author = {
        "@type": "Person",
        "name": str(creator) if creator else "",
        "url": f"{settings.BASE_URL}/@{creator.handle}" if creator else settings.BASE_URL,
    }
    published = article.first_published_at.isoformat() if article.first_published_at else None
    reviewed = cards.get(getattr(article, "product_id", None) or 0)
    if reviewed:
        return {"@context": "https://schema.org"} | _review(article, reviewed, author, published)
    items = [cards[pick["product"].pk] for pick in chosen_picks(article.body) if pick["product"].pk in cards]
    return {
        "@context": "https://schema.org",
        "@type": "Article",
        "headline": article.title[:110],
        "description": article.meta_description,
        "author": author,
        "datePublished": published,
        "dateModified": article.last_published_at.isoformat() if article.last_published_at else published,
        "mainEntityOfPage": article.absolute_url,
        "mainEntity": {
            "@type": "ItemList",
            "itemListElement": [
                {"@type": "ListItem", "position": position, "item": product_json_ld(card)}
                for position, card in enumerate(items, 1)
            ],
        },
    }


def _notes(values: list[str]) -> dict[str, Any]:
    elements = [{"@type": "ListItem", "position": n, "name": str(text)} for n, text in enumerate(values, 1)]
    return {"@type": "ItemList", "itemListElement": elements}


def _review(article: ArticlePage, card: Any, author: dict[str, Any], published: str | None) -> dict[str, Any]:
    review: dict[str, Any] = {"@type": "Review", "author": author, "datePublished": published}
    for block in article.body:
        if block.block_type == "verdict" and block.value.get("score") is not None:
            review["reviewRating"] = {
                "@type": "Rating", "ratingValue": str(block.value["score"]), "bestRating": "10", "worstRating": "0",
            }  # fmt: skip
        if block.block_type == "pros_cons":
            pros, cons = list(block.value.get("pros") or []), list(block.value.get("cons") or [])
            # Two statements in all are the least that readers of this markup accept.
            if len(pros) + len(cons) >= 2:
                review |= {"positiveNotes": _notes(pros)} if pros else {}
                review |= {"negativeNotes": _notes(cons)} if cons else {}
    return product_json_ld(card) | {"review": review}
