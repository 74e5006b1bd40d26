"""A product's own page: every shop, what the guides said about it, and what else serves the reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.shortcuts import get_object_or_404
from django.utils.translation import get_language

from wagtail.models import Page

from affiliates.catalogue.domain.offers import OfferView
from affiliates.catalogue.models import Product, ProductMention
from affiliates.catalogue.paths import go_paths
from affiliates.catalogue.selectors.alternatives import with_alternatives
from affiliates.catalogue.selectors.cards import ProductCard, linkable_ids, linked_card, product_cards
from affiliates.catalogue.selectors.price_history import PriceHistory, price_history, with_deals
from cms.core.disclosure import Fact, disclosure_for

REJECTED = "rejected"
#: Roles that recommend a product. Others only name it: a table, a card in passing.
CHOSEN = ("top_pick", "runner_up", "budget", "upgrade", "also_great")
NAMED = ("product", "comparison", "")
Verdict = Literal["chosen", "reviewed", "mixed", "rejected", "named"]
#: How many products the authors chose beside this one are looked at.
CHOSEN_BESIDE = 12


class Moved(Exception):
    """The product was merged into another, where its address leads."""

    def __init__(self, product: Product) -> None:
        super().__init__(product.slug)
        self.product = product


@dataclass(frozen=True)
class GuideVerdict:
    """What one page says of a product: its verdict, its words, and who gave or paid its author what."""

    page: Page
    verdict: Verdict
    role: str
    words: tuple[str, ...]
    ties: tuple[str, ...]

    @property
    def handle(self) -> str:
        """The author's handle, where the author is a creator."""
        creator = getattr(self.page.owner, "creator", None)
        return creator.handle if creator else ""


@dataclass(frozen=True)
class ProductPage:
    """What the product page shows. `rejected` holds the pages that considered the product and chose another."""

    card: ProductCard
    offers: tuple[OfferView, ...]
    history: PriceHistory
    chosen: tuple[GuideVerdict, ...]
    rejected: tuple[GuideVerdict, ...]


def with_paths(card: ProductCard) -> ProductCard:
    """The card with the paths of its house links; an offer without one gets no button."""
    paths = go_paths(linkable_ids([card]))
    return linked_card(card, lambda offer_id: paths.get(offer_id, ""))


def mentions_of(product_id: int) -> list[ProductMention]:
    """What public pages say of a product: pages of the reader's language first, then the newest. Two queries."""
    mentions = (
        ProductMention.objects.filter(product_id=product_id, page__in=Page.objects.live().public())
        .select_related("page__owner__creator", "page__locale")
        .order_by("-page__first_published_at", "page_id", "position")
    )
    language = get_language()
    return sorted(mentions, key=lambda mention: mention.page.locale.language_code != language)


def verdicts_of(mentions: Sequence[ProductMention]) -> list[GuideVerdict]:
    """One verdict a page, in the mentions' order."""
    by_page: dict[int, list[ProductMention]] = {}
    for mention in mentions:
        by_page.setdefault(mention.page_id, []).append(mention)
    return [_verdict(said) for said in by_page.values()]


def _verdict(said: Sequence[ProductMention]) -> GuideVerdict:
    roles = {mention.role for mention in said}
    speaking = [mention for mention in said if mention.role not in NAMED]
    verdict: Verdict
    if not speaking:
        verdict = "named"
    elif roles & {REJECTED} and len({mention.role for mention in speaking}) > 1:
        verdict = "mixed"
    elif REJECTED in roles:
        verdict = "rejected"
    else:
        verdict = "chosen" if roles & set(CHOSEN) else "reviewed"
    facts = [Fact(fact["kind"], fact.get("by", ""), fact.get("what", "")) for fact in said[0].facts]
    return GuideVerdict(
        page=said[0].page,
        verdict=verdict,
        role=next((mention.role for mention in speaking), ""),
        words=tuple(mention.verdict for mention in said if mention.verdict),
        ties=disclosure_for(None, get_language() or "en", facts).sentences,
    )


def product_page(
    slug: str, *, reader_country: str | None, now: dt.datetime, reader_currency: str | None = None
) -> ProductPage:
    """The product at this address; Http404 otherwise, Moved where it was merged into another.

    Equally many queries for few and many offers and guides: about a dozen, and two dozen where the product does not
    serve the reader and others are looked for.
    """
    product: Product = get_object_or_404(Product, slug=slug)
    if product.merged_into_id:
        raise Moved(Product.objects.get(pk=product.merged_into_id))
    options = {"reader_country": reader_country, "now": now, "reader_currency": reader_currency}
    card = product_cards([product.pk], **options)[product.pk]  # type: ignore[arg-type]
    for field in ("description", "specs"):
        setattr(card.product, field, getattr(product, field))
    mentions = mentions_of(product.pk)
    if not card.is_served:
        beside, rejected = _said_beside(product.pk, mentions)
        cards = product_cards(beside, **options, with_pictures=False) if beside else {}  # type: ignore[arg-type]
        chosen = [cards[pk] for pk in beside if pk in cards]
        card = with_alternatives(
            {product.pk: card}, chosen=chosen, rejected=rejected, now=now, reader_currency=reader_currency
        )[product.pk]
    card = with_paths(with_deals({product.pk: card}, now=now)[product.pk])
    verdicts = verdicts_of(mentions)
    return ProductPage(
        card=card,
        offers=card.offers,
        history=price_history(product.pk, now=now, first=card.offer.offer_id if card.offer else None),
        chosen=tuple(verdict for verdict in verdicts if verdict.verdict != REJECTED),
        rejected=tuple(verdict for verdict in verdicts if verdict.verdict == REJECTED),
    )


def _said_beside(product_id: int, mentions: Sequence[ProductMention]) -> tuple[list[int], set[int]]:
    """Products that the authors of these pages chose beside this one, in their order, and those they rejected.

    What one of them rejected is not among the chosen. One query.
    """
    pages = {page_id: place for place, page_id in enumerate(dict.fromkeys(mention.page_id for mention in mentions))}
    rows = ProductMention.objects.filter(page_id__in=pages, role__in=(*CHOSEN, REJECTED)).exclude(product_id=product_id)
    found = sorted(
        rows.values_list("page_id", "position", "product_id", "role"), key=lambda row: (pages[row[0]], row[1])
    )
    rejected = {pk for _, _, pk, role in found if role == REJECTED}
    chosen = dict.fromkeys(pk for _, _, pk, _ in found if pk not in rejected)
    return list(chosen)[:CHOSEN_BESIDE], rejected
