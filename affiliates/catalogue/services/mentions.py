"""Which page says what about which product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from affiliates.catalogue.models import Product, ProductMention


@dataclass(frozen=True)
class Mention:
    """One product in one page."""

    product_id: int
    role: str = ""
    verdict: str = ""
    facts: tuple[Mapping[str, str], ...] = ()


@transaction.atomic
def replace_mentions(*, page_id: int, mentions: Sequence[Mention]) -> None:
    """Afterwards the page's mentions are exactly these, in this order. May be repeated.

    A page may still name a product that was merged into another: it then speaks of that one.
    """
    leads = dict(
        Product.objects.filter(
            pk__in={mention.product_id for mention in mentions}, merged_into__isnull=False
        ).values_list("pk", "merged_into_id")
    )
    ProductMention.objects.filter(page_id=page_id).delete()
    unique = {(mention.product_id, mention.role): mention for mention in reversed(mentions)}
    ordered = [mention for mention in mentions if unique.get((mention.product_id, mention.role)) is mention]
    ProductMention.objects.bulk_create(
        ProductMention(
            page_id=page_id,
            product_id=leads.get(m.product_id) or m.product_id,
            named_id=m.product_id,
            role=m.role,
            verdict=m.verdict[:400],
            facts=[dict(fact) for fact in m.facts],
            position=position,
        )
        for position, m in enumerate(ordered)
    )
