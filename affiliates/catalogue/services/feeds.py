"""Importing a merchant's feed: read and judged whole first, applied only then, in one transaction."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, BinaryIO

from django.db import transaction

from affiliates.catalogue.domain.feed_rows import Fault, FeedRow, StructuralFault
from affiliates.catalogue.domain.google_feed import parse_google
from affiliates.catalogue.models import FeedRun, Offer, SourcePolicy
from affiliates.catalogue.services.listings import apply_rows
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Merchant
from cms.core import generation

PARSERS = {"google": parse_google}
BATCH = 500
#: Above this share of bad rows the file as a whole is not believed.
BAD_SHARE_PERCENT = 2
FAULTS_KEPT = 500

Progress = Callable[[str, int], None]


class FeedRefused(Exception):
    """Nothing was changed; `run` says why and names the faults."""

    def __init__(self, run: FeedRun) -> None:
        super().__init__(run.reason)
        self.run = run


@dataclass
class _Spool:
    """The rows of a file that were believed, on disk, and the faults of those that were not."""

    file: IO[str]
    rows: int = 0
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)

    def batches(self) -> Iterator[list[FeedRow]]:
        self.file.seek(0)
        while batch := [FeedRow.from_json(line) for line in islice(self.file, BATCH)]:
            yield batch


def default_policy() -> SourcePolicy:
    """What a merchant's own feed lets us do."""
    policy, _ = SourcePolicy.objects.get_or_create(slug="merchant-feed", defaults={"name": "Merchant's own feed"})
    return policy


def import_feed(
    *,
    merchant: Merchant,
    source: BinaryIO,
    source_name: str,
    format: str,
    now: dt.datetime,
    complete: bool = False,
    policy: SourcePolicy | None = None,
    progress: Progress | None = None,
) -> FeedRun:
    """Read a feed and bring the merchant's offers to what it says.

    Afterwards every good row is an offer; with `complete`, offers the file lacks are marked gone. The same file again
    changes nothing but the time the prices were seen. FeedRefused, with nothing changed, where the file is broken or
    more than 2 % of its rows are. `source` must be seekable. Memory is bounded.
    """
    policy = policy or default_policy()
    tell = progress or (lambda step, count: None)
    run = FeedRun.objects.create(
        merchant=merchant, format=format, source=source_name[:500], is_complete=complete, started_at=now
    )
    hosts = frozenset(merchant.hosts.values_list("host", flat=True))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        spool = _Spool(file)
        try:
            _read(spool, PARSERS[format](source, hosts=hosts), tell)
        except StructuralFault as fault:
            raise _refuse(run, spool, str(fault), now) from None
        if spool.bad * 100 > (spool.rows + spool.bad) * BAD_SHARE_PERCENT:
            reason = f"{spool.bad} of {spool.rows + spool.bad} rows are bad, more than {BAD_SHARE_PERCENT} %."
            raise _refuse(run, spool, reason, now)
        changed = _apply(run, spool, policy, complete, now, tell)
    if changed:
        offers_changed.send(sender=FeedRun, offer_ids=changed)
        generation.bump()
    return run


def _read(spool: _Spool, records: Iterator[FeedRow | Fault], tell: Progress) -> None:
    for record in records:
        if isinstance(record, Fault):
            spool.bad += 1
            if len(spool.faults) < FAULTS_KEPT:
                spool.faults.append(record)
        else:
            spool.rows += 1
            spool.file.write(record.to_json() + "\n")
        if (spool.rows + spool.bad) % BATCH == 0:
            tell("read", spool.rows + spool.bad)


def _describe(run: FeedRun, spool: _Spool) -> None:
    run.rows, run.bad = spool.rows + spool.bad, spool.bad
    run.faults = [{"row": f.row, "field": f.field, "reason": f.reason} for f in spool.faults]


def _refuse(run: FeedRun, spool: _Spool, reason: str, now: dt.datetime) -> FeedRefused:
    _describe(run, spool)
    run.status, run.reason, run.finished_at = FeedRun.Status.REFUSED, reason[:300], now
    run.save()
    return FeedRefused(run)


def _apply(
    run: FeedRun, spool: _Spool, policy: SourcePolicy, complete: bool, now: dt.datetime, tell: Progress
) -> list[int]:
    changed: list[int] = []
    done = 0
    with transaction.atomic():
        for batch in spool.batches():
            outcome = apply_rows(merchant=run.merchant, rows=batch, policy=policy, now=now)
            run.created += len(outcome.created)
            run.updated += len(outcome.updated)
            run.unchanged += outcome.unchanged
            changed += outcome.created + outcome.updated
            done += len(batch)
            tell("apply", done)
        if complete:
            lacking = Offer.objects.filter(merchant=run.merchant, gone_at__isnull=True, last_seen_at__lt=now)
            gone = list(lacking.values_list("pk", flat=True))
            run.gone = lacking.update(gone_at=now)
            changed += gone
        _describe(run, spool)
        run.status, run.finished_at = FeedRun.Status.DONE, now
        run.save()
    return changed
