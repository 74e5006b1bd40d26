"""What follows from publishing an article: placement, links, mentions, a line for followers, pictures, fresh pages."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from affiliates.catalogue.models import Offer, ProductMention
from affiliates.catalogue.services.mentions import Mention, replace_mentions
from affiliates.tracking.services.links import ensure_links, ensure_placement
from cms.core import generation
from cms.core.keys import among
from cms.core.models import SiteImage
from cms.core.pictures import make_renditions
from community.models import Activity
from guides.models import ArticlePage
from guides.selectors.article_page import body_products, disclosure_facts


@transaction.atomic
def announce_article(*, article: ArticlePage, now: dt.datetime | None = None) -> None:
    """Afterwards clicks on the page can be told apart, its links and sizes exist, and followers can see it.

    May be repeated; a page is announced to followers once.
    """
    if article.creator is None:
        return
    ensure_placement(page=article, creator=article.creator)
    replace_mentions(page_id=article.pk, mentions=mentions_of(article))
    # By what the mentions were written for: a text may name a product that was merged into another.
    offers = Offer.objects.filter(product__mentions__page=article.pk).distinct()
    ensure_links(offer_ids=list(offers.values_list("pk", flat=True)), creator_id=article.creator_id)
    Activity.objects.get_or_create(
        page_id=article.pk,
        verb=Activity.Verb.PUBLISHED,
        defaults={"actor_creator": article.creator, "at": article.first_published_at or now or timezone.now()},
    )
    make_pictures(article)
    generation.bump()


def mentions_of(article: ArticlePage) -> list[Mention]:
    """The products an article speaks of, in its order: with role, verdict, and who gave or paid its author what."""
    found = []
    ties = tuple(
        {"kind": fact.kind, "by": fact.by, "what": fact.what}
        for fact in disclosure_facts(article, has_paid_links=False)
    )
    if reviewed := getattr(article, "product_id", None):
        found.append(Mention(reviewed, "reviewed", article.summary, ties))
    seen: set[int] = {mention.product_id for mention in found}
    for kind, value, product in body_products(article.body):
        # A table repeats what the picks above it have said.
        if product is not None and not (kind == "comparison" and product.pk in seen):
            seen.add(product.pk)
            role = value.get("role", "") if kind == "pick" else kind
            verdict = value.get("reason", "") if kind == "pick" else ""
            found.append(Mention(product.pk, role, verdict, ties))
    return found


def make_pictures(article: ArticlePage) -> None:
    """Every size a reader of the article or of a list will ask for, so that no reader waits for one."""
    if article.hero_image:
        make_renditions(article.hero_image, "hero", "card")
    for block in article.body:
        if block.block_type == "image" and isinstance(block.value.get("image"), SiteImage):
            make_renditions(block.value["image"], "body")


def link_new_offers(*, offer_ids: list[int]) -> None:
    """Give every author who mentions these offers' products a link to them. May be repeated."""
    pairs = ProductMention.objects.filter(product__offers__in=among(offer_ids), page__live=True)
    rows = pairs.values_list("product__offers__pk", "page__guidepage__creator_id", "page__reviewpage__creator_id")
    by_creator: dict[int, set[int]] = {}
    wanted = set(offer_ids)
    for offer_id, guide_creator, review_creator in rows.iterator():
        if offer_id in wanted and (creator := guide_creator or review_creator):
            by_creator.setdefault(creator, set()).add(offer_id)
    for creator_id, offers in by_creator.items():
        ensure_links(offer_ids=offers, creator_id=creator_id)
