"""Importing a merchant's feed: the file is read and judged whole, and only then applied."""

from __future__ import annotations

import datetime as dt
import gc
import hashlib
import marshal
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import IO, Any, BinaryIO
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone

from affiliates.catalogue.domain.faults import Fault, FieldFault, StructuralFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedFormat, Record, read_record
from affiliates.catalogue.domain.feed_records import FeedMapping as MappingFacts
from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.domain.formats import FORMATS
from affiliates.catalogue.models import Feed, FeedMapping, FeedRun, SourcePolicy
from affiliates.catalogue.services import offer_store as store
from affiliates.catalogue.services.listings import apply_rows, says_the_same
from affiliates.catalogue.services.search_index import index_products
from affiliates.catalogue.signals import offers_changed
from affiliates.parties.models import Merchant
from cms.core import generation

BATCH = 5000
#: Above this share of bad rows the file as a whole is not believed.
BAD_SHARE_PERCENT = 2
#: Of a file that was refused a sample of the faults will do; of one that was taken every fault is named.
REFUSED_FAULTS_KEPT = 500
#: Larger than any merchant's catalogue; each row costs a little memory.
MOST_ROWS = 2_000_000
FAULTS_KEPT = MOST_ROWS * BAD_SHARE_PERCENT // 100
#: Above so many new products the worker makes them searchable, lest an import wait for the search index.
INDEXED_AT_ONCE = 5000
HEARTBEAT_SECONDS = 1.0
#: Receivers of `offers_changed` get keys in portions, so that none has to hold a whole catalogue.
PORTION = 5000

#: What is put aside of a row until the file was judged: the key of an offer that says what it said, None or the number
#: of a bad row, else the fingerprint and the row.
Kept = int | str | tuple[str, tuple[Any, ...]] | None
#: Called with the step ("read", "apply") and the number of rows done in it.
Progress = Callable[[str, int], None]


class FeedRefused(Exception):
    """Nothing was changed; `run` says why and names the faults."""

    def __init__(self, run: FeedRun) -> None:
        super().__init__(run.reason)
        self.run = run


def default_policy() -> SourcePolicy:
    """What a merchant's own feed lets us do."""
    policy, _ = SourcePolicy.objects.get_or_create(slug="merchant-feed", defaults={"name": "Merchant's own feed"})
    return policy


def context_for(merchant: Merchant, mapping: FeedMapping | None = None) -> FeedContext:
    """What a format has to know of the merchant. One query."""
    hosts = list(merchant.hosts.order_by("pk").values_list("host", flat=True))
    return FeedContext(
        hosts=frozenset(hosts),
        currency=merchant.currency,
        home_country=merchant.home_country,
        first_host=hosts[0] if hosts else "",
        mapping=facts_of(mapping) if mapping else None,
    )


def facts_of(mapping: FeedMapping) -> MappingFacts:
    """A stored column mapping as the reader takes it."""
    return MappingFacts(
        columns=mapping.columns,
        delimiter=mapping.delimiter,
        encoding=mapping.encoding,
        decimal_mark=mapping.decimal_mark,
        currency=mapping.currency,
        words=mapping.words,
    )


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

    Afterwards every good row is an offer; with `complete`, offers the file lacks are marked gone. A bad row's offer is
    not lacking and stays as it was; where a bad row does not even say whose it is, nothing is marked gone and `reason`
    says so. The same file again changes nothing but the time the prices were seen. FeedRefused, with nothing changed,
    where the file is broken or more than 2 % of its rows are. `source` must be seekable. Memory is bounded; batches are
    committed one by one, so a run that was killed is completed by running it again. `run` is one that waited for this.
    """
    policy = policy or default_policy()
    if run is None:
        run = FeedRun(merchant=merchant, source=_public_name(source_name), policy=policy, mapping=mapping)
    run.format, run.is_complete, run.started_at = format, complete, now
    run.status, run.heartbeat_at = FeedRun.Status.RUNNING, timezone.now()
    run.save()
    reader = FORMATS[format]
    context = context_for(merchant, mapping)
    with tempfile.TemporaryFile("w+b") as file:
        work = _Work(run, reader, context, policy, now, file, progress or (lambda step, count: None))
        with _without_collector():
            try:
                work.read(source)
            except StructuralFault as fault:
                raise _refuse(work, str(fault)) from None
            if work.is_too_bad:
                reason = f"{work.bad} of {work.count} rows are bad, more than {BAD_SHARE_PERCENT} %."
                raise _refuse(work, reason)
            work.apply()
    # Also where nothing else changed: a price that was too old to show may be shown again.
    generation.bump()
    return run


@contextmanager
def _without_collector() -> Iterator[None]:
    """Rows are freed as they go and hold no circles; looking for some costs an import a third of its time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@dataclass
class _Work:
    """One import under way: the rows that say something new are kept on disk until the file was judged."""

    run: FeedRun
    format: FeedFormat
    context: FeedContext
    policy: SourcePolicy
    now: dt.datetime
    #: Portions of rows, one after another.
    file: IO[bytes]
    tell: Progress
    count: int = 0
    bad: int = 0
    faults: list[Fault] = field(default_factory=list)
    #: Fingerprints of the numbers that were listed, eight bytes each.
    seen: set[int] = field(default_factory=set)
    #: The numbers of bad rows, and how many have none that can be read: what they list is not lacking.
    badly_listed: list[str] = field(default_factory=list)
    nameless: int = 0
    new_products: list[int] = field(default_factory=list)
    beat_at: float = 0.0

    def __post_init__(self) -> None:
        # All but the record itself that decides what its row says.
        self.salt = f"{self.format.slug}{self.format.version}{self.context.fingerprint()}".encode()
        self.label = self.run.merchant.name[:120]

    @property
    def is_too_bad(self) -> bool:
        return self.bad * 100 > self.count * BAD_SHARE_PERCENT

    # Reading ---------------------------------------------------------------------------------------------------------

    def read(self, source: BinaryIO) -> None:
        """Judge every record. One that stands as it stood is known to be good and is only counted."""
        size = source.seek(0, os.SEEK_END)
        source.seek(0)
        records = self.format.records(source, self.context)
        while batch := list(islice(records, BATCH)):
            self._read_batch(batch)
            if self.count > MOST_ROWS:
                raise StructuralFault(f"The file lists more than {MOST_ROWS:,} products; send it in parts.")
            self.tell("read", self.count)
            self._beat("read", min(source.tell(), size), size)
        if not self.count:
            raise StructuralFault("The file lists no products.")

    def _read_batch(self, batch: list[Record | FieldFault]) -> None:
        digests = [None if isinstance(record, FieldFault) else self._digest(record) for record in batch]
        # PostgreSQL is not asked for a number with a NUL: it would refuse the question.
        wanted = [
            record.external_id
            for record in batch
            if not isinstance(record, FieldFault) and "\x00" not in record.external_id
        ]
        held = store.held_offers(self.run.merchant_id, wanted)
        kept: list[Kept] = []
        for record, digest in zip(batch, digests, strict=True):
            self.count += 1
            if digest is not None and not isinstance(record, FieldFault):
                mark = hash(record.external_id)
                offer = held.get(record.external_id)
                if (
                    offer is not None
                    and mark not in self.seen
                    and says_the_same(offer, digest, self.policy.pk, self.label, self.now)
                ):
                    self.seen.add(mark)
                    kept.append(offer.pk)
                    continue
            row = read_record(self.format, record, self.context, self.count, _Numbers(self.seen))
            if isinstance(row, Fault):
                self.bad += 1
                if len(self.faults) < FAULTS_KEPT:
                    self.faults.append(row)
                kept.append(row.external_id or None)
            else:
                kept.append((digest or "", row.packed()))
        # Our own values on their way to ourselves, in a file that nobody else can open. Format 2: seeks no repetitions.
        marshal.dump(kept, self.file, 2)

    def _digest(self, record: Record) -> str:
        return hashlib.blake2b(
            record.raw.encode("utf-8", "surrogatepass"), digest_size=20, key=self.salt[:64]
        ).hexdigest()

    # Applying --------------------------------------------------------------------------------------------------------

    def apply(self) -> None:
        """Write what is new, batch by batch, each committed by itself."""
        self.file.seek(0)
        done, total = 0, self.count
        while done < total:
            kept = marshal.load(self.file)  # noqa: S302  see above
            self._apply_batch(kept)
            done += len(kept)
            self.tell("apply", done)
            self._beat("apply", done, total)
        with transaction.atomic():
            self.describe(FeedRun.Status.DONE, self._mark_gone() if self.run.is_complete else "")
        if len(self.new_products) <= INDEXED_AT_ONCE:
            index_products(self.new_products)

    def _mark_gone(self) -> str:
        """What the whole file did not list is gone; or the reason why nothing is."""
        if self.nameless:
            return f"Nothing was marked gone: {self.nameless} bad rows do not say which listing they are."
        gone = store.mark_gone(
            self.run.merchant_id, self.now, besides=self.badly_listed, feed_id=self._speaks_only_of()
        )
        self.run.gone += len(gone)
        for start in range(0, len(gone), PORTION):
            offers_changed.send(sender=FeedRun, offer_ids=gone[start : start + PORTION])
        return ""

    def _speaks_only_of(self) -> int | None:
        """The feed whose listings alone a complete file can lack; None where it speaks for the whole merchant.

        A file that somebody imports by hand as complete does, and so does a merchant's only feed. One query.
        """
        feed_id = self.run.feed_id
        if feed_id is None:
            return None
        others = Feed.objects.filter(merchant_id=self.run.merchant_id, is_active=True).exclude(pk=feed_id)
        return feed_id if others.exists() else None

    def _apply_batch(self, kept: list[Kept]) -> None:
        run = self.run
        self.nameless += sum(entry is None for entry in kept)
        self.badly_listed += [entry for entry in kept if isinstance(entry, str)]
        same = [entry for entry in kept if isinstance(entry, int)]
        if same:
            with transaction.atomic():
                store.one_at_a_time()
                store.note_seen(same, self.now, run.feed_id)
            run.unchanged += len(same)
        news = [entry for entry in kept if isinstance(entry, tuple)]
        if not news:
            return
        with transaction.atomic():
            outcome = apply_rows(
                merchant=run.merchant,
                rows=[FeedRow.unpacked(values) for _digest, values in news],
                digests=[digest for digest, _values in news],
                policy=self.policy,
                now=self.now,
                feed_id=run.feed_id,
                index=False,
            )
            # With the rows or not at all: the next run would find them unchanged and tell nobody.
            if changed := outcome.created + outcome.updated + outcome.gone:
                offers_changed.send(sender=FeedRun, offer_ids=changed)
        run.created += len(outcome.created)
        run.updated += len(outcome.updated)
        run.gone += len(outcome.gone)
        run.unchanged += outcome.unchanged
        if len(self.new_products) <= INDEXED_AT_ONCE:
            self.new_products += outcome.new_products

    # Saying how far it is --------------------------------------------------------------------------------------------

    def _beat(self, phase: str, done: int, total: int) -> None:
        """A sign of life in the run's row, once a second."""
        at = time.monotonic()
        # An import from the worker's queue beats for itself.
        if self.run.file or at - self.beat_at < HEARTBEAT_SECONDS:
            return
        self.beat_at = at
        FeedRun.objects.filter(pk=self.run.pk).update(
            phase=phase, phase_done=done, phase_total=total, heartbeat_at=timezone.now()
        )

    def describe(self, status: FeedRun.Status, reason: str) -> None:
        """Write down what became of the run."""
        run = self.run
        run.rows, run.bad = self.count, self.bad
        if not run.file:
            run.phase, run.phase_done, run.phase_total = "", 0, 0
        run.faults = [
            {"row": fault.row, "id": fault.external_id, "field": fault.field, "reason": fault.reason}
            for fault in self.faults
        ]
        # Words of the file may hold a NUL, which PostgreSQL takes in no text.
        run.status, run.reason, run.finished_at = status, reason.replace("\x00", "\ufffd")[:300], timezone.now()
        run.save()


class _Numbers:
    """The numbers listed so far, as `read_record` asks for them, kept as fingerprints."""

    def __init__(self, marks: set[int]) -> None:
        self.marks = marks

    def __contains__(self, external_id: str) -> bool:
        return hash(external_id) in self.marks

    def add(self, external_id: str) -> None:
        self.marks.add(hash(external_id))


def _public_name(source_name: str) -> str:
    """What may be stored of a source's name: of an address only the host, since its path may carry a key."""
    parts = urlsplit(source_name)
    return (f"{parts.scheme}://{parts.hostname}" if parts.scheme in {"http", "https"} else source_name)[:500]


def _refuse(work: _Work, reason: str) -> FeedRefused:
    del work.faults[REFUSED_FAULTS_KEPT:]
    work.describe(FeedRun.Status.REFUSED, reason)
    return FeedRefused(work.run)
