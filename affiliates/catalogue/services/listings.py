"""Bringing offers, their products, deliveries and readings to what a batch of rows says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction

from affiliates.catalogue.domain.feed_rows import FeedRow, delivery_digest
from affiliates.catalogue.models import Delivery, DeliveryProfile, Offer, Reading, SourcePolicy
from affiliates.catalogue.services.identity import ProductFinder
from affiliates.catalogue.services.search_index import index_products
from affiliates.parties.models import Merchant

#: What a row says of an offer, under the same names.
STATED = (
    "url", "title", "image_url", "price_minor", "list_price_minor", "sale_price_minor", "sale_starts_at",
    "sale_ends_at", "currency", "availability", "condition", "group_id",
)  # fmt: skip
WRITTEN = (
    *STATED, "variant", "product", "delivery_profile", "policy", "source_label", "row_hash", "price_seen_at",
    "last_seen_at", "gone_at",
)  # fmt: skip
_LISTING_LOCK = 7_116_402_311


@dataclass
class Outcome:
    """Keys of the offers a batch made or changed, and how many it left as they were."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
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
    index: bool = True,
) -> Outcome:
    """Afterwards each row is an offer of the merchant, its price seen `now`.

    May be repeated: rows that say what was known change nothing but the time. An offer whose row now carries another
    GTIN becomes an offer of that product. About a dozen statements a batch; `index=False` leaves the search index to
    the caller.
    """
    _one_at_a_time()
    label = (source_label or merchant.name)[:120]
    outcome = Outcome()
    news = _set_apart(merchant, rows, policy, label, now, outcome)
    if not news:
        return outcome
    known = {
        offer.external_id: offer
        for offer in Offer.objects.filter(merchant=merchant, external_id__in=news).select_related("product")
    }
    finder = ProductFinder([row for row, _ in news.values()])
    profiles = _profiles(merchant, [row for row, _ in news.values()])
    readings: list[Offer] = []
    made: list[tuple[FeedRow, Offer]] = []
    changed: list[tuple[FeedRow, Offer]] = []
    before: dict[int, tuple[int | None, str, str]] = {}
    for row, digest in news.values():
        offer = known.get(row.external_id)
        if offer is None:
            offer = Offer(merchant=merchant, external_id=row.external_id, product=finder.find(row), first_seen_at=now)
            made.append((row, offer))
            readings.append(offer)
        else:
            if row.gtin and offer.product.gtin and row.gtin != offer.product.gtin:
                offer.product = finder.find(row)
            else:
                finder.complete(offer.product, row)
            changed.append((row, offer))
            before[offer.pk] = offer.asked_minor(now), offer.currency, offer.availability
        for name in STATED:
            setattr(offer, name, getattr(row, name))
        offer.variant = dict(row.variant)
        offer.delivery_profile = profiles[delivery_digest(row.deliveries)] if row.deliveries else None
        offer.policy, offer.source_label, offer.row_hash = policy, label, digest
        offer.price_seen_at, offer.last_seen_at, offer.gone_at = now, now, None
        if offer.pk and before[offer.pk] != (offer.asked_minor(now), offer.currency, offer.availability):
            readings.append(offer)
    outcome.new_products = finder.save()
    for _, offer in changed + made:
        offer.product_id = offer.product.pk
    Offer.objects.bulk_create([offer for _, offer in made])
    # An insert that meets its own key: a dozen times quicker than Django's bulk_update.
    Offer.objects.bulk_create(
        [offer for _, offer in changed], update_conflicts=True, unique_fields=["id"], update_fields=WRITTEN
    )
    _keep_readings(readings, policy, now)
    if index:
        index_products(outcome.new_products)
    outcome.created = [offer.pk for _, offer in made]
    outcome.updated = [offer.pk for _, offer in changed]
    return outcome


def _one_at_a_time() -> None:
    """Two imports that meet the same new product would each make it. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LISTING_LOCK])


def _set_apart(
    merchant: Merchant, rows: Sequence[FeedRow], policy: SourcePolicy, label: str, now: dt.datetime, outcome: Outcome
) -> dict[str, tuple[FeedRow, str]]:
    """The rows that say something new with their digests; of the others only the time is noted. Two queries."""
    digests = {row.external_id: row.digest() for row in rows}
    held = Offer.objects.filter(
        merchant=merchant, external_id__in=digests, policy=policy, source_label=label, gone_at__isnull=True
    )
    same = {
        external_id: pk
        for pk, external_id, digest in held.values_list("pk", "external_id", "row_hash")
        if digests[external_id] == digest
    }
    Offer.objects.filter(pk__in=same.values()).update(price_seen_at=now, last_seen_at=now)
    outcome.unchanged = len(same)
    return {row.external_id: (row, digests[row.external_id]) for row in rows if row.external_id not in same}


def _profiles(merchant: Merchant, rows: Sequence[FeedRow]) -> dict[str, DeliveryProfile]:
    """The merchant's delivery profiles of these rows by digest, made where they are new. Two to four queries."""
    stated = {delivery_digest(row.deliveries): row.deliveries for row in rows if row.deliveries}
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
    return known | {profile.digest: profile for profile in new}


def _keep_readings(offers: Sequence[Offer], policy: SourcePolicy, now: dt.datetime) -> None:
    """History on change only, and only where the source allows it; the database refuses it elsewhere."""
    if policy.may_keep_history:
        Reading.objects.bulk_create(
            Reading(
                offer=offer,
                price_minor=offer.asked_minor(now),
                currency=offer.currency,
                availability=offer.availability,
                observed_at=now,
                policy=policy,
            )
            for offer in offers
        )
