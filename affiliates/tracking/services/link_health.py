"""Looking whether links to a bare address still lead to the thing, as politely as at offers' pages."""

from __future__ import annotations

import datetime as dt
import logging
import random
from urllib.parse import urlsplit

from django.db import transaction

from affiliates.catalogue.domain.page_beliefs import Belief, backing_off, believed, confirmed_in
from affiliates.catalogue.domain.page_health import PASSING, Asked, Finding, classify
from affiliates.catalogue.domain.shop_pages import ShopPage, read_shop_page
from affiliates.catalogue.services.asking import Fetch, PutOff, claim_host, click_param, look, note_host, with_param
from affiliates.tracking.models import Link, LinkHealth
from cms.core.fetch import fetch

logger = logging.getLogger("vitrina.health")
#: How often a link is looked at, and when again where a look broke off.
USUAL, BROKEN = dt.timedelta(hours=20), dt.timedelta(days=1)


def make_missing_link_health(*, now: dt.datetime, limit: int = 500) -> int:
    """Give active links to a bare address that lack one a row in the queue, spread over an hour. Returns how many.

    May be repeated, also by two at once.
    """
    lacking = Link.objects.active().filter(offer__isnull=True, health__isnull=True).order_by("pk")
    rows = [
        LinkHealth(link_id=pk, since_at=now, next_check_at=now + dt.timedelta(seconds=random.randrange(3600)))  # noqa: S311
        for pk in lacking.values_list("pk", flat=True)[:limit]
    ]
    LinkHealth.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def links_due(*, now: dt.datetime) -> int:
    """How many links wait for a look. One query."""
    return LinkHealth.objects.due(now).count()


def check_due_links(*, now: dt.datetime, limit: int = 5, fetcher: Fetch = fetch) -> int:
    """Look at links that are due, one a host at a time, sharing each host's pace with offers. Returns how many.

    May run in several workers at once: a host is taken by whoever moves its next time on.
    """
    looked = 0
    tried: set[str] = set()
    for health in LinkHealth.objects.due(now).select_related("link")[: limit * 20]:
        host = urlsplit(health.link.url).hostname or ""
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


def _check_whole(health: LinkHealth, now: dt.datetime, fetcher: Fetch) -> None:
    """One look that cannot keep the others from theirs: what breaks it is logged, and it waits its turn again."""
    try:
        check_link(health=health, now=now, fetcher=fetcher)
    except Exception:
        logger.exception("the check of link %s broke off", health.link_id)
        LinkHealth.objects.filter(pk=health.pk).update(next_check_at=now + BROKEN)


def check_link(*, health: LinkHealth, now: dt.datetime, fetcher: Fetch = fetch) -> Finding | None:
    """One look at one link; None where a host on the way gives no leave. Afterwards the next look has its time.

    What was found counts once it was found often enough to be believed, as with offers.
    """
    link = health.link
    param = click_param(link.merchant_id)
    url = with_param(link.url, param)
    try:
        came, markup = look(url, now=now, fetcher=fetcher)
    except PutOff as later:
        LinkHealth.objects.filter(pk=health.pk).update(
            next_check_at=now + later.wait, detail=later.reason or health.detail
        )
        return None
    page = read_shop_page(markup)
    asked = Asked(
        url=url, name=health.first_name, brand=health.first_brand, gtin=health.first_gtin, click_param=param
    )  # fmt: skip
    finding = classify(asked, came, markup, page)
    note_host(link.url, failed=finding.state in PASSING)
    _note(health, finding, page, now)
    return finding


@transaction.atomic
def _note(health: LinkHealth, finding: Finding, page: ShopPage, now: dt.datetime) -> None:
    health = LinkHealth.objects.select_for_update().get(pk=health.pk)
    belief = believed(Belief(health.state, health.since_at, health.failures, health.detail), finding, now=now)
    health.state, health.since_at = belief.state, belief.since_at
    health.failures, health.detail = belief.failures, belief.detail
    if page.is_product and not health.first_name and finding.state in ("ok", "sold_out"):
        health.first_name, health.first_brand = page.name[:300], page.brand[:120]
        health.first_gtin = page.gtin[:14]
    health.checked_at = now
    # A little apart, so that not all come at once.
    usual = backing_off(USUAL, belief) * (0.9 + random.random() / 5)  # noqa: S311
    health.next_check_at = now + (confirmed_in(finding, belief) or usual)
    health.save()
