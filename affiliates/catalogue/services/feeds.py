"""Importing a merchant's feed: the file is read and judged whole, and only then applied."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, BinaryIO, Protocol
from urllib.parse import urlsplit

from django.db import transaction

from affiliates.catalogue.domain.faults import Fault, StructuralFault
from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.domain.google_feed import parse_google
from affiliates.catalogue.models import FeedMapping, FeedRun, Offer, SourcePolicy
from affiliates.catalogue.services.listings import apply_rows
from affiliates.catalogue.services.search_index import index_products
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Merchant
from cms.core import generation


class Parser(Protocol):
    """What a format must offer: a pure function from a file to rows and faults."""

    def __call__(self, source: BinaryIO, *, hosts: frozenset[str], now: dt.datetime) -> Iterator[FeedRow | Fault]: ...


PARSERS: dict[str, Parser] = {"google": parse_google}
BATCH = 500
#: Above this share of bad rows the file as a whole is not believed.
BAD_SHARE_PERCENT = 2
FAULTS_KEPT = 500
#: Receivers of `offers_changed` get keys in portions, so that none has to hold a whole catalogue.
PORTION = 5000

#: Called with the step ("read", "apply") and the number of rows done in it.
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

    def read(self, records: Iterator[FeedRow | Fault], tell: Progress) -> None:
        for record in records:
            if isinstance(record, Fault):
                self.bad += 1
                if len(self.faults) < FAULTS_KEPT:
                    self.faults.append(record)
            else:
                self.rows += 1
                self.file.write(record.to_json() + "\n")
            if (self.rows + self.bad) % BATCH == 0:
                tell("read", self.rows + self.bad)

    def batches(self) -> Iterator[list[FeedRow]]:
        self.file.seek(0)
        while batch := [FeedRow.from_json(line) for line in islice(self.file, BATCH)]:
            yield batch

    @property
    def is_too_bad(self) -> bool:
        return self.bad * 100 > (self.rows + self.bad) * BAD_SHARE_PERCENT


def default_policy() -> SourcePolicy:
    """What a merchant's own feed lets us do."""
    policy, _ = SourcePolicy.objects.get_or_create(slug="merchant-feed", defaults={"name": "Merchant's own feed"})
    return policy


def import_feed(
    *,
    merchant: Merchant,
    source: BinaryIO,
    format: str,
    now: dt.datetime,
    source_name: str = "",
    complete: bool = False,
    policy: SourcePolicy | None = None,
    mapping: FeedMapping | None = None,
    run: FeedRun | None = None,
    progress: Progress | None = None,
) -> FeedRun:
    """Read a feed and bring the merchant's offers to what it says.

    Afterwards every good row is an offer; with `complete`, offers the file lacks are marked gone. The same file again
    changes nothing but the time the prices were seen. FeedRefused, with nothing changed, where the file is broken or
    more than 2 % of its rows are. `source` must be seekable. Memory is bounded; batches are committed one by one, so
    a run that was killed is completed by running it again.
    """
    policy = policy or default_policy()
    tell: Progress = progress or (lambda step, count: None)
    run = run or FeedRun.objects.create(
        merchant=merchant, format=format, mapping=mapping, source=_public_name(source_name), is_complete=complete,
        started_at=now,
    )  # fmt: skip
    hosts = frozenset(merchant.hosts.values_list("host", flat=True))
    with tempfile.TemporaryFile("w+", encoding="utf-8") as file:
        spool = _Spool(file)
        try:
            spool.read(PARSERS[format](source, hosts=hosts, now=now), tell)
        except StructuralFault as fault:
            raise _refuse(run, spool, str(fault), now) from None
        if spool.is_too_bad:
            reason = f"{spool.bad} of {spool.rows + spool.bad} rows are bad, more than {BAD_SHARE_PERCENT} %."
            raise _refuse(run, spool, reason, now)
        changed = _apply(run, spool, policy, now, tell)
    for start in range(0, len(changed), PORTION):
        offers_changed.send(sender=FeedRun, offer_ids=changed[start : start + PORTION])
    # Also where nothing else changed: a price that was too old to show may be shown again.
    generation.bump()
    return run


def _public_name(source_name: str) -> str:
    """What may be stored of a source's name: of an address only the host, since its path may carry a key."""
    parts = urlsplit(source_name)
    return (f"{parts.scheme}://{parts.hostname}" if parts.scheme in {"http", "https"} else source_name)[:500]


def _describe(run: FeedRun, spool: _Spool, status: FeedRun.Status, reason: str, now: dt.datetime) -> None:
    run.rows, run.bad = spool.rows + spool.bad, spool.bad
    run.faults = [
        {"row": fault.row, "id": fault.external_id, "field": fault.field, "reason": fault.reason}
        for fault in spool.faults
    ]
    run.status, run.reason, run.finished_at = status, reason[:300], now
    run.save()


def _refuse(run: FeedRun, spool: _Spool, reason: str, now: dt.datetime) -> FeedRefused:
    _describe(run, spool, FeedRun.Status.REFUSED, reason, now)
    return FeedRefused(run)


def _apply(run: FeedRun, spool: _Spool, policy: SourcePolicy, now: dt.datetime, tell: Progress) -> list[int]:
    changed: list[int] = []
    new_products: list[int] = []
    done = 0
    for batch in spool.batches():
        outcome = apply_rows(merchant=run.merchant, rows=batch, policy=policy, now=now, index=False)
        run.created += len(outcome.created)
        run.updated += len(outcome.updated)
        run.unchanged += outcome.unchanged
        changed += outcome.created + outcome.updated
        new_products += outcome.new_products
        done += len(batch)
        tell("apply", done)
    with transaction.atomic():
        if run.is_complete:
            lacking = Offer.objects.filter(merchant=run.merchant, gone_at__isnull=True, last_seen_at__lt=now)
            gone = list(lacking.values_list("pk", flat=True))
            run.gone = lacking.update(gone_at=now)
            changed += gone
        _describe(run, spool, FeedRun.Status.DONE, "", now)
    index_products(new_products)
    return changed
