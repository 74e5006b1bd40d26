"""Bringing offers, their products, deliveries and readings to what a batch of rows says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from affiliates.catalogue.domain.feed_rows import FeedRow, delivery_digest
from affiliates.catalogue.domain.offers import asked_price
from affiliates.catalogue.domain.price_history import GAP
from affiliates.catalogue.models import Delivery, DeliveryProfile, Offer, SourcePolicy
from affiliates.catalogue.selectors.history_rights import history_allowed
from affiliates.catalogue.services import offer_store as store
from affiliates.catalogue.services.identity import ProductFinder
from affiliates.catalogue.services.search_index import index_products
from affiliates.parties.models import Merchant


@dataclass
class Outcome:
    """Keys of the offers a batch made, changed or found to have ended, and how many rows changed nothing."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    unchanged: int = 0
    new_products: list[int] = field(default_factory=list)


@transaction.atomic
def apply_rows(
    *,
    merchant: Merchant,
    rows: Sequence[FeedRow],
    policy: SourcePolicy,
    now: dt.datetime,
    source_label: str = "",
    feed_id: int | None = None,
    index: bool = True,
    digests: Sequence[str] | None = None,
) -> Outcome:
    """Afterwards each row is an offer of the merchant, its price seen `now`; one past its end is none, or gone.

    May be repeated: rows that say what was known change nothing but the time. An offer whose row now carries another
    GTIN becomes an offer of that product. About a dozen statements a batch; `index=False` leaves the search index to
    the caller. `digests` are the rows' fingerprints where the caller has better ones than their own.
    """
    store.one_at_a_time()
    outcome = Outcome()
    held = store.held_offers(merchant.pk, [row.external_id for row in rows])
    label = (source_label or merchant.name)[:120]
    same: list[int] = []
    returned: list[store.HeldOffer] = []
    news: dict[str, tuple[FeedRow, str]] = {}
    for number, row in enumerate(rows):
        digest = digests[number] if digests else row.digest()
        offer = held.get(row.external_id)
        if offer is not None and says_the_same(offer, digest, policy.pk, label, now):
            same.append(offer.pk)
            if _was_silent(offer, now):
                returned.append(offer)
        elif row.expires_at is not None and row.expires_at <= now:
            if offer is None or offer.is_gone:
                outcome.unchanged += 1
            else:
                outcome.gone.append(offer.pk)
        else:
            news[row.external_id] = row, digest
    store.note_seen(same, now, feed_id)
    store.note_gone(outcome.gone, now)
    # Seen again after a silence: nothing changed, but a history without this reading would say that somebody looked.
    _keep_readings(
        policy,
        now,
        [(offer.pk, _asked(offer, now), offer.currency, offer.availability, offer.price_seen) for offer in returned],
    )
    outcome.unchanged += len(same)
    if news:
        _write(merchant, news, held, policy, label, feed_id, now, outcome)
    if index:
        index_products(outcome.new_products)
    return outcome


def says_the_same(offer: store.HeldOffer, digest: str, policy_id: int, label: str, now: dt.datetime) -> bool:
    """Whether a row with this digest tells nothing new.

    Same words, same source, no sale began or ended since, and the listing itself has not ended.
    """
    if offer.row_hash != digest or offer.is_gone or offer.policy_id != policy_id or offer.source_label != label:
        return False
    if offer.expires is not None and (ends_at := store.moment(offer.expires)) is not None and ends_at <= now:
        return False
    if offer.sale_price_minor is None:
        return True
    seen = store.moment(offer.price_seen)
    return seen is not None and _asked(offer, seen) == _asked(offer, now)


def _was_silent(offer: store.HeldOffer, now: dt.datetime) -> bool:
    seen = store.moment(offer.price_seen)
    return seen is not None and now - seen > GAP


def _asked(offer: store.HeldOffer, at: dt.datetime) -> int | None:
    if offer.sale_price_minor is None:
        return offer.price_minor
    starts_at, ends_at = store.moment(offer.sale_starts), store.moment(offer.sale_ends)
    return asked_price(offer.price_minor, offer.sale_price_minor, starts_at, ends_at, at)


def _write(
    merchant: Merchant,
    news: dict[str, tuple[FeedRow, str]],
    held: dict[str, store.HeldOffer],
    policy: SourcePolicy,
    label: str,
    feed_id: int | None,
    now: dt.datetime,
    outcome: Outcome,
) -> None:
    rows = [row for row, _digest in news.values()]
    finder = ProductFinder(rows, [held[row.external_id].product_id for row in rows if row.external_id in held])
    profiles = _profiles(merchant, rows)
    at = store.stored(now)
    shared = (policy.pk, Offer.SourceKind.FEED.value, label, "")
    inserts: list[list[Any]] = []
    updates: list[list[Any]] = []
    readings: list[tuple[Any, ...]] = []
    for row, digest in news.values():
        offer = held.get(row.external_id)
        product_id = finder.find(row) if offer is None else finder.product_for(offer.product_id, row)
        asked = asked_price(row.price_minor, row.sale_price_minor, row.sale_starts_at, row.sale_ends_at, now)
        stated = [
            row.url, row.title, row.image_url, row.price_minor, row.list_price_minor, row.sale_price_minor,
            row.sale_starts_at and store.stored(row.sale_starts_at),
            row.sale_ends_at and store.stored(row.sale_ends_at), row.currency, row.availability, row.condition,
            row.group_id,
            store.stored(dict(row.variant)) if row.variant else "{}",
            profiles[delivery_digest(row.deliveries)] if row.deliveries else None, *shared, digest, at, at, None,
            row.expires_at and store.stored(row.expires_at), feed_id, product_id,
        ]  # fmt: skip
        if offer is None:
            inserts.append([0, merchant.pk, row.external_id, at, *stated])
            readings.append((len(inserts) - 1, asked, row.currency, row.availability, None))
        else:
            updates.append([*stated, offer.pk])
            outcome.updated.append(offer.pk)
            before = (_asked(offer, store.moment(offer.price_seen) or now), offer.currency, offer.availability)
            if _was_silent(offer, now) or before != (asked, row.currency, row.availability):
                readings.append((-offer.pk, asked, row.currency, row.availability, offer.price_seen))
    outcome.new_products = finder.save()
    for values, pk in zip(inserts, store.new_keys("catalogue_offer", len(inserts)), strict=True):
        values[0] = pk
        values[-1] = finder.key(values[-1])
        outcome.created.append(pk)
    for values in updates:
        values[-2] = finder.key(values[-2])
    store.insert("catalogue_offer", store.OFFER_COLUMNS, inserts)
    store.update_offers(updates)
    _keep_readings(
        policy,
        now,
        [(-place if place < 0 else outcome.created[place], *seen) for place, *seen in readings],
    )


def _keep_readings(policy: SourcePolicy, now: dt.datetime, seen: Sequence[tuple[Any, ...]]) -> None:
    """Offer, price, currency, stock and when it was last seen before; only where the source allows it.

    The database refuses it elsewhere.
    """
    if seen and history_allowed(policy):
        at = store.stored(now)
        rows = [
            (pk, asked, currency, stock, at, store.stored(store.moment(before)), policy.pk)
            for pk, asked, currency, stock, before in seen
        ]
        store.insert("catalogue_reading", store.READING_COLUMNS, rows)


def _profiles(merchant: Merchant, rows: Sequence[FeedRow]) -> dict[str, int]:
    """Keys of the delivery profiles of these rows by digest, made where they are new. One to three queries."""
    stated = {delivery_digest(row.deliveries): row.deliveries for row in rows if row.deliveries}
    if not stated:
        return {}
    known = {p.digest: p for p in DeliveryProfile.objects.filter(merchant=merchant, digest__in=stated)}
    new = [DeliveryProfile(merchant=merchant, digest=digest) for digest in stated if digest not in known]
    DeliveryProfile.objects.bulk_create(new)
    Delivery.objects.bulk_create(
        Delivery(
            profile=profile, country=d.country, price_minor=d.price_minor, currency=d.currency, min_days=d.min_days,
            max_days=d.max_days, service=d.service,
        )
        for profile in new
        for d in stated[profile.digest]
    )  # fmt: skip
    return {profile.digest: profile.pk for profile in (*known.values(), *new)}
