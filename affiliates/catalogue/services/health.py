"""Looking politely whether offers still are what we say, and taking in what their pages state."""

from __future__ import annotations

import datetime as dt
import logging
import random
import urllib.robotparser
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q

from affiliates.catalogue.domain.page_health import AT_ONCE, DEAD, PASSING, Asked, Came, Finding, classify
from affiliates.catalogue.domain.page_markup import Markup, read_markup
from affiliates.catalogue.domain.page_tokens import decoded
from affiliates.catalogue.domain.price_history import GAP
from affiliates.catalogue.domain.shop_pages import ShopPage, read_shop_page
from affiliates.catalogue.models import HostPace, Lane, Offer, OfferCheck, OfferHealth, ProductMention, Reading
from affiliates.catalogue.selectors.history_rights import history_allowed
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Program
from cms.core import generation
from cms.core.fetch import Fetched, FetchFailed, FetchRefused, fetch

logger = logging.getLogger("vitrina.health")

Fetch = Callable[..., Fetched]
TEST_CLICK = "vitrina-check"
ROBOTS_FOR = dt.timedelta(days=1)
AGENT = "Vitrina"
#: How soon again: an offer in a live guide, one nobody names, and one that has to be confirmed.
MENTIONED, UNNAMED, CONFIRM = dt.timedelta(hours=6), dt.timedelta(days=7), dt.timedelta(minutes=11)
#: A dead end has to be seen twice, what may pass three times over an hour.
DEAD_TIMES, PASSING_TIMES, PASSING_SPAN = 2, 3, dt.timedelta(hours=1)
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

    May run in several workers at once: a host is taken by whoever moves its next time on.
    """
    looked = 0
    due = OfferHealth.objects.due(now).filter(offer__gone_at__isnull=True, offer__merchant__is_active=True)
    tried: set[str] = set()
    for health in due.select_related("offer__merchant", "offer__product", "offer__policy")[: limit * 20]:
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


def claim_host(host: str, *, now: dt.datetime) -> bool:
    """Whether it is this worker's turn to ask a host; afterwards it is nobody's for a while."""
    HostPace.objects.get_or_create(host=host, defaults={"next_at": now})
    pace = HostPace.objects.get(host=host)
    if pace.next_at > now:
        return False
    wait = dt.timedelta(seconds=pace.delay_seconds * (1 + min(pace.failures, 60)))
    return bool(HostPace.objects.filter(pk=pace.pk, next_at=pace.next_at).update(next_at=now + wait))


def check_offer(*, health: OfferHealth, now: dt.datetime, fetcher: Fetch = fetch) -> OfferCheck | None:
    """One look at one offer; None where the shop's robots.txt forbids it. Afterwards the next look has its time."""
    offer = health.offer
    if not may_look(offer.url, now=now, fetcher=fetcher):
        OfferHealth.objects.filter(pk=health.pk).update(next_check_at=now + UNNAMED, detail="robots.txt")
        return None
    param = _click_param(offer)
    came, markup = _look(_with_param(offer.url, param), fetcher)
    page = read_shop_page(markup)
    asked = Asked(
        url=_with_param(offer.url, param), name=offer.title, brand=offer.product.brand, gtin=offer.product.gtin,
        price_minor=offer.asked_minor(now), currency=offer.currency, click_param=param,
    )  # fmt: skip
    finding = classify(asked, came, markup, page)
    check = OfferCheck.objects.create(
        offer=offer, checked_at=now, state=finding.state, http_status=came.status or None, took_ms=came.took_ms,
        final_url=came.final_url[:2000], detail=finding.detail[:300],
    )  # fmt: skip
    note_host(offer.url, failed=finding.state in PASSING)
    note_finding(offer=offer, finding=finding, page=page, now=now)
    return check


def _look(url: str, fetcher: Fetch) -> tuple[Came, Markup]:
    target, allow = reachable(url)
    try:
        got = fetcher(target, accept="text/html,application/xhtml+xml", timeout=8.0, allow=allow)
    except (FetchFailed, FetchRefused) as fault:
        return Came(final_url=url, error=fault.reason), Markup()
    final = url if got.url == target else got.url
    text = decoded(got.body, got.headers.get("content-type", ""))
    return Came(final_url=final, status=got.status, took_ms=got.took_ms), read_markup(text)


def reachable(url: str) -> tuple[str, frozenset[str]]:
    """The address as it can be asked; the demo's invented shops are served by this site itself."""
    parts = urlsplit(url)
    if settings.DEMO_SHOP and (parts.hostname or "").endswith(".example"):
        origin = f"http://127.0.0.1:{settings.PORT}"
        query = f"?{parts.query}" if parts.query else ""
        return f"{origin}/_demo/shop/{parts.hostname}{parts.path}{query}", frozenset({origin})
    return url, frozenset()


def _click_param(offer: Offer) -> str:
    found = Program.objects.active().filter(merchant=offer.merchant_id).values_list("click_param", flat=True).first()
    return found or ""


def _with_param(url: str, param: str) -> str:
    if not param:
        return url
    address, mark, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{param}={TEST_CLICK}{mark}{fragment}"


def may_look(url: str, *, now: dt.datetime, fetcher: Fetch) -> bool:
    """Whether the host's robots.txt lets us look, read anew once a day. Where there is none, it does."""
    parts = urlsplit(url)
    pace = HostPace.objects.filter(host=parts.hostname or "").first()
    if pace is None:
        return True
    if pace.robots_at is None or now - pace.robots_at > ROBOTS_FOR:
        pace.robots, pace.robots_at = _robots(f"{parts.scheme}://{parts.netloc}/robots.txt", fetcher), now
        rules = _rules(pace.robots)
        delay = rules.crawl_delay(AGENT)
        pace.delay_seconds = max(5, min(3600, int(float(delay)))) if delay else 5
        pace.save(update_fields=["robots", "robots_at", "delay_seconds"])
    return _rules(pace.robots).can_fetch(AGENT, url)


def _robots(url: str, fetcher: Fetch) -> str:
    if reachable(url)[1]:
        return ""
    try:
        got = fetcher(url, accept="*/*", max_bytes=200_000)
    except (FetchFailed, FetchRefused):
        return ""
    return got.body.decode("utf-8", "replace").replace("\x00", "") if got.status == 200 else ""


def _rules(text: str) -> urllib.robotparser.RobotFileParser:
    rules = urllib.robotparser.RobotFileParser()
    rules.parse(text.splitlines())
    return rules


def note_host(url: str, *, failed: bool) -> None:
    """A host that fails is asked less often, until it answers again."""
    pace = HostPace.objects.filter(host=urlsplit(url).hostname or "")
    if failed:
        pace.filter(failures__lt=1000).update(failures=F("failures") + 1)
    else:
        pace.filter(failures__gt=0).update(failures=0)


@transaction.atomic
def note_finding(*, offer: Offer, finding: Finding, page: ShopPage, now: dt.datetime) -> OfferHealth:
    """Afterwards the offer's state is what was found, once it was found often enough to be believed.

    What the page states of price, stock and delivery is taken in with its own time and source. Pages are made anew
    where readers would see a difference.
    """
    health = OfferHealth.objects.select_for_update().get(offer=offer)
    before = health.state
    count = health.failures + 1 if finding.state not in AT_ONCE and health.detail.startswith(f"{finding.state}:") else 1
    first_at = health.since_at if count > 1 else now
    if finding.state in AT_ONCE:
        counts = finding.is_sure or before != "unchecked"
        health.failures = 0
    else:
        counts = count >= (DEAD_TIMES if finding.state in DEAD or finding.state == "tag_stripped" else PASSING_TIMES)
        counts = counts and (finding.state not in PASSING or now - first_at >= PASSING_SPAN)
        health.failures = count
    if counts and health.state != finding.state:
        health.state, health.since_at = finding.state, now
    elif count == 1 and not counts:
        health.since_at = now if before == "unchecked" else health.since_at
    health.detail = f"{finding.state}: {finding.detail}"[:300]
    health.checked_at = now
    health.next_check_at = now + _until_next(offer, finding, counted=counts, failures=health.failures)
    health.save()
    changed = _take_in(offer, finding, page, now)
    if changed or (before in DEAD) != (health.state in DEAD):
        offers_changed.send(sender=Offer, offer_ids=[offer.pk])
        generation.bump()
    return health


def _until_next(offer: Offer, finding: Finding, *, counted: bool, failures: int) -> dt.timedelta:
    if finding.state not in AT_ONCE and not counted:
        return CONFIRM if finding.state not in PASSING else dt.timedelta(minutes=21)
    named = ProductMention.objects.filter(product=offer.product_id, page__live=True).exists()
    usual = MENTIONED if named else UNNAMED
    backing_off = usual * min(2 ** max(0, failures - DEAD_TIMES), 8)
    return backing_off * (0.9 + random.random() / 5)  # noqa: S311  (a little apart, so that not all come at once)


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
