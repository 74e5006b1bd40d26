"""Asking shops' hosts for pages: no more often than they wish, and not what their robots.txt forbids."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F

from protego import Protego

from affiliates.catalogue.domain.page_health import Came
from affiliates.catalogue.domain.page_markup import Markup, read_markup
from affiliates.catalogue.domain.page_tokens import decoded, storable
from affiliates.catalogue.models import HostPace
from affiliates.parties.models import Program
from cms.core.fetch import REDIRECTS, Fetched, FetchFailed, FetchRefused

Fetch = Callable[..., Fetched]
TEST_CLICK = "vitrina-check"
ROBOTS_FOR, LARGEST_ROBOTS = dt.timedelta(days=1), 500 * 1024
#: When again: where robots.txt forbids it, where it cannot be had, and where another host on the way has its pause.
FORBIDDEN_FOR, ROBOTS_AGAIN, NEXT_TURN = dt.timedelta(days=7), dt.timedelta(hours=1), dt.timedelta(minutes=1)
MOST_HOSTS = 3
AGENT = "Vitrina"


class PutOff(Exception):
    """Not now: `reason`, empty where it is merely another's turn, and after how long to `wait` one may ask again."""

    def __init__(self, reason: str, wait: dt.timedelta) -> None:
        super().__init__(reason)
        self.reason, self.wait = reason, wait


def claim_host(host: str, *, now: dt.datetime) -> bool:
    """Whether it is this worker's turn to ask a host; afterwards it is nobody's for a while."""
    HostPace.objects.get_or_create(host=host, defaults={"next_at": now})
    pace = HostPace.objects.get(host=host)
    if pace.next_at > now:
        return False
    wait = dt.timedelta(seconds=pace.delay_seconds * (1 + min(pace.failures, 60)))
    return bool(HostPace.objects.filter(pk=pace.pk, next_at=pace.next_at).update(next_at=now + wait))


def ask(url: str, *, now: dt.datetime, fetcher: Fetch, **options: Any) -> Fetched:
    """What comes back from an address, and from where it leads; every host on the way is asked for leave first.

    PutOff where one of them gives none now; FetchFailed and FetchRefused as `fetch` has them.
    """
    target, allow = reachable(url)
    if allow:
        return fetcher(target, allow=allow, **options)
    took_ms = 0
    for _host in range(MOST_HOSTS):
        heed(url, now=now, fetcher=fetcher)
        got = fetcher(url, other_hosts=False, **options)
        took_ms += got.took_ms
        onward = got.headers.get("location", "") if got.status in REDIRECTS else ""
        if urlsplit(onward).hostname in (None, urlsplit(url).hostname):
            return replace(got, took_ms=took_ms)
        if not claim_host(urlsplit(onward).hostname or "", now=now):
            raise PutOff("", NEXT_TURN)
        url = onward
    raise FetchRefused("redirects")


def heed(url: str, *, now: dt.datetime, fetcher: Fetch) -> None:
    """PutOff where the host's robots.txt forbids us the address, or cannot be had now, which forbids all of it.

    It is read anew once a day. Where there is none, everything is allowed (RFC 9309).
    """
    parts = urlsplit(url)
    pace = HostPace.objects.filter(host=parts.hostname or "").first()
    if pace is None:
        return
    if pace.robots_at is None or now - pace.robots_at > ROBOTS_FOR:
        pace.robots, pace.robots_at = _robots(f"{parts.scheme}://{parts.netloc}/robots.txt", fetcher), now
        delay = Protego.parse(pace.robots).crawl_delay(AGENT) or 0
        pace.delay_seconds = max(5, min(3600, math.ceil(delay)))
        pace.save(update_fields=["robots", "robots_at", "delay_seconds"])
    if not Protego.parse(pace.robots).can_fetch(url, AGENT):
        raise PutOff("robots.txt", FORBIDDEN_FOR)


def look(url: str, *, now: dt.datetime, fetcher: Fetch) -> tuple[Came, Markup]:
    """What came back from an address, and what its page holds; an empty one where nothing came. PutOff as `ask`."""
    try:
        got = ask(url, now=now, fetcher=fetcher, accept="text/html,application/xhtml+xml", timeout=8.0)
    except (FetchFailed, FetchRefused) as fault:
        return Came(final_url=url, error=fault.reason), Markup()
    final = url if got.url == reachable(url)[0] else got.url
    text = decoded(got.body, got.headers.get("content-type", ""))
    return Came(final_url=final, status=got.status, took_ms=got.took_ms), read_markup(text)


def note_host(url: str, *, failed: bool) -> None:
    """Afterwards a host that failed is left alone longer, and one that answers is not."""
    pace = HostPace.objects.filter(host=urlsplit(url).hostname or "")
    if failed:
        pace.filter(failures__lt=1000).update(failures=F("failures") + 1)
    else:
        pace.filter(failures__gt=0).update(failures=0)


def click_param(merchant_id: int) -> str:
    """The parameter that carries our click id to a merchant; empty without a programme. One query."""
    found = Program.objects.active().filter(merchant=merchant_id).values_list("click_param", flat=True).first()
    return found or ""


def with_param(url: str, param: str) -> str:
    """The address as a reader would be sent there, with a click id that is nobody's."""
    if not param:
        return url
    address, mark, fragment = url.partition("#")
    return f"{address}{'&' if '?' in address else '?'}{param}={TEST_CLICK}{mark}{fragment}"


def reachable(url: str) -> tuple[str, frozenset[str]]:
    """The address as it can be asked; the demo's invented shops are served by this site itself."""
    parts = urlsplit(url)
    if settings.DEMO_SHOP and (parts.hostname or "").endswith(".example"):
        origin = f"http://127.0.0.1:{settings.PORT}"
        query = f"?{parts.query}" if parts.query else ""
        return f"{origin}/_demo/shop/{parts.hostname}{parts.path}{query}", frozenset({f"{origin}/_demo/"})
    return url, frozenset()


def _robots(url: str, fetcher: Fetch) -> str:
    try:
        got = fetcher(url, accept="*/*", max_bytes=LARGEST_ROBOTS, max_redirects=5)
    except FetchRefused:
        return ""
    if got.status >= 500 or got.status == 429:
        note_host(url, failed=True)
        raise PutOff(f"robots.txt: {got.status}", ROBOTS_AGAIN)
    return storable(got.body.decode("utf-8-sig", "replace")) if got.status == 200 else ""
