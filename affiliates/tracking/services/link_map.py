"""Every link in memory, so that a redirect asks no database.

A background thread follows the database: changed links every two seconds, everything twice a minute or as soon as a
merchant's terms differ. A link counts as changed when its offer is. A snapshot file keeps redirects going when the
database cannot be reached at start. A code that is not in memory is looked up once; unknown ones are remembered for a
while.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from django.db import DatabaseError, InterfaceError, close_old_connections, connection

from affiliates.tracking.domain.codes import is_code
from affiliates.tracking.domain.destinations import BadDestination, destination
from affiliates.tracking.selectors.destinations import LinkRow, MerchantTerms, link_rows, merchant_terms

logger = logging.getLogger("vitrina.links")

FOLLOW_EVERY = 2.0
RELOAD_EVERY = 30.0
REMEMBER_UNKNOWN = 5.0
MOST_UNKNOWN = 50_000
MOST_LINKS = 500_000
LOOKUPS_PER_SECOND = 200
RETRY_DATABASE_AFTER = 3.0


class Entry(NamedTuple):
    """What the handler needs of a link. `before` is empty where the link leads nowhere (any more)."""

    link_id: int
    creator_id: int
    before: str
    after: str


class DatabaseAway(Exception):
    """The link is not in memory and the database cannot be asked."""


class LinkMap:
    """code → Entry. `remember=False` asks the database every time: for tests and the development server."""

    def __init__(self, *, snapshot: Path | None = None, shop_base: str = "", remember: bool = True) -> None:
        self.entries: dict[str, Entry] = {}
        self.is_loaded = False
        self._snapshot = snapshot
        self._shop_base = shop_base
        self._remember = remember
        self._unknown: dict[str, float] = {}
        self._terms: dict[int, MerchantTerms] = {}
        self._newest_change: dt.datetime | None = None
        self._reloaded_at = 0.0
        self._database_away_until = 0.0
        self._lookups = (0, 0)
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # Asking --------------------------------------------------------------------------------------------------------

    def look_up(self, code: str) -> Entry | None:
        """A link that is not in memory: from the database, or None. DatabaseAway where that cannot be asked."""
        if not is_code(code):
            return None
        now = time.monotonic()
        if self._remember:
            known = self.entries.get(code)
            if known is not None:
                return known
            if self._unknown.get(code, 0.0) > now:
                return None
            if now < self._database_away_until or self._too_many_lookups(now):
                raise DatabaseAway
        try:
            terms = merchant_terms()
            rows = list(link_rows(code=code))
        except (DatabaseError, InterfaceError) as error:
            self._database_away_until = now + RETRY_DATABASE_AFTER
            logger.error("A link could not be looked up: %s", error)
            raise DatabaseAway from error
        finally:
            if self._remember:
                self._let_go()
        if not rows:
            if len(self._unknown) >= MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[code] = now + REMEMBER_UNKNOWN
            return None
        entry = self._entry(rows[0], terms)
        if self._remember and len(self.entries) < MOST_LINKS:
            self.entries[code] = entry
        return entry

    def _too_many_lookups(self, now: float) -> bool:
        """Guessing codes must not reach the database at will."""
        second, count = self._lookups
        if int(now) != second:
            second, count = int(now), 0
        self._lookups = (second, count + 1)
        return count >= LOOKUPS_PER_SECOND

    @staticmethod
    def _let_go() -> None:
        """Threads of the server outside Django's request cycle must not sit on stale connections."""
        if not connection.in_atomic_block:
            close_old_connections()

    def _entry(self, row: LinkRow, terms: dict[int, MerchantTerms]) -> Entry:
        closed = Entry(row.link_id, row.creator_id or 0, "", "")
        term = terms.get(row.merchant_id)
        if not row.is_active or term is None or term.click_param is None:
            return closed
        try:
            leads_to = destination(
                row.offer_url or row.url,
                click_param=term.click_param,
                hosts=term.hosts,
                shop_base=self._shop_base,
            )
        except BadDestination as error:
            logger.warning("Link %s leads to no address we allow (%s) and answers 410.", row.code, error.reason)
            return closed
        return Entry(row.link_id, row.creator_id or 0, leads_to.before, leads_to.after)

    # Following the database ------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Load the snapshot and begin to follow the database in the background."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._follow, name="link-map", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the background thread."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _follow(self) -> None:
        self.load_snapshot()
        while not self._stop.is_set():
            try:
                self.refresh()
            except (DatabaseError, InterfaceError) as error:
                self._database_away_until = time.monotonic() + RETRY_DATABASE_AFTER
                logger.error("Links could not be refreshed, the ones in memory stay: %s", error)
            except Exception:  # the thread must outlive anything
                logger.exception("Links could not be refreshed.")
            finally:
                connection.close()
            self._stop.wait(FOLLOW_EVERY)

    def refresh(self) -> None:
        """Take over what changed. Three queries, or a reading of all links when it is time."""
        terms = merchant_terms()
        due = time.monotonic() - self._reloaded_at > RELOAD_EVERY
        if not self.is_loaded or due or terms != self._terms:
            self._reload(terms)
            return
        since = self._newest_change - dt.timedelta(seconds=5) if self._newest_change else None
        self._take(link_rows(changed_since=since, limit=MOST_LINKS), terms, self.entries)

    def _reload(self, terms: dict[int, MerchantTerms]) -> None:
        started = dt.datetime.now(dt.UTC)
        fresh: dict[str, Entry] = {}
        self._take(link_rows(limit=MOST_LINKS), terms, fresh)
        changed = fresh != self.entries
        # The handler holds on to the dictionary itself, so it is changed in place.
        gone = self.entries.keys() - fresh.keys()
        self.entries.update(fresh)
        for code in gone:
            self.entries.pop(code, None)
        self._terms = terms
        self._newest_change = started
        self._reloaded_at = time.monotonic()
        self._unknown.clear()
        self.is_loaded = True
        if changed:
            self.save_snapshot()

    def _take(self, rows: Iterable[LinkRow], terms: dict[int, MerchantTerms], into: dict[str, Entry]) -> None:
        started = dt.datetime.now(dt.UTC)
        for number, row in enumerate(rows, start=1):
            into[row.code] = self._entry(row, terms)
            self._unknown.pop(row.code, None)
            if number % 2000 == 0:
                time.sleep(0.002)  # a long reading must not hold up redirects
        self._newest_change = started

    # Snapshot --------------------------------------------------------------------------------------------------------

    def save_snapshot(self) -> None:
        """Replace the snapshot file atomically. Failing costs nothing but the snapshot."""
        if self._snapshot is None:
            return
        part = self._snapshot.with_name(f".{self._snapshot.name}.{os.getpid()}")
        try:
            self._snapshot.parent.mkdir(parents=True, exist_ok=True)
            with part.open("w", encoding="utf-8") as file:
                json.dump({"shop": self._shop_base, "links": self.entries}, file, separators=(",", ":"))
            part.replace(self._snapshot)
        except OSError as error:
            logger.error("The snapshot of links could not be written: %s", error)

    def load_snapshot(self) -> bool:
        """Take the links of the last snapshot, where there is one for the same settings."""
        if self._snapshot is None:
            return False
        try:
            stored = json.loads(self._snapshot.read_text(encoding="utf-8"))
            if stored["shop"] != self._shop_base:
                return False
            entries = {code: Entry(*values) for code, values in stored["links"].items()}
        except FileNotFoundError:
            return False
        except (OSError, ValueError, KeyError, TypeError) as error:
            logger.error("The snapshot of links cannot be read and is ignored: %s", error)
            return False
        self.entries.update(entries)
        return True
