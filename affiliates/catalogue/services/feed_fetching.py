"""Fetching the feeds whose time has come. A feed's address may carry a key: it is never logged, shown or stored again.

What is fetched is not read here: it becomes a queued import with its file. A shop that says "not modified", or sends
the very bytes of the last import, confirms what it said then; the prices of that import count as seen again.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
import tempfile
from dataclasses import dataclass, field
from typing import IO, Any, BinaryIO, cast

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from affiliates.catalogue.models import Feed, FeedRun, Offer, SourcePolicy
from affiliates.catalogue.models.feeds import FeedQuerySet
from affiliates.catalogue.services.feeds import default_policy
from affiliates.catalogue.services.offer_store import one_at_a_time
from affiliates.parties.models import Merchant
from cms.core import generation, periodic
from cms.core.fetch import FetchFailed, FetchRefused, fetch
from cms.core.masking import mask_text
from community.services.operators import tell_operators

LARGEST_FILE = 500 * 1024 * 1024
LONGEST_FETCH_SECONDS = 900.0
#: For how long a feed that is being fetched is nobody else's, should the one who fetches it die.
CLAIM = dt.timedelta(seconds=LONGEST_FETCH_SECONDS + 60)
FIRST_RETRY_MINUTES = 5
FAILURES_UNTIL_TOLD = 5
PULSE_BYTES = 1024 * 1024


class FeedUnavailable(Exception):
    """The feed could not be fetched; the message is for people and names no address."""


@dataclass
class _Sink:
    """A file that is hashed as it is written, and lets the worker breathe in between."""

    file: IO[bytes]
    digest: Any = field(default_factory=hashlib.sha256)
    since_pulse: int = 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.since_pulse += len(data)
        if self.since_pulse >= PULSE_BYTES:
            self.since_pulse = 0
            periodic.pulse()
        return self.file.write(data)


def waiting_feeds() -> int:
    """How many feeds wait to be fetched. One query."""
    return _due(timezone.now()).count()


def _due(now: dt.datetime) -> FeedQuerySet:
    """A feed whose last file is still being imported is not fetched again."""
    at_work = FeedRun.objects.filter(feed=OuterRef("pk"), status__in=[FeedRun.Status.QUEUED, FeedRun.Status.RUNNING])
    return Feed.objects.due(now).exclude(Exists(at_work))


def fetch_due_feeds() -> int:
    """Fetch every feed that is due, the longest due first; returns how many. May be repeated, also side by side."""
    fetched = 0
    while (feed := _claim(timezone.now())) is not None:
        try:
            fetch_feed(feed=feed, now=timezone.now())
        except periodic.Interrupted:
            Feed.objects.filter(pk=feed.pk).update(next_run_at=timezone.now())
            raise
        fetched += 1
        periodic.pulse()
    return fetched


def _claim(now: dt.datetime) -> Feed | None:
    for feed in _due(now).select_related("merchant").order_by("next_run_at")[:20]:
        claimed = Feed.objects.filter(pk=feed.pk, next_run_at=feed.next_run_at).update(next_run_at=now + CLAIM)
        if claimed:
            return feed
    return None


def fetch_feed(*, feed: Feed, now: dt.datetime) -> FeedRun | None:
    """Fetch one feed; returns the import that now waits, or None where nothing is new or nothing came.

    Afterwards the feed says when it is fetched next, and why nothing came. May be repeated.
    """
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as file:
        sink = _Sink(file)
        try:
            headers = _download(feed, sink)
        except FeedUnavailable as fault:
            note_feed_failure(feed=feed, reason=str(fault), now=now)
            return None
        feed.checked_at, feed.next_run_at = now, now + dt.timedelta(minutes=feed.every_minutes)
        digest = sink.digest.hexdigest()
        if headers is None or (feed.content_hash and digest == feed.content_hash):
            _confirm(feed, now)
            return None
        run = queue_run(
            merchant=feed.merchant, feed=feed, format=feed.format, mapping=feed.mapping, policy=feed.policy,
            complete=feed.is_complete, source=feed.public_url, file=file, now=now,
        )  # fmt: skip
    feed.etag, feed.last_modified = headers.get("etag", "")[:300], headers.get("last-modified", "")[:60]
    feed.content_hash = digest
    feed.save(update_fields=["checked_at", "next_run_at", "etag", "last_modified", "content_hash"])
    return run


def _download(feed: Feed, sink: _Sink) -> dict[str, str] | None:
    """The answer's headers with its body in the sink; None where the shop says that nothing changed."""
    conditions = {"If-None-Match": feed.etag, "If-Modified-Since": feed.last_modified}
    headers = {name: value for name, value in conditions.items() if value and feed.content_hash}
    try:
        fetched = fetch(
            feed.url, headers=headers, max_bytes=LARGEST_FILE, timeout=LONGEST_FETCH_SECONDS, allow=own_places(),
            sink=cast(BinaryIO, sink),
        )  # fmt: skip
    except (FetchRefused, FetchFailed) as fault:
        raise FeedUnavailable(str(fault)) from None
    if fetched.status == 304 and headers:
        return None
    if fetched.status != 200:
        raise FeedUnavailable(_("The shop answered with the status %(status)d.") % {"status": fetched.status})
    return dict(fetched.headers)


def fetch_soon(*, feed: Feed, now: dt.datetime) -> bool:
    """The worker's next round fetches the feed, whatever the shop says of its age. False where it is switched off.

    May be repeated.
    """
    if not (feed.is_active and feed.merchant.is_active):
        return False
    Feed.objects.filter(pk=feed.pk).update(next_run_at=now, etag="", last_modified="", content_hash="")
    return True


def own_places() -> frozenset[str]:
    """Where the demo's shops are: in a folder of this very site, which is not on the public internet."""
    return frozenset({f"{settings.BASE_URL}/_demo/"}) if settings.DEMO_SHOP else frozenset()


def _confirm(feed: Feed, now: dt.datetime) -> None:
    """What the feed said at its last success it still says; its prices are as fresh as this answer.

    An import stamps what it saw with its own time, which is the feed's last success: what was not seen since then this
    feed does not list. Offers that were listed before feeds were noted are known by that very time. A price that was
    read on the shop's page since is confirmed where the page asks what the feed asks; another keeps its own.
    """
    if feed.succeeded_at is not None:
        kind = Offer.SourceKind
        of_feed = Q(feed=feed, last_seen_at__gte=feed.succeeded_at) | Q(
            feed__isnull=True, last_seen_at=feed.succeeded_at
        )
        listed = Offer.objects.filter(
            of_feed,
            merchant_id=feed.merchant_id,
            policy_id=feed.policy_id or default_policy().pk,
            gone_at__isnull=True,
            last_seen_at__lte=now,
        )
        with transaction.atomic():
            # Imports write many offers in an order of their own.
            one_at_a_time()
            listed.filter(source_kind=kind.FEED).update(price_seen_at=now, last_seen_at=now)
            listed.filter(source_kind=kind.SCHEMA, row_hash=Offer.AGREED, price_seen_at__lt=now).update(
                price_seen_at=now, last_seen_at=now, source_kind=kind.FEED, source_label=feed.merchant.name[:120],
                source_url="", row_hash="",
            )  # fmt: skip
            listed.filter(source_kind=kind.SCHEMA).update(last_seen_at=now)
    feed.succeeded_at, feed.failures, feed.last_error, feed.told_overdue_at = now, 0, "", None
    feed.save(update_fields=["checked_at", "next_run_at", "succeeded_at", "failures", "last_error", "told_overdue_at"])
    generation.bump()


def queue_run(
    *,
    merchant: Merchant,
    format: str,
    file: IO[bytes],
    source: str,
    now: dt.datetime,
    feed: Feed | None = None,
    mapping: Any = None,
    policy: SourcePolicy | None = None,
    complete: bool = False,
    requested_by: Any = None,
) -> FeedRun:
    """Keep the file where nobody can fetch it and queue its import. Not to be repeated: each call is an import."""
    file.seek(0)
    return FeedRun.objects.create(
        merchant=merchant, feed=feed, format=format, mapping=mapping, policy=policy, is_complete=complete,
        source=source[:500], file=File(file, name=f"{merchant.slug[:40]}-{secrets.token_hex(8)}.feed"),
        requested_by=requested_by, status=FeedRun.Status.QUEUED, created_at=now, started_at=now,
    )  # fmt: skip


def note_feed_success(*, feed: Feed, now: dt.datetime) -> None:
    """The feed's last file was imported, and stamped what it saw with `now`. May be repeated."""
    Feed.objects.filter(pk=feed.pk).update(succeeded_at=now, failures=0, last_error="", told_overdue_at=None)


def note_feed_failure(*, feed: Feed, reason: str, now: dt.datetime) -> None:
    """The feed failed: it is tried again soon, then less and less often, and the next answer is read in any case."""
    failures = feed.failures + 1
    wait = min(feed.every_minutes, FIRST_RETRY_MINUTES * 2 ** min(failures - 1, 12))
    Feed.objects.filter(pk=feed.pk).update(
        failures=failures, last_error=mask_text(reason)[:300], checked_at=now,
        next_run_at=now + dt.timedelta(minutes=wait), etag="", last_modified="", content_hash="",
    )  # fmt: skip
    feed.refresh_from_db()


def tell_of_feeds(*, now: dt.datetime) -> int:
    """Afterwards the operator knows of every feed that keeps failing or is overdue; returns how many were news.

    May be repeated, also side by side: a feed is told of once, and again only after it was well.
    """
    told = 0
    for feed in Feed.objects.filter(
        is_active=True, merchant__is_active=True, told_overdue_at__isnull=True
    ).select_related("merchant"):
        if feed.failures < FAILURES_UNTIL_TOLD and not feed.is_overdue(now):
            continue
        if Feed.objects.filter(pk=feed.pk, told_overdue_at__isnull=True).update(told_overdue_at=now):
            _tell(feed)
            told += 1
    return told


def watch_feeds() -> None:
    """What the worker does. May be repeated."""
    tell_of_feeds(now=timezone.now())


def _tell(feed: Feed) -> None:
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("Vitrina: the feed “%(feed)s” of %(merchant)s brings nothing") % {
            "feed": feed.name,
            "merchant": feed.merchant.name,
        }
        success = f"{feed.succeeded_at:%Y-%m-%d %H:%M} UTC" if feed.succeeded_at else _("never")
        lines = [
            _("Last success: %(time)s") % {"time": success},
            _("Failures in a row: %(number)d") % {"number": feed.failures},
            *([_("Last error: %(error)s") % {"error": feed.last_error}] if feed.last_error else []),
            "",
            _("Its prices disappear when they are older than its source allows."),
            _("You will hear of it again only if it was well in between."),
        ]
    tell_operators(subject=subject, body="\n".join(lines))
