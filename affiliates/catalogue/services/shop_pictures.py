"""Fetching shops' own pictures of products, where their sources allow a copy: politely, a few at a time."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q, QuerySet

from affiliates.catalogue.models import Offer, Product, ProductMention, ShopPicture
from affiliates.catalogue.services.asking import Fetch, PutOff, ask, claim_host, note_host, reachable
from affiliates.catalogue.services.pictures import (
    PictureNotAllowed,
    PictureUnusable,
    draw_picture,
    drop_unused,
    keep_shop_picture,
)
from cms.core import generation
from cms.core.fetch import FetchFailed, FetchRefused, fetch
from cms.core.models import SiteImage

logger = logging.getLogger("vitrina.pictures")
ACCEPT = "image/jpeg,image/png,image/webp"
LARGEST_BYTES = 8_000_000
TIMEOUT_SECONDS = 10.0
#: When a picture that could not be had is asked for again; after that it is given up.
AGAIN = (dt.timedelta(days=1), dt.timedelta(days=7), dt.timedelta(days=30))
#: One picture a host in that time, beside its own wishes.
EACH_HOST = dt.timedelta(seconds=6)
_State, _Priority = ShopPicture.State, ShopPicture.Priority


def queue_shop_pictures(*, now: dt.datetime, limit: int = 5000) -> int:
    """Give products their place in the queue whose shops show a picture that may be copied. Returns how many are new.

    Only products without a picture or with a drawn one: what a person chose stays. Those that pages name go first,
    also when they were queued before. May be repeated. Four statements.
    """
    named = ProductMention.objects.values("product_id")
    ShopPicture.objects.filter(state=_State.WAITING, priority=_Priority.OTHER, product__in=named).update(
        priority=_Priority.MENTIONED
    )
    shown = Exists(_shown_offers().filter(product=OuterRef("pk")))
    lacking = Product.objects.standing().filter(
        shown, Q(image__isnull=True) | Q(image__origin=SiteImage.Origin.GENERATED), shop_picture__isnull=True
    )
    keys = lacking.order_by("pk").values_list("pk", flat=True)
    first = list(keys.filter(pk__in=named)[:limit])
    others = list(keys.exclude(pk__in=named)[: limit - len(first)])
    rows = [ShopPicture(product_id=pk, next_at=now, priority=_Priority.MENTIONED) for pk in first]
    rows += [ShopPicture(product_id=pk, next_at=now, priority=_Priority.OTHER) for pk in others]
    ShopPicture.objects.bulk_create(rows, batch_size=1000, ignore_conflicts=True)
    return len(rows)


def _shown_offers() -> QuerySet[Offer]:
    return Offer.objects.present().filter(policy__may_cache_images=True).exclude(image_url="")


def pictures_waiting(*, now: dt.datetime) -> int:
    """How many pictures wait to be fetched, or to be taken away. Two queries."""
    return ShopPicture.objects.due(now).count() + ShopPicture.objects.forbidden().count()


def fetch_shop_pictures(*, now: dt.datetime, limit: int = 5, fetcher: Fetch = fetch) -> int:
    """Fetch pictures that are due, one a host at a time and no host more often than it wishes. Returns how many tries.

    May run in several workers at once: a host is taken by whoever moves its next time on. At most `limit` are asked
    for, however many wait; no database lock is held meanwhile.
    """
    tried = kept = 0
    turns: Counter[str] = Counter()
    later: list[ShopPicture] = []
    for row in ShopPicture.objects.due(now).select_related("product__image")[: limit * 20]:
        if tried >= limit:
            break
        image = row.product.image
        if image is not None and image.origin != SiteImage.Origin.GENERATED:
            # Somebody chose a picture meanwhile.
            row.delete()
            continue
        offer = _shown_offers().filter(product=row.product_id).select_related("merchant").order_by("pk").first()
        if offer is None:
            _put_off(row, "no source allows it", now + AGAIN[-1])
            continue
        if reachable(offer.image_url)[1]:
            _give_up(row, "the demo's shops have no pictures")
            continue
        host = urlsplit(offer.image_url).hostname or ""
        turns[host] += 1
        if turns[host] > 1 or not claim_host(host, now=now):
            # In turn, so that a shop with a hundred thousand pictures does not stand before all others.
            row.next_at = now + turns[host] * EACH_HOST
            later.append(row)
            continue
        tried += 1
        offer.product = row.product
        kept += _fetch_one(row, offer, now, fetcher)
    ShopPicture.objects.bulk_update(later, ["next_at"])
    if kept:
        generation.bump()
    return tried


def _fetch_one(row: ShopPicture, offer: Offer, now: dt.datetime, fetcher: Fetch) -> bool:
    url = offer.image_url
    try:
        got = ask(url, now=now, fetcher=fetcher, accept=ACCEPT, max_bytes=LARGEST_BYTES, timeout=TIMEOUT_SECONDS)
    except PutOff as later:
        _put_off(row, later.reason, now + later.wait)
        return False
    except (FetchFailed, FetchRefused) as fault:
        note_host(url, failed=isinstance(fault, FetchFailed))
        return _failed(row, fault.reason, now)
    note_host(url, failed=got.status >= 500 or got.status == 429)
    if got.status != 200 or got.truncated:
        return _failed(row, "size" if got.truncated else f"status {got.status}", now)
    try:
        image = keep_shop_picture(offer=offer, data=got.body)
    except PictureNotAllowed:
        _put_off(row, "no source allows it", now + AGAIN[-1])
        return False
    except PictureUnusable as fault:
        return _failed(row, str(fault), now)
    ShopPicture.objects.filter(pk=row.pk).update(
        state=_State.KEPT, image=image, policy=offer.policy_id, tries=row.tries + 1, detail=""
    )
    return True


def _failed(row: ShopPicture, reason: str, now: dt.datetime) -> bool:
    if row.tries < len(AGAIN):
        ShopPicture.objects.filter(pk=row.pk).update(
            tries=row.tries + 1, next_at=now + AGAIN[row.tries], detail=reason[:120]
        )
    else:
        _give_up(row, reason)
    return False


def _put_off(row: ShopPicture, reason: str, until: dt.datetime) -> None:
    ShopPicture.objects.filter(pk=row.pk).update(next_at=until, detail=reason[:120])


def _give_up(row: ShopPicture, reason: str) -> None:
    ShopPicture.objects.filter(pk=row.pk).update(state=_State.GIVEN_UP, detail=reason[:120])


def forget_forbidden_pictures(*, now: dt.datetime, limit: int = 5) -> int:
    """Take away copies whose source allows none any more; a drawn picture stands in. Returns how many. Repeatable.

    A copy that a page shows by itself stays with that page, whose author answers for it; the log names it.
    """
    rows = list(ShopPicture.objects.forbidden().select_related("product", "image").order_by("pk")[:limit])
    for row in rows:
        copy = row.image
        if copy is not None and row.product.image_id == copy.pk:
            draw_picture(product=row.product)
        ShopPicture.objects.filter(pk=row.pk).update(
            state=_State.WAITING, image=None, policy=None, tries=0, next_at=now + AGAIN[-1], detail="forbidden"
        )
        if copy is not None and not drop_unused(image=copy):
            logger.warning("the copy of a shop's picture of %s is used by a page and stays", row.product.slug)
    if rows:
        generation.bump()
    return len(rows)
