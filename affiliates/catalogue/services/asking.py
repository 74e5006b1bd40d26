"""Asking shops' hosts for pages: no more often than they wish, and not what their robots.txt forbids."""

from __future__ import annotations

import datetime as dt
import urllib.robotparser
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F

from affiliates.catalogue.domain.page_health import Came
from affiliates.catalogue.domain.page_markup import Markup, read_markup
from affiliates.catalogue.domain.page_tokens import decoded
from affiliates.catalogue.models import HostPace
from affiliates.parties.models import Program
from cms.core.fetch import Fetched, FetchFailed, FetchRefused

Fetch = Callable[..., Fetched]
TEST_CLICK = "vitrina-check"
ROBOTS_FOR = dt.timedelta(days=1)
AGENT = "Vitrina"


def claim_host(host: str, *, now: dt.datetime) -> bool:
    """Whether it is this worker's turn to ask a host; afterwards it is nobody's for a while."""
    HostPace.objects.get_or_create(host=host, defaults={"next_at": now})
    pace = HostPace.objects.get(host=host)
    if pace.next_at > now:
        return False
    wait = dt.timedelta(seconds=pace.delay_seconds * (1 + min(pace.failures, 60)))
    return bool(HostPace.objects.filter(pk=pace.pk, next_at=pace.next_at).update(next_at=now + wait))


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


def look(url: str, *, fetcher: Fetch) -> tuple[Came, Markup]:
    """What came back from an address, and what its page holds. Where nothing came, the page is empty."""
    target, allow = reachable(url)
    try:
        got = fetcher(target, accept="text/html,application/xhtml+xml", timeout=8.0, allow=allow)
    except (FetchFailed, FetchRefused) as fault:
        return Came(final_url=url, error=fault.reason), Markup()
    final = url if got.url == target else got.url
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
        return f"{origin}/_demo/shop/{parts.hostname}{parts.path}{query}", frozenset({origin})
    return url, frozenset()


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
