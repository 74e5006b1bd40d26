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


def _leads_of(product_ids: set[int]) -> dict[int, int]:
    """Which of these products were merged into which, true until the transaction ends.

    Merges lock the same rows, in the same order. A product that turns out to have been merged is looked up together
    with the one it leads to, which could be merged on as well.
    """
    locked: dict[int, int | None] = {}
    wanted = set(product_ids)
    while wanted - locked.keys():
        rows = Product.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        locked = dict.fromkeys(wanted) | dict(rows.values_list("pk", "merged_into_id"))
        wanted |= {into for into in locked.values() if into}
    return {pk: into for pk, into in locked.items() if into}


@transaction.atomic
def replace_mentions(*, page_id: int, mentions: Sequence[Mention]) -> None:
    """Afterwards the page's mentions are exactly these, in this order. May be repeated.

    A page may still name a product that was merged into another: it then speaks of that one. A merge of one of them
    waits meanwhile, or is waited for.
    """
    leads = _leads_of({mention.product_id for mention in mentions})
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
