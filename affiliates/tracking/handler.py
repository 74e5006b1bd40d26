"""`/go/<code>`, answered ahead of Django: look up the link, put the click on disk, redirect.

Nothing is judged here except a prefetch, which is refused so that the browser asks again when the reader really clicks.
All that a verdict needs is noted in the click; the reader's address is noted only as a keyed hash and a network class.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.template import loader
from django.utils.translation import gettext, override
from django.utils.translation.trans_real import get_languages, parse_accept_lang_header

from affiliates.tracking.domain.codes import click_id as new_click_id
from affiliates.tracking.domain.codes import forget_drawn
from affiliates.tracking.domain.payloads import encode
from affiliates.tracking.domain.requests import (
    address_facts,
    client_address,
    is_country,
    place_in_query,
    referrer_host,
)
from affiliates.tracking.domain.validity import (
    FLAG_DISABLED,
    FLAG_FORCED,
    FLAG_LONG_AGENT,
    FLAG_PREFETCH,
    FLAG_SELF,
)
from affiliates.tracking.granian_door import open_door
from affiliates.tracking.services.creator_cookie import COOKIE, creator_in_cookies
from affiliates.tracking.services.journal import Journal
from affiliates.tracking.services.link_map import DatabaseAway, Entry, LinkMap
from affiliates.tracking.services.reader_cookie import COOKIE as JOINED_COOKIE
from affiliates.tracking.services.reader_cookie import reader_in_cookies
from affiliates.tracking.services.visitor_keys import VisitorKeys
from cms.core.reader import COOKIE as READER_COOKIE

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Answer = tuple[str, list[tuple[str, str]], bytes]
Prepared = tuple[str, list[tuple[str, str]], bytes, bytes | None]

PREFIX = "/go/"
LONGEST_KEPT_AGENT = 512
_REDIRECT_HEADERS = [
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex"),
    ("Referrer-Policy", "origin"),
]
_PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("X-Robots-Tag", "noindex"),
    ("X-Content-Type-Options", "nosniff"),
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'",
    ),
]
STATUS = {
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    410: "410 Gone",
    503: "503 Service Unavailable",
}


class GoHandler:
    """Answers `/go/<code>` from memory and the journal alone."""

    def __init__(self, *, links: LinkMap, journal: Journal, visitors: VisitorKeys) -> None:
        self.links = links
        self.journal = journal
        self.visitors = visitors
        self._hops: int = settings.TRUSTED_PROXY_COUNT
        header: str = settings.COUNTRY_HEADER
        self._country_header = "HTTP_" + header.upper().replace("-", "_") if header else ""
        self._country_mark = READER_COOKIE + "="

    def answer(self, environ: Environ) -> Answer:
        """(status, headers, body) for a request below `/go/`, once its click is as safe as the journal makes it."""
        status, headers, body, payload = self.prepare(environ)
        if payload is not None:
            self.journal.append(payload)
        return status, headers, body

    def prepare(self, environ: Environ) -> Prepared:
        """The answer to a request below `/go/`, and the click to be journaled before it goes out, if it is one."""
        code: str = environ["PATH_INFO"][4:]
        entry = self.links.entries.get(code)
        if entry is None:
            try:
                entry = self.links.look_up(code.rstrip("/"))
            except DatabaseAway:
                return *problem_page(503, environ, [("Retry-After", "5")]), None
            if entry is None:
                return *problem_page(404, environ), None
        method: str = environ["REQUEST_METHOD"]
        if method != "GET" and method != "HEAD":
            return *problem_page(405, environ, [("Allow", "GET, HEAD")]), None
        prefetch = (
            "HTTP_SEC_PURPOSE" in environ
            or "HTTP_PURPOSE" in environ
            or "HTTP_X_MOZ" in environ
            or "HTTP_X_PURPOSE" in environ
        ) and is_prefetch(environ)
        click_id = new_click_id()
        payload = self._payload(environ, entry, click_id, method, prefetch)
        if prefetch:
            return STATUS[503], [("Cache-Control", "no-store")], b"", payload
        if not entry.before:
            return *problem_page(410, environ), payload
        return "302 Found", [("Location", entry.before + click_id + entry.after), *_REDIRECT_HEADERS], b"", payload

    def _payload(self, environ: Environ, entry: Entry, click_id: str, method: str, prefetch: bool) -> bytes:
        """The click as it is journaled: the facts a verdict and a report need, the address only as a keyed hash."""
        get = environ.get
        flags = "" if entry.before else FLAG_DISABLED
        if prefetch:
            flags += FLAG_PREFETCH
        if get("HTTP_SEC_FETCH_DEST", "document") != "document" or get("HTTP_SEC_FETCH_MODE", "navigate") != "navigate":
            flags += FLAG_FORCED
        agent: str = get("HTTP_USER_AGENT", "")
        if len(agent) > LONGEST_KEPT_AGENT:
            agent = agent[:LONGEST_KEPT_AGENT]
            flags += FLAG_LONG_AGENT
        country = visitor = ""
        cookies: str = get("HTTP_COOKIE", "")
        if cookies:
            if entry.creator_id and COOKIE in cookies and creator_in_cookies(cookies) == entry.creator_id:
                flags += FLAG_SELF
            country = self._chosen_country(cookies)
            if JOINED_COOKIE in cookies:
                visitor = reader_in_cookies(cookies)
        if not country and self._country_header:
            country = get(self._country_header, "")[:2].upper()
        address: str = get("REMOTE_ADDR", "")
        if self._hops:
            address = client_address(address, get("HTTP_X_FORWARDED_FOR", ""), self._hops)
        packed, network = address_facts(address)
        at = time.time_ns() // 1000
        referrer: str = get("HTTP_REFERER", "")
        query: str = environ["QUERY_STRING"]
        return encode(
            click_id,
            at,
            entry.link_id,
            method,
            flags,
            visitor or self.visitors.visitor_key(at, packed, agent),
            network,
            place_in_query(query) if query else "",
            country if country and is_country(country) else "",
            get("HTTP_ACCEPT_LANGUAGE", "")[:64],
            referrer_host(referrer) if referrer else "",
            agent,
        )

    def _chosen_country(self, cookies: str) -> str:
        """The country in the reader's cookie, which begins with it; "" where none was chosen."""
        at = cookies.find(self._country_mark)
        if at < 0 or (at and cookies[at - 1] not in " ;"):
            return ""
        start = at + len(self._country_mark)
        return cookies[start : start + 2].upper()


def is_prefetch(environ: Environ) -> bool:
    """Whether a browser says that it fetches ahead of the reader."""
    get = environ.get
    return (
        get("HTTP_SEC_PURPOSE", "").strip().lower().startswith(("prefetch", "prerender"))
        or get("HTTP_PURPOSE", "").strip().lower() in {"prefetch", "prerender", "preview"}
        or get("HTTP_X_PURPOSE", "").strip().lower() in {"prefetch", "prerender", "preview", "instant"}
        or get("HTTP_X_MOZ", "").strip().lower() == "prefetch"
    )


def problem_page(status: int, environ: Environ, headers: Iterable[tuple[str, str]] = ()) -> Answer:
    """A small page that says why there is no redirect, in the reader's language."""
    body = _page(status, _language(environ.get("HTTP_ACCEPT_LANGUAGE", "")[:200]))
    return STATUS[status], [*_PAGE_HEADERS, ("Content-Length", str(len(body))), *headers], body


@lru_cache(maxsize=1024)
def _language(accepted: str) -> str:
    offered = get_languages()
    for language, _weight in parse_accept_lang_header(accepted):
        if language in offered:
            return language
        if language.partition("-")[0] in offered:
            return language.partition("-")[0]
    return settings.LANGUAGE_CODE


@lru_cache(maxsize=64)
def _page(status: int, language: str) -> bytes:
    with override(language):
        words = {
            404: (
                gettext("There is no such link"),
                gettext("The address may have been cut off when it was copied."),
            ),
            405: (gettext("Links can only be followed"), gettext("Nothing can be sent to this address.")),
            410: (
                gettext("This link leads nowhere any more"),
                gettext("The offer has ended or its author has taken the link back."),
            ),
            503: (gettext("This link cannot be read right now"), gettext("Please try again in a moment.")),
        }[status]
        return loader.render_to_string(
            "tracking/go_problem.html",
            {
                "title": words[0],
                "detail": words[1],
                "home": gettext("To the front page"),
                "language": language,
            },
        ).encode()


class Runtime:
    """The handler of this process with its journal and link map, made when first needed and anew after a fork."""

    def __init__(self) -> None:
        self._handler: GoHandler | None = None
        os.register_at_fork(after_in_child=self.forget)

    def handler(self, *, follow: bool = False) -> GoHandler:
        """The handler; with `follow` its links are kept in memory and follow the database in the background."""
        if self._handler is None:
            data: Path = settings.DATA_DIR
            links = LinkMap(
                snapshot=data / "links.json" if follow else None,
                shop_base=f"{settings.BASE_URL}/_demo/shop" if settings.DEMO_SHOP else "",
                remember=follow,
            )
            journal = Journal(
                Path(settings.JOURNAL_DIR), sync="interval" if settings.CLICK_SYNC == "interval" else "fsync"
            )
            self._handler = GoHandler(links=links, journal=journal, visitors=VisitorKeys(data / "visitor-keys"))
            if follow:
                links.start()
        return self._handler

    def forget(self) -> None:
        """Leave everything to the parent process; above all, never give out the click ids it has drawn."""
        self._handler = None
        forget_drawn()

    def close(self) -> None:
        """Finish the journal and the background thread."""
        handler, self._handler = self._handler, None
        if handler is not None:
            handler.links.stop()
            handler.journal.close()


runtime = Runtime()


def journal_report() -> tuple[bool, dict[str, Any]]:
    """For `/readyz`: whether clicks can be written, and what this process has counted."""
    handler = runtime._handler
    if handler is None:
        return True, {"started": False}
    state = handler.journal.state
    return state.writable, {
        "started": True,
        "writable": state.writable,
        "recorded": state.recorded,
        "unrecorded": state.unrecorded,
        "answered_early": state.answered_early,
        "failed_syncs": state.failed_syncs,
        "links": len(handler.links.entries),
    }


def wrap(application: Application) -> Application:
    """A WSGI application that answers `/go/<code>` itself and leaves everything else to `application`."""
    handler = runtime.handler(follow=True)
    answer = handler.answer

    def tracked(environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if not environ["PATH_INFO"].startswith(PREFIX):
            return application(environ, start_response)
        status, headers, body = answer(environ)
        start_response(status, headers)
        # A list, nothing else: servers send it in one piece and stream the rest.
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    open_door(tracked, handler.prepare, handler.journal)
    return tracked
