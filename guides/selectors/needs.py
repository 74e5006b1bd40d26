"""What an author's pages need of them: cards with nothing to buy, and buttons that moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Sum

from affiliates.catalogue.domain.needs import NOTHING_TO_BUY, Fault, Happened, Kind, what_happened
from affiliates.catalogue.models import Product, ProductMention
from affiliates.catalogue.selectors.needs import standings
from affiliates.tracking.models import ClickTally
from cms.core.models import site_defaults
from community.models import Creator

if TYPE_CHECKING:
    from guides.models import ArticlePage

#: Beside the site's own country, as many as the author's readers mostly come from.
READERS_COUNTRIES, READERS_DAYS = 3, 90
_NEVER = dt.datetime.min.replace(tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the author says in a page of a product's shop; `has_choice` where its block asks."""

    shop: str = ""
    may_switch: bool = True
    has_choice: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """One product of one page, and what became of its card in these countries."""

    page: ArticlePage
    product: Product
    kind: Kind
    fault: Fault
    shop: str
    shop_now: str
    since_at: dt.datetime | None
    countries: tuple[str, ...]
    has_choice: bool

    @property
    def has_nothing_to_buy(self) -> bool:
        return self.kind in NOTHING_TO_BUY


def offers_in_need(creator: Creator, *, now: dt.datetime) -> list[Need]:
    """What the creator's own live pages need, cards with nothing to buy first, then the latest.

    Ten queries at most, whatever the number of pages and products.
    """
    pages: dict[int, ArticlePage] = {}
    for name in ("GuidePage", "ReviewPage"):
        model: type[ArticlePage] = apps.get_model("guides", name)
        pages |= {page.pk: page for page in model.objects.live().filter(creator=creator)}
    mentions = ProductMention.objects.filter(page_id__in=pages).exclude(role="rejected").select_related("product")
    cards = {(mention.page_id, mention.named_id): mention.product for mention in mentions}
    found = standings(
        {product.pk for product in cards.values()}, countries=countries_of_readers(creator, now=now), now=now
    )
    wishes = {page.pk: wishes_in(page.body.raw_data) for page in pages.values()}
    rejected = {page.pk: rejected_in(page.body.raw_data) for page in pages.values()}
    needs = []
    for (page_id, named_id), product in cards.items():
        if named_id in rejected[page_id]:
            continue
        page, wish = pages[page_id], wishes[page_id].get(named_id, Wish())
        events: dict[Happened, list[str]] = {}
        for country, by_product in found.items():
            happened = what_happened(
                by_product.get(product.pk, []), country=country, preferred_shop=wish.shop, may_switch=wish.may_switch,
                published_at=page.last_published_at,
            )  # fmt: skip
            if happened:
                events.setdefault(happened, []).append(country)
        needs += [
            Need(page, product, e.kind, e.fault, e.shop, e.shop_now, e.since_at, tuple(where), wish.has_choice)
            for e, where in events.items()
        ]
    return sorted(needs, key=_by_gravity)


def _by_gravity(need: Need) -> tuple[int, float, str, str]:
    grave = 0 if need.has_nothing_to_buy else 1 if need.kind == "stays" else 2
    return grave, -(need.since_at or _NEVER).timestamp(), need.page.title, str(need.product)


def countries_of_readers(creator: Creator, *, now: dt.datetime) -> list[str]:
    """The site's country, then those most of the creator's counted clicks came from of late. One query."""
    home = site_defaults().country
    recent = ClickTally.objects.filter(
        creator=creator, reason="", day__gt=(now - dt.timedelta(days=READERS_DAYS)).date()
    ).exclude(country__in=("", home))
    rows = recent.values_list("country").annotate(clicks=Sum("count")).order_by("-clicks", "country")
    return [home, *(country for country, _clicks in rows[:READERS_COUNTRIES])]


def _products(stream: Iterable[Any]) -> Iterable[tuple[int, dict[str, Any]]]:
    """(product id, value) of every block that offers one product, from a text as it is stored."""
    for block in stream:
        value = block.get("value")
        if block.get("type") in {"pick", "product"} and isinstance(value, dict) and value.get("product"):
            yield int(value["product"]), value


def wishes_in(stream: Iterable[Any]) -> dict[int, Wish]:
    """Product id → the author's wish; where several blocks speak of one, the one that lets the button move least."""
    found: dict[int, Wish] = {}
    for product_id, value in _products(stream):
        wish = Wish(value.get("preferred_shop") or "", value.get("switch_shops") is not False, has_choice=True)
        if product_id not in found or (found[product_id].may_switch and not wish.may_switch):
            found[product_id] = wish
    return found


def rejected_in(stream: Iterable[Any]) -> set[int]:
    """Products that are rejected there and recommended nowhere: they have no button."""
    roles: dict[int, set[bool]] = {}
    for product_id, value in _products(stream):
        roles.setdefault(product_id, set()).add(value.get("role") == "rejected")
    return {product_id for product_id, answers in roles.items() if answers == {True}}
