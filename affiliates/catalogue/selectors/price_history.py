"""What is known of a product's prices over time, and which asked prices may be called a deal."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from django.db.models import OuterRef, Q, Subquery

from affiliates.catalogue.domain.offers import is_too_old
from affiliates.catalogue.domain.price_history import (
    MEDIAN_DAYS,
    Deal,
    Seen,
    Span,
    Summary,
    deal,
    spans,
    summary,
    within,
)
from affiliates.catalogue.models import Offer, Reading, ReadingDay
from affiliates.catalogue.selectors.cards import ProductCard
from affiliates.catalogue.selectors.history_rights import tracking_is_on

#: How far back the page looks.
DAYS = 365
SUMMARY_DAYS = 90
MOST_LINES = 4


@dataclass(frozen=True)
class ShopHistory:
    """One shop's price of a product, in the shop's currency."""

    shop: str
    currency: str
    spans: tuple[Span, ...]
    readings: tuple[Seen, ...]
    summary: Summary


@dataclass(frozen=True)
class PriceHistory:
    """The shops' histories by currency, or why there is none."""

    state: Literal["shown", "once", "forbidden", "none"]
    start: dt.datetime
    end: dt.datetime
    by_currency: dict[str, tuple[ShopHistory, ...]]


def price_history(product_id: int, *, now: dt.datetime) -> PriceHistory:
    """A year of a product's prices at the shops whose sources allow it. Four queries, whatever their number."""
    start = now - dt.timedelta(days=DAYS)

    def nothing(state: Literal["once", "forbidden", "none"]) -> PriceHistory:
        return PriceHistory(state, start, now, {})

    if not tracking_is_on():
        return nothing("none")
    present = list(Offer.objects.present().filter(product_id=product_id).select_related("merchant", "policy"))
    allowed = [offer for offer in present if offer.policy.may_keep_history]
    if not allowed:
        return nothing("forbidden" if present else "none")
    seen = _readings([offer.pk for offer in allowed], start)
    found: dict[str, list[ShopHistory]] = defaultdict(list)
    for offer in allowed:
        readings = seen.get((offer.pk, offer.currency), [])
        if len(readings) < 2 or offer.price_seen_at is None:
            continue
        known = summary(
            readings, confirmed_at=offer.price_seen_at, start=now - dt.timedelta(days=SUMMARY_DAYS), end=now
        )
        if known is None:
            continue
        held = within(spans(readings, confirmed_at=offer.price_seen_at), start, now)
        found[offer.currency].append(
            ShopHistory(offer.merchant.name, offer.currency, tuple(held), tuple(readings), known)
        )
    if not found:
        return nothing("once")
    ordered = {
        currency: tuple(sorted(shops, key=lambda shop: (-len(shop.readings), shop.shop))[:MOST_LINES])
        for currency, shops in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    }
    return PriceHistory("shown", start, now, ordered)


def deals_for(offer_ids: Iterable[int], *, now: dt.datetime) -> dict[int, Deal]:
    """Which of these offers ask a price that may be called a deal. Two queries, whatever their number."""
    ids = set(offer_ids)
    if not ids or not tracking_is_on():
        return {}
    offers = list(
        Offer.objects.filter(pk__in=ids, policy__may_keep_history=True, price_seen_at__isnull=False)
        .filter(availability__in=("in_stock", "limited"))
        .select_related("policy")
    )
    # Ninety days back everything is still kept reading by reading.
    seen = _recent([offer.pk for offer in offers], now - dt.timedelta(days=MEDIAN_DAYS)) if offers else {}
    found = {}
    for offer in offers:
        asked = offer.asked_minor(now)
        readings = seen.get((offer.pk, offer.currency), [])
        if asked is None or not offer.price_seen_at or not readings:
            continue
        if is_too_old(offer.price_seen_at, offer.policy.max_price_age_hours, now):
            continue
        if held := deal(readings, asked_minor=asked, confirmed_at=offer.price_seen_at, now=now):
            found[offer.pk] = held
    return found


def with_deals(cards: Mapping[int, ProductCard], *, now: dt.datetime) -> dict[int, ProductCard]:
    """The cards, with the honest label on the offers shown first that deserve it. Two queries."""
    first = {card.offer.offer_id for card in cards.values() if card.offer and not card.offer.block}
    deals = deals_for(first, now=now)
    if not deals:
        return dict(cards)

    def labelled(card: ProductCard) -> ProductCard:
        offers = (replace(o, deal=deals[o.offer_id]) if o.offer_id in deals else o for o in card.offers)
        return replace(card, offers=tuple(offers))

    return {pk: labelled(card) for pk, card in cards.items()}


def _readings(offer_ids: Sequence[int], start: dt.datetime) -> dict[tuple[int, str], list[Seen]]:
    """What was seen since a moment, rolled-up days among it, by offer and currency, in order of time. Two queries."""
    found = _recent(offer_ids, start)
    days = ReadingDay.objects.filter(offer__in=offer_ids, on__gte=start.date())
    for offer_id, currency, on, minor in days.values_list("offer_id", "currency", "on", "last_minor"):
        found[offer_id, currency].append(Seen(dt.datetime.combine(on, dt.time(), dt.UTC), minor))
    return {key: sorted(seen, key=lambda reading: reading.at) for key, seen in found.items()}


def _recent(offer_ids: Sequence[int], start: dt.datetime) -> dict[tuple[int, str], list[Seen]]:
    """Readings since a moment and the last one before it, by offer and currency, in order of time. One query."""
    before = (
        Reading.objects.filter(offer=OuterRef("offer"), observed_at__lt=start)
        .order_by("-observed_at", "-pk")
        .values("pk")[:1]
    )
    rows = (
        Reading.objects.filter(offer__in=offer_ids)
        .filter(Q(observed_at__gte=start) | Q(pk=Subquery(before)))
        .order_by("observed_at", "pk")
        .values_list("offer_id", "currency", "observed_at", "price_minor", "before_at")
    )
    found: dict[tuple[int, str], list[Seen]] = defaultdict(list)
    for offer_id, currency, at, minor, before_at in rows:
        found[offer_id, currency].append(Seen(at, minor, before_at))
    return found
