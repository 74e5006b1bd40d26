"""Looking politely whether offers still are what we say, and taking in what their pages state."""

from __future__ import annotations

import datetime as dt
import random
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from affiliates.catalogue.domain.page_beliefs import Belief, backing_off, believed, confirmed_in
from affiliates.catalogue.domain.page_health import DEAD, PASSING, Asked, Finding, classify
from affiliates.catalogue.domain.price_history import GAP
from affiliates.catalogue.domain.shop_pages import ShopPage, read_shop_page
from affiliates.catalogue.models import Lane, Offer, OfferCheck, OfferHealth, ProductMention, Reading
from affiliates.catalogue.selectors.history_rights import history_allowed
from affiliates.catalogue.services.asking import Fetch, claim_host, click_param, look, may_look, note_host, with_param
from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from cms.core.fetch import fetch

#: How soon again: an offer in a live guide, and one nobody names.
MENTIONED, UNNAMED = dt.timedelta(hours=6), dt.timedelta(days=7)
SHOP_PAGE = "shop page"


def make_missing_health(*, now: dt.datetime, limit: int = 500) -> int:
    """Give offers without one a row in the queue, spread over a day. Returns how many."""
    lacking = Offer.objects.present().filter(health__isnull=True).order_by("pk").values_list("pk", flat=True)[:limit]
    rows = [
        OfferHealth(offer_id=pk, since_at=now, next_check_at=now + dt.timedelta(seconds=random.randrange(86_400)))  # noqa: S311
        for pk in lacking
    ]
    OfferHealth.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def checks_due(*, now: dt.datetime) -> int:
    """How many offers wait for a look. One query."""
    return OfferHealth.objects.due(now).count()


def check_due_offers(*, now: dt.datetime, limit: int = 10, fetcher: Fetch = fetch) -> int:
    """Look at offers that are due, one a host at a time and no host more often than it wishes. Returns how many.

    What readers have reported comes before everything else, however long that has waited. May run in several workers
    at once: a host is taken by whoever moves its next time on.
    """
    looked = 0
    due = OfferHealth.objects.due(now).filter(offer__gone_at__isnull=True, offer__merchant__is_active=True)
    tried: set[str] = set()
    due = due.select_related("offer__merchant", "offer__product", "offer__policy")
    # Two queries, so that a long queue is never sorted by whether somebody reported.
    for health in chain(due.reported()[: limit * 20], due[: limit * 20]):
        host = urlsplit(health.offer.url).hostname or ""
        if host in tried:
            continue
        tried.add(host)
        if not claim_host(host, now=now):
            continue
        check_offer(health=health, now=now, fetcher=fetcher)
        looked += 1
        if looked >= limit:
            break
    return looked


def check_offer(*, health: OfferHealth, now: dt.datetime, fetcher: Fetch = fetch) -> OfferCheck | None:
    """One look at one offer; None where the shop's robots.txt forbids it. Afterwards the next look has its time."""
    offer = health.offer
    if not may_look(offer.url, now=now, fetcher=fetcher):
        OfferHealth.objects.filter(pk=health.pk).update(next_check_at=now + UNNAMED, detail="robots.txt")
        return None
    param = click_param(offer.merchant_id)
    came, markup = look(with_param(offer.url, param), fetcher=fetcher)
    page = read_shop_page(markup)
    asked = Asked(
        url=with_param(offer.url, param), name=offer.title, brand=offer.product.brand, gtin=offer.product.gtin,
        price_minor=offer.asked_minor(now), currency=offer.currency, click_param=param,
    )  # fmt: skip
    finding = classify(asked, came, markup, page)
    check = OfferCheck.objects.create(
        offer=offer, checked_at=now, state=finding.state, http_status=came.status or None, took_ms=came.took_ms,
        is_sure=finding.is_sure, final_url=came.final_url[:2000], detail=finding.detail[:300],
    )  # fmt: skip
    note_host(offer.url, failed=finding.state in PASSING)
    note_finding(offer=offer, finding=finding, page=page, now=now)
    return check


@transaction.atomic
def note_finding(*, offer: Offer, finding: Finding, page: ShopPage, now: dt.datetime) -> OfferHealth:
    """Afterwards the offer's state is what was found, once it was found often enough to be believed.

    What the page states of price, stock and delivery is taken in with its own time and source. Pages are made anew
    where readers would see a difference.
    """
    health = OfferHealth.objects.select_for_update().get(offer=offer)
    before = health.state
    belief = believed(Belief(before, health.since_at, health.failures, health.detail), finding, now=now)
    health.state, health.since_at = belief.state, belief.since_at
    health.failures, health.detail = belief.failures, belief.detail
    health.checked_at = now
    health.next_check_at = now + _until_next(offer, belief, finding)
    health.save()
    changed = _take_in(offer, finding, page, now)
    if changed or (before in DEAD) != (health.state in DEAD):
        offers_changed.send(sender=Offer, offer_ids=[offer.pk])
        generation.bump()
    return health


def _until_next(offer: Offer, belief: Belief, finding: Finding) -> dt.timedelta:
    if soon := confirmed_in(finding, belief):
        return soon
    named = ProductMention.objects.filter(product=offer.product_id, page__live=True).exists()
    # A little apart, so that not all come at once.
    return backing_off(MENTIONED if named else UNNAMED, belief) * (0.9 + random.random() / 5)  # noqa: S311


def _take_in(offer: Offer, finding: Finding, page: ShopPage, now: dt.datetime) -> bool:
    """Price, stock and delivery as the page states them. True where something changed that readers see."""
    if finding.state in DEAD or finding.state in PASSING or not (page.is_product or finding.state == "sold_out"):
        return False
    fields: dict[str, Any] = {}
    asked = offer.asked_minor(now)
    state = "out_of_stock" if finding.state == "sold_out" else page.availability
    if state != "unknown" and state != offer.availability:
        fields["availability"] = state
    if page.price_minor is not None and page.currency == offer.currency:
        fields |= {"price_seen_at": now}
        if page.price_minor != asked:
            fields |= {
                "price_minor": page.price_minor, "sale_price_minor": None, "sale_starts_at": None, "sale_ends_at": None,
                "list_price_minor": offer.list_price_minor
                if offer.list_price_minor and offer.list_price_minor > page.price_minor else None,
            }  # fmt: skip
    if fields:
        # The next row of the feed is read anew, whatever it says.
        fields |= {"row_hash": "", "source_kind": Offer.SourceKind.SCHEMA, "source_url": offer.url[:2000]}
        if "price_minor" in fields or "price_seen_at" in fields:
            fields["source_label"] = f"{offer.merchant.name}, {SHOP_PAGE}"[:120]
        Offer.objects.filter(pk=offer.pk).update(**fields)
    returned = "price_seen_at" in fields and offer.price_seen_at is not None and now - offer.price_seen_at > GAP
    seen = returned or bool({"availability", "price_minor"} & fields.keys())
    if seen and history_allowed(offer.policy):
        Reading.objects.create(
            offer=offer, price_minor=fields.get("price_minor", asked), currency=offer.currency,
            availability=fields.get("availability", offer.availability), observed_at=now,
            before_at=offer.price_seen_at, policy=offer.policy,
        )  # fmt: skip
    return _take_lanes(offer, page, now) or bool(fields)


def _take_lanes(offer: Offer, page: ShopPage, now: dt.datetime) -> bool:
    """Where the page says the shop ships; what a person entered later stands."""
    changed = False
    for shipping in page.shipping:
        stated = {
            "ships": Lane.Ships.YES if shipping.ships else Lane.Ships.NO,
            "price_minor": shipping.price_minor, "currency": shipping.currency, "min_days": shipping.min_days,
            "max_days": shipping.max_days, "source": f"{offer.merchant.name}, {SHOP_PAGE}"[:120],
            "source_kind": Lane.SourceKind.SCHEMA, "source_url": offer.url[:2000], "seen_at": now,
        }  # fmt: skip
        lane = Lane.objects.filter(merchant=offer.merchant_id, country=shipping.country).first()
        if lane is None:
            Lane.objects.create(merchant_id=offer.merchant_id, country=shipping.country, **stated)
            changed = True
        elif lane.source_kind != Lane.SourceKind.HAND:
            same = all(getattr(lane, name) == value for name, value in stated.items() if name != "seen_at")
            Lane.objects.filter(pk=lane.pk).update(**stated)
            changed = changed or not same
    return changed


def ask_for_check(*, offers: Any, now: dt.datetime) -> int:
    """Put offers at the head of the queue. Returns how many."""
    return OfferHealth.objects.filter(offer__in=offers).update(next_check_at=now)


def speed_up_mentioned(*, now: dt.datetime) -> int:
    """Bring forward the offers that live guides name and that nobody has looked at. Returns how many."""
    named = ProductMention.objects.filter(product=OuterRef("offer__product"), page__live=True)
    waiting = OfferHealth.objects.filter(Q(state="unchecked"), next_check_at__gt=now + MENTIONED)
    keys = list(waiting.filter(Exists(named)).values_list("pk", flat=True)[:500])
    return OfferHealth.objects.filter(pk__in=keys).update(next_check_at=now)
