"""Looking politely whether offers still are what we say, and taking in what their pages state."""

from __future__ import annotations

import datetime as dt
import logging
import random
from collections.abc import Iterable
from itertools import chain
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from affiliates.catalogue.domain.page_beliefs import Belief, backing_off, believed, confirmed_in
from affiliates.catalogue.domain.page_health import DEAD, PASSING, Asked, Finding, classify
from affiliates.catalogue.domain.page_offers import Ours
from affiliates.catalogue.domain.price_history import GAP
from affiliates.catalogue.domain.shop_pages import ShopPage, read_shop_page
from affiliates.catalogue.models import Lane, Offer, OfferCheck, OfferHealth, ProductMention, Reading, Ticket
from affiliates.catalogue.selectors.history_rights import history_allowed
from affiliates.catalogue.services.asking import Fetch, PutOff, claim_host, click_param, look, note_host, with_param
from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from cms.core.fetch import fetch

logger = logging.getLogger("vitrina.health")
#: How soon again: an offer in a live guide, and one nobody names.
MENTIONED, UNNAMED = dt.timedelta(hours=6), dt.timedelta(days=7)
#: When again, where a look broke off.
BROKEN = dt.timedelta(days=1)
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
        _check_whole(health, now, fetcher)
        looked += 1
        if looked >= limit:
            break
    return looked


def look_soon(*, offers: Iterable[Offer], now: dt.datetime) -> int:
    """The worker looks at these offers' pages next; returns how many. May be repeated. One statement."""
    rows = [OfferHealth(offer=offer, next_check_at=now) for offer in offers]
    OfferHealth.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["offer"], update_fields=["next_check_at"]
    )
    return len(rows)


def _check_whole(health: OfferHealth, now: dt.datetime, fetcher: Fetch) -> None:
    """One look that cannot keep the others from theirs: what breaks it is logged, and it waits its turn again."""
    try:
        check_offer(health=health, now=now, fetcher=fetcher)
    except Exception:
        logger.exception("the check of offer %s broke off", health.offer_id)
        OfferHealth.objects.filter(pk=health.pk).update(next_check_at=now + BROKEN)


def check_offer(*, health: OfferHealth, now: dt.datetime, fetcher: Fetch = fetch) -> OfferCheck | None:
    """One look at one offer; None where a host on the way gives no leave. Afterwards the next look has its time."""
    offer = health.offer
    param = click_param(offer.merchant_id)
    try:
        came, markup = look(with_param(offer.url, param), now=now, fetcher=fetcher)
    except PutOff as later:
        waiting = OfferHealth.objects.filter(pk=health.pk, next_check_at=health.next_check_at)
        waiting.update(next_check_at=now + later.wait, detail=later.reason or health.detail)
        return None
    merged = frozenset(offer.product.merged_products.exclude(gtin="").values_list("gtin", flat=True))
    asked = Asked(
        url=with_param(offer.url, param), name=offer.title, brand=offer.product.brand, gtin=offer.product.gtin,
        price_minor=offer.asked_minor(now), currency=offer.currency, click_param=param, other_gtins=merged,
    )  # fmt: skip
    ours = Ours(
        gtins=merged | ({asked.gtin} - {""}), number=offer.external_id, url=offer.url, price_minor=asked.price_minor,
        currency=offer.currency, condition=offer.condition,
    )  # fmt: skip
    page = read_shop_page(markup, ours)
    finding = classify(asked, came, markup, page)
    note_host(offer.url, failed=finding.state in PASSING)
    with transaction.atomic():
        note_finding(offer=offer, finding=finding, page=page, now=now, due_at=health.next_check_at)
        return OfferCheck.objects.create(
            offer=offer, checked_at=now, state=finding.state, http_status=came.status or None, took_ms=came.took_ms,
            is_sure=finding.is_sure, final_url=came.final_url[:2000], detail=finding.detail[:300],
        )  # fmt: skip


@transaction.atomic
def note_finding(
    *, offer: Offer, finding: Finding, page: ShopPage, now: dt.datetime, due_at: dt.datetime | None = None
) -> OfferHealth:
    """Afterwards the offer's state is what was found, once it was found often enough to be believed.

    What the page states of price, stock and delivery is taken in with its own time and source, unless something newer
    is known. Pages are made anew where readers would see a difference. `due_at` is when the look was due: where that
    was moved meanwhile, or a reader reported since `now`, the next look is not put off. Locks offer before health.
    """
    offer = _held(offer)
    health = OfferHealth.objects.select_for_update().get(offer=offer)
    before = health.state
    belief = believed(Belief(before, health.since_at, health.failures, health.detail), finding, now=now)
    health.state, health.since_at = belief.state, belief.since_at
    health.failures, health.detail = belief.failures, belief.detail
    health.checked_at = now
    if Ticket.objects.filter(offer=offer, state=Ticket.State.OPEN, opened_at__gt=now).exists():
        health.next_check_at = now
    elif due_at is None or health.next_check_at == due_at:
        health.next_check_at = now + _until_next(offer, belief, finding)
    health.save()
    changed = _take_in(offer, finding, page, now)
    if changed or (before in DEAD) != (health.state in DEAD):
        offers_changed.send(sender=Offer, offer_ids=[offer.pk])
        generation.bump()
    return health


def _held(offer: Offer) -> Offer:
    """The offer as it is now. Who takes a report or closes one locks it first too, so that nobody waits in a ring."""
    found = Offer.objects.select_for_update(of=("self",)).select_related("merchant", "policy")
    return found.get(pk=offer.pk)


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
    is_newest = offer.price_seen_at is None or offer.price_seen_at <= now
    if state not in ("unknown", offer.availability) and is_newest:
        # The next row of the feed is read anew, whatever it says.
        fields |= {"availability": state, "row_hash": offer.row_hash if offer.row_hash == Offer.AGREED else ""}
    if page.price_minor is not None and page.currency == offer.currency and is_newest:
        agrees = page.price_minor == asked and (
            offer.source_kind == Offer.SourceKind.FEED or offer.row_hash == Offer.AGREED
        )
        fields |= {
            "price_seen_at": now, "row_hash": Offer.AGREED if agrees else "", "source_kind": Offer.SourceKind.SCHEMA,
            "source_url": offer.url[:2000], "source_label": f"{offer.merchant.name}, {SHOP_PAGE}"[:120],
        }  # fmt: skip
        if page.price_minor != asked:
            fields |= {
                "price_minor": page.price_minor, "sale_price_minor": None, "sale_starts_at": None, "sale_ends_at": None,
                "list_price_minor": offer.list_price_minor
                if offer.list_price_minor and offer.list_price_minor > page.price_minor else None,
            }  # fmt: skip
    if fields:
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
    # In one order, so that two offers of a shop do not wait for each other.
    for shipping in sorted(page.shipping, key=lambda one: one.country):
        stated = {
            "ships": Lane.Ships.YES if shipping.ships else Lane.Ships.NO,
            "price_minor": shipping.price_minor, "currency": shipping.currency, "min_days": shipping.min_days,
            "max_days": shipping.max_days, "source": f"{offer.merchant.name}, {SHOP_PAGE}"[:120],
            "source_kind": Lane.SourceKind.SCHEMA, "source_url": offer.url[:2000], "seen_at": now,
        }  # fmt: skip
        lane, is_new = Lane.objects.get_or_create(
            merchant_id=offer.merchant_id, country=shipping.country, defaults=stated
        )
        if is_new:
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
