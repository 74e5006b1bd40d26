"""Bringing offers, their products, deliveries and readings to what a batch of rows says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.text import slugify

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.models import Delivery, Offer, Product, Reading, SourcePolicy
from affiliates.parties.models import Merchant
from cms.core.drawing import kind_for

SLUG_LENGTH = 100
OFFER_FIELDS = ("url", "title", "price_minor", "list_price_minor", "currency", "availability", "condition")


@dataclass
class Outcome:
    """Keys of the offers a batch made or changed, and how many it left as they were."""

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: int = 0


@transaction.atomic
def apply_rows(
    *, merchant: Merchant, rows: Sequence[FeedRow], policy: SourcePolicy, now: dt.datetime, source_label: str = ""
) -> Outcome:
    """Afterwards each row is an offer of the merchant, seen `now`. May be repeated. About a dozen statements a batch."""
    outcome = Outcome()
    label = source_label or merchant.name
    known = {
        offer.external_id: offer
        for offer in Offer.objects.filter(merchant=merchant, external_id__in=[row.external_id for row in rows])
    }
    products = _products_of([row for row in rows if row.external_id not in known])
    same: list[int] = []
    fresh: list[tuple[FeedRow, Offer]] = []
    changed: list[tuple[FeedRow, Offer]] = []
    readings: list[Offer] = []
    for row in rows:
        digest = row.digest()
        offer = known.get(row.external_id)
        if offer is None:
            offer = Offer(
                merchant=merchant, external_id=row.external_id, product=products[row.external_id], first_seen_at=now
            )
            fresh.append((row, offer))
            readings.append(offer)
        elif offer.row_hash == digest and offer.gone_at is None:
            same.append(offer.pk)
            continue
        else:
            if (offer.price_minor, offer.currency, offer.availability) != (
                row.price_minor, row.currency, row.availability
            ):  # fmt: skip
                readings.append(offer)
            changed.append((row, offer))
        for name in OFFER_FIELDS:
            setattr(offer, name, getattr(row, name))
        offer.policy, offer.source_label, offer.row_hash = policy, label, digest
        offer.price_seen_at, offer.last_seen_at, offer.gone_at = now, now, None
    Offer.objects.filter(pk__in=same).update(price_seen_at=now, last_seen_at=now)
    Offer.objects.bulk_create([offer for _, offer in fresh])
    Offer.objects.bulk_update(
        [offer for _, offer in changed],
        [*OFFER_FIELDS, "policy", "source_label", "row_hash", "price_seen_at", "last_seen_at", "gone_at"],
    )
    _replace_deliveries(fresh + changed)
    if policy.may_keep_history:
        Reading.objects.bulk_create(
            Reading(
                offer=offer, price_minor=offer.price_minor, currency=offer.currency, availability=offer.availability,
                observed_at=now, policy=policy,
            )
            for offer in readings
        )  # fmt: skip
    outcome.created = [offer.pk for _, offer in fresh]
    outcome.updated = [offer.pk for _, offer in changed]
    outcome.unchanged = len(same)
    return outcome


def _replace_deliveries(pairs: Sequence[tuple[FeedRow, Offer]]) -> None:
    Delivery.objects.filter(offer__in=[offer.pk for _, offer in pairs]).delete()
    Delivery.objects.bulk_create(
        Delivery(
            offer=offer, country=d.country, price_minor=d.price_minor, currency=d.currency, min_days=d.min_days,
            max_days=d.max_days, service=d.service,
        )
        for row, offer in pairs
        for d in row.deliveries
    )  # fmt: skip


def _products_of(rows: Sequence[FeedRow]) -> dict[str, Product]:
    """Each row's product: by GTIN, else by brand and MPN, else one of its own."""
    by_gtin = {p.gtin: p for p in Product.objects.filter(gtin__in={row.gtin for row in rows if row.gtin})}
    by_mpn = {
        (p.brand.casefold(), p.mpn): p
        for p in Product.objects.filter(mpn__in={row.mpn for row in rows if row.mpn and row.brand})
        if p.brand
    }
    found: dict[str, Product] = {}
    new: list[Product] = []
    for row in rows:
        key = (row.brand.casefold(), row.mpn)
        product = by_gtin.get(row.gtin) if row.gtin else by_mpn.get(key) if row.brand and row.mpn else None
        if product is None:
            product = Product(
                name=row.title[:200], brand=row.brand, gtin=row.gtin, mpn=row.mpn, description=row.description,
                category=row.category, kind=kind_for(f"{row.title} {row.category}"),
            )  # fmt: skip
            new.append(product)
            if row.gtin:
                by_gtin[row.gtin] = product
            elif row.brand and row.mpn:
                by_mpn[key] = product
        found[row.external_id] = product
    _give_slugs(new)
    Product.objects.bulk_create(new)
    return found


def _give_slugs(products: Sequence[Product]) -> None:
    """Addresses from brand and name; where one is taken, a short digest of the product's identity follows."""
    bases = [slugify(f"{p.brand} {p.name}")[:SLUG_LENGTH].strip("-") or "product" for p in products]
    taken = set(Product.objects.filter(slug__in=bases).values_list("slug", flat=True))
    for product, base in zip(products, bases, strict=True):
        slug, number = base, 0
        while slug in taken:
            identity = f"{product.gtin}|{product.mpn}|{product.brand}|{product.name}|{number}"
            slug = f"{base}-{hashlib.sha256(identity.encode()).hexdigest()[:6]}"
            number += 1
            if Product.objects.filter(slug=slug).exists():
                taken.add(slug)
        taken.add(slug)
        product.slug = slug
