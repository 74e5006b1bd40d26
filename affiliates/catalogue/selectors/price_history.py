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
    price_changes,
    spans,
    summary,
    within,
)
from affiliates.catalogue.models import Offer, Reading, ReadingDay
from affiliates.catalogue.selectors.cards import ProductCard, offer_block
from affiliates.catalogue.selectors.history_rights import tracking_is_on
from affiliates.catalogue.selectors.problems import is_suspended

#: How far back the page looks.
DAYS = 365
SUMMARY_DAYS = 90
#: The times of which low, median and high are told.
WINDOWS = (30, 90, 365)
MOST_LINES = 4
#: So many prices of a shop stand in the page's table, the newest; who asks every hour fills a year with thousands.
MOST_SPANS = 60


@dataclass(frozen=True)
class ShopHistory:
    """One shop's price of a product, in the shop's currency."""

    offer_id: int
    shop: str
    currency: str
    spans: tuple[Span, ...]
    readings: tuple[Seen, ...]
    summary: Summary
    windows: tuple[tuple[int, Summary], ...]
    #: How often the price changed within the time of the summary.
    changes: int = 0

    @property
    def newest_spans(self) -> tuple[Span, ...]:
        """The prices that stand in the page's table."""
        return self.spans[-MOST_SPANS:]

    @property
    def left_out(self) -> int:
        """How many older prices do not."""
        return max(0, len(self.spans) - MOST_SPANS)


@dataclass(frozen=True)
class PriceHistory:
    """The shops' histories by currency, or why there is none."""

    state: Literal["shown", "once", "forbidden", "too_old", "withheld", "none"]
    start: dt.datetime
    end: dt.datetime
    by_currency: dict[str, tuple[ShopHistory, ...]]

    @property
    def unfolded(self) -> str:
        """The currency whose chart stands open."""
        return next(iter(self.by_currency), "")


def price_history(product_id: int, *, now: dt.datetime, first: int | None = None) -> PriceHistory:
    """A year of a product's prices at the shops whose sources allow it. Four queries, whatever their number.

    A shop whose present price is not shown, for its age or because its button is off or the price was found wrong, is
    left out with its past ones: the last of them is that price. The offer `first` and its currency come first.
    """
    start = now - dt.timedelta(days=DAYS)

    def nothing(state: Literal["once", "forbidden", "too_old", "withheld", "none"]) -> PriceHistory:
        return PriceHistory(state, start, now, {})

    if not tracking_is_on():
        return nothing("none")
    offers = Offer.objects.present().filter(product_id=product_id).select_related("merchant", "policy", "health")
    present = list(offers.annotate(is_suspended=is_suspended()))
    allowed = [offer for offer in present if offer.policy.may_keep_history]
    if not allowed:
        return nothing("forbidden" if present else "none")
    shown = [offer for offer in allowed if offer.price_minor is not None and not offer_block(offer)]
    if not shown:
        return nothing("withheld")
    fresh = [o for o in shown if not is_too_old(o.price_seen_at, o.policy.max_price_age_hours, now)]
    if not fresh:
        return nothing("too_old")
    seen = _readings([offer.pk for offer in fresh], start)
    names = _shop_names(fresh)
    found: dict[str, list[ShopHistory]] = defaultdict(list)
    for offer in fresh:
        if shop := _shop_history(offer, names[offer.pk], seen.get((offer.pk, offer.currency), []), now):
            found[offer.currency].append(shop)
    if not found:
        return nothing("once")
    ordered = {
        currency: tuple(sorted(shops, key=lambda shop: _place(shop, first))[:MOST_LINES])
        for currency, shops in sorted(found.items(), key=lambda item: _place_of_currency(item[0], item[1], first))
    }
    return PriceHistory("shown", start, now, ordered)


def _place(shop: ShopHistory, first: int | None) -> tuple[bool, int, str]:
    return shop.offer_id != first, -len(shop.readings), shop.shop


def _place_of_currency(currency: str, shops: Sequence[ShopHistory], first: int | None) -> tuple[bool, int, str]:
    return all(shop.offer_id != first for shop in shops), -len(shops), currency


def _shop_names(offers: Sequence[Offer]) -> dict[int, str]:
    """What each line is called: its shop, and where a shop lists the product twice also the listing's title."""
    shops = [offer.merchant_id for offer in offers]
    return {
        offer.pk: offer.merchant.name
        if shops.count(offer.merchant_id) == 1
        else f"{offer.merchant.name}, {offer.title[:60]}"
        for offer in offers
    }


def _shop_history(offer: Offer, name: str, readings: Sequence[Seen], now: dt.datetime) -> ShopHistory | None:
    if len(readings) < 2 or offer.price_seen_at is None:
        return None
    confirmed_at = offer.price_seen_at
    windows = [
        (days, known)
        for days in WINDOWS
        if (known := summary(readings, confirmed_at=confirmed_at, start=now - dt.timedelta(days=days), end=now))
    ]
    known = dict(windows).get(SUMMARY_DAYS)
    if known is None:
        return None
    held = within(spans(readings, confirmed_at=confirmed_at), now - dt.timedelta(days=DAYS), now)
    recent = _opened(list(readings), now - dt.timedelta(days=SUMMARY_DAYS))
    return ShopHistory(
        offer.pk, name, offer.currency, tuple(held), tuple(readings), known, tuple(windows), price_changes(recent)
    )


def deals_for(offer_ids: Iterable[int], *, now: dt.datetime) -> dict[int, Deal]:
    """Which of these offers ask a price that may be called a deal. Three queries, whatever their number."""
    ids = set(offer_ids)
    if not ids or not tracking_is_on():
        return {}
    offers = list(
        Offer.objects.filter(pk__in=ids, policy__may_keep_history=True, price_seen_at__isnull=False)
        .filter(availability__in=("in_stock", "limited"))
        .select_related("policy")
    )
    seen = _readings([offer.pk for offer in offers], now - dt.timedelta(days=MEDIAN_DAYS)) if offers else {}
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
    """The cards, with the honest label on the offers shown first that deserve it. Three queries."""
    first = {card.offer.offer_id for card in cards.values() if card.offer and not card.offer.block}
    deals = deals_for(first, now=now)
    if not deals:
        return dict(cards)

    def labelled(card: ProductCard) -> ProductCard:
        offers = (replace(o, deal=deals[o.offer_id]) if o.offer_id in deals else o for o in card.offers)
        return replace(card, offers=tuple(offers))

    return {pk: labelled(card) for pk, card in cards.items()}


_Row = tuple[int, str, dt.datetime, int | None, dt.datetime | None]


def _readings(offer_ids: Sequence[int], start: dt.datetime) -> dict[tuple[int, str], list[Seen]]:
    """What was seen since a moment and last before it, by offer and currency, in order of time. Two queries.

    A time in which an offer was priced in another currency is one without a price.
    """
    rows: list[_Row] = sorted([*_kept(offer_ids, start), *_rolled_up(offer_ids, start)], key=lambda row: row[2])
    by_offer: dict[int, list[_Row]] = defaultdict(list)
    for row in rows:
        by_offer[row[0]].append(row)
    found: dict[tuple[int, str], list[Seen]] = {}
    for offer_id, seen in by_offer.items():
        for currency in {row[1] for row in seen}:
            told = [Seen(at, minor if own == currency else None, before) for _pk, own, at, minor, before in seen]
            found[offer_id, currency] = _opened(told, start)
    return found


def _opened(seen: list[Seen], start: dt.datetime) -> list[Seen]:
    """Without what lies before the last one before a moment."""
    earlier = sum(1 for reading in seen if reading.at < start)
    return seen[max(0, earlier - 1) :]


def _kept(offer_ids: Sequence[int], start: dt.datetime) -> list[_Row]:
    """Readings since a moment and the last one before it. One query."""
    before = (
        Reading.objects.filter(offer=OuterRef("offer"), observed_at__lt=start)
        .order_by("-observed_at", "-pk")
        .values("pk")[:1]
    )
    return list(
        Reading.objects.filter(offer__in=offer_ids)
        .filter(Q(observed_at__gte=start) | Q(pk=Subquery(before)))
        .order_by("observed_at", "pk")
        .values_list("offer_id", "currency", "observed_at", "price_minor", "before_at")
    )


def _rolled_up(offer_ids: Sequence[int], start: dt.datetime) -> list[_Row]:
    """The last rolled-up day before a moment, which is all that old readings can say of the present. One query."""
    before = (
        ReadingDay.objects.filter(offer=OuterRef("offer"), on__lt=start.date()).order_by("-on", "-pk").values("pk")[:1]
    )
    rows = (
        ReadingDay.objects.filter(offer__in=offer_ids)
        .filter(Q(on__gte=start.date()) | Q(pk=Subquery(before)))
        .values_list("offer_id", "currency", "on", "last_minor")
    )
    return [
        (offer_id, currency, dt.datetime.combine(on, dt.time(), dt.UTC), minor, None)
        for offer_id, currency, on, minor in rows
    ]
