"""From the journal into the database: stored, judged and counted in one transaction, each click once.

How far a segment has been loaded is a row that commits with its clicks, so a killed loader goes on exactly where it
was. A segment's file is deleted when its writer is gone and all of it is committed. Unreadable bytes are never passed
over silently: the good frames around them are loaded and the file is set aside for a person to look at.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import logging
import os
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction

from affiliates.tracking.domain.agents import device_class
from affiliates.tracking.domain.codes import is_code
from affiliates.tracking.domain.frames import SEGMENT_HEADER, NotASegment, scan
from affiliates.tracking.domain.payloads import BadPayload, ClickRecord, decode
from affiliates.tracking.domain.requests import country_of_languages, split_place
from affiliates.tracking.domain.visitors import is_reader_key
from affiliates.tracking.models import Click, JournalPosition, Link, Placement, ReaderKey
from affiliates.tracking.services import click_store as store
from affiliates.tracking.services.click_store import TallyKey
from affiliates.tracking.services.judging import correct_stored, judge_batch
from affiliates.tracking.services.segments import ReadableSegment, segment_paths

logger = logging.getLogger("vitrina.loader")

BATCH = 10_000
LOCK_FILE = ".loader-lock"


class LoaderBusy(Exception):
    """Another process is loading and did not finish in time."""


@dataclass(slots=True)
class Loaded:
    """What one run did."""

    clicks: int = 0
    known: int = 0
    unreadable: int = 0
    segments: int = 0


@dataclass(slots=True)
class _Source:
    """A segment in the middle of being loaded. `offset` is committed, `reached` will be with the present batch."""

    segment: ReadableSegment
    seed: int
    offset: int
    data: bytes
    reached: int = 0
    spoiled: bool = False
    finished: bool = False

    def frames(self, limit: int) -> list[bytes]:
        """Up to `limit` payloads more; notes where they end and what was unreadable."""
        start = self.reached
        found = scan(self.data, self.seed, position=start - self.offset, limit=limit, live=self.segment.is_live)
        self.reached = self.offset + found.end
        for begin, end in found.damaged:
            self.spoiled = True
            logger.error(
                "Click journal segment %s is damaged from byte %d to %d; it is kept in %s/damaged.",
                self.segment.name, self.offset + begin, self.offset + end, self.segment.path.parent,
            )  # fmt: skip
        if found.torn_bytes:
            logger.warning(
                "The last %d bytes of click journal segment %s are no complete click: its writer was interrupted.",
                found.torn_bytes, self.segment.name,
            )  # fmt: skip
        self.finished = not self.segment.is_live and found.end >= len(self.data)
        return [payload for payload, _end in found.frames]


@dataclass(slots=True)
class _Batch:
    """Clicks that will be stored together."""

    records: list[ClickRecord] = field(default_factory=list)
    sources: list[_Source] = field(default_factory=list)


@contextlib.contextmanager
def loader_lock(*, wait: float = 30.0) -> Iterator[None]:
    """Only one process of the machine reads the journal. LoaderBusy after `wait` seconds."""
    directory = Path(settings.JOURNAL_DIR)
    directory.mkdir(parents=True, exist_ok=True)
    handle = os.open(directory / LOCK_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + wait
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    raise LoaderBusy from None
                time.sleep(0.005)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def _no_collections() -> Iterator[None]:
    """A batch is a hundred thousand small objects without a cycle among them; searching them for some costs a fifth."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load_pending(*, wait: float = 30.0, batch: int = BATCH) -> Loaded:
    """Store every click that lies in the journal. May be repeated and may be killed at any moment.

    Inside a transaction of the caller's the clicks are stored when that commits, and files are deleted afterwards.
    """
    loaded = Loaded()
    directory = Path(settings.JOURNAL_DIR)
    if not segment_paths(directory):
        return loaded
    with loader_lock(wait=wait), _no_collections():
        sources = _open_sources(segment_paths(directory))
        try:
            pending = [source for source in sources if not _skip_empty(source)]
            while pending:
                group = _gather(pending, batch, loaded)
                _store(group, loaded)
                for source in group.sources:
                    source.data = source.data[source.reached - source.offset :]
                    source.offset = source.reached
                pending = [source for source in pending if not source.finished and len(source.data) and group.records]
            for source in sources:
                if source.finished:
                    loaded.segments += 1
        finally:
            for source in sources:
                source.segment.close()
    return loaded


def waiting_clicks() -> int:
    """How many clicks lie in this machine's journal and are not stored yet. One query; reads what is not loaded."""
    paths = segment_paths(Path(settings.JOURNAL_DIR))
    positions = dict(
        JournalPosition.objects.filter(segment__in=[path.name for path in paths]).values_list("segment", "offset")
    )
    waiting = 0
    for path in paths:
        with contextlib.suppress(FileNotFoundError, NotASegment), contextlib.closing(ReadableSegment(path)) as segment:
            seed, offset = segment.seed(), positions.get(path.name, SEGMENT_HEADER.size)
            data = segment.read(offset, max(0, segment.size() - offset))
            waiting += len(scan(data, seed, position=0, limit=BATCH, live=True).frames)
    return waiting


def _open_sources(paths: Sequence[Path]) -> list[_Source]:
    positions = dict(
        JournalPosition.objects.filter(segment__in=[path.name for path in paths]).values_list("segment", "offset")
    )
    sources: list[_Source] = []
    for path in paths:
        try:
            segment = ReadableSegment(path)
        except FileNotFoundError:
            continue
        try:
            seed = segment.seed()
        except NotASegment as error:
            if not segment.is_live:
                logger.error("Click journal segment %s cannot be read (%s) and is set aside.", path.name, error)
                segment.set_aside()
            segment.close()
            continue
        offset = positions.get(path.name, SEGMENT_HEADER.size)
        data = segment.read(offset, max(0, segment.size() - offset))
        sources.append(_Source(segment, seed, offset, data, reached=offset))
    return sources


def _skip_empty(source: _Source) -> bool:
    """Nothing left in it; a finished one goes."""
    if source.data:
        return False
    if not source.segment.is_live:
        source.finished = True
        _remove(source)
    return True


def _remove(source: _Source) -> None:
    """Delete a segment whose clicks are committed, or keep a spoiled one for a person; then forget its position."""
    if source.spoiled:
        source.segment.set_aside()
    else:
        source.segment.remove()
    JournalPosition.objects.filter(segment=source.segment.name).delete()


def _gather(pending: list[_Source], limit: int, loaded: Loaded) -> _Batch:
    batch = _Batch()
    for source in pending:
        room = limit - len(batch.records)
        if room <= 0:
            break
        batch.sources.append(source)
        for payload in source.frames(room):
            try:
                batch.records.append(decode(payload))
            except BadPayload as error:
                source.spoiled = True
                loaded.unreadable += 1
                logger.error("A frame in segment %s holds no click: %s", source.segment.name, error)
    return batch


def _store(batch: _Batch, loaded: Loaded) -> None:
    """Commit a batch with its positions; then, and only then, let finished files go."""
    moved = [source for source in batch.sources if source.reached != source.offset]
    if not moved and not batch.records:
        return
    with transaction.atomic():
        store.take_lock()
        if batch.records:
            stored, known, orphans = _store_records(batch.records)
            loaded.clicks += stored
            loaded.known += known
            if orphans:
                loaded.unreadable += orphans
                logger.error(
                    "%d clicks are on links that this database does not know; their segments are kept.",
                    orphans,
                )
                for source in batch.sources:
                    source.spoiled = True
        JournalPosition.objects.bulk_create(
            [JournalPosition(segment=source.segment.name, offset=source.reached) for source in moved],
            update_conflicts=True,
            unique_fields=["segment"],
            update_fields=["offset"],
        )
        for source in moved:
            if source.finished:
                transaction.on_commit(partial(_remove, source))


def _without_withdrawn(records: list[ClickRecord]) -> list[ClickRecord]:
    """Clicks of readers who took their consent back, made by a browser that has not heard of it, lose the key."""
    named = {record.visitor for record in records if is_reader_key(record.visitor)}
    if not named:
        return records
    gone = named - set(ReaderKey.objects.filter(key__in=named).values_list("key", flat=True))
    return [record._replace(visitor="") if record.visitor in gone else record for record in records]


def _store_records(records: list[ClickRecord]) -> tuple[int, int, int]:
    """(stored, known before, without a link). The usual case, nothing known before, is tried first."""
    unique = {record.click_id: record for record in records}
    doubled = len(records) - len(unique)
    ordered = sorted(unique.values(), key=lambda record: (record.at, record.click_id))
    try:
        with transaction.atomic():
            stored, orphans = _insert_and_judge(ordered)
        return stored, doubled, orphans
    except IntegrityError:
        known = store.known_click_ids([record.click_id for record in ordered])
        if not known:
            raise
        fresh = [record for record in ordered if record.click_id not in known]
        with transaction.atomic():
            stored, orphans = _insert_and_judge(fresh)
        return stored, doubled + len(known), orphans


def _insert_and_judge(records: list[ClickRecord]) -> tuple[int, int]:
    records = _without_withdrawn(records)
    links = _links({record.link for record in records})
    placements = _placements({split_place(record.place)[0] for record in records if record.place})
    placed = [record for record in records if record.link in links]
    if not placed:
        return 0, len(records)
    judgement = judge_batch(placed)
    now = time.time_ns() // 1000
    rows: list[tuple[Any, ...]] = []
    tallies: Counter[TallyKey] = Counter()
    ids = store.reserve_ids(len(placed))
    for pk, record in zip(ids, placed, strict=True):
        creator, merchant, offer, product = links[record.link]
        placement, block = None, ""
        if record.place:
            ref, block = split_place(record.place)
            found = placements.get(ref)
            placement = found[0] if found is not None and found[1] == creator else None
            block = block if placement is not None else ""
        country = record.country or country_of_languages(record.languages)
        rows.append(
            (
                pk, record.click_id, store.stored_time(record.at), record.link, creator, merchant, offer, placement,
                block, country, device_class(record.agent), record.agent, record.referrer_host, record.method[:8],
                record.flags[:16], record.visitor, record.network,
            )
        )  # fmt: skip
        reason = judgement.fresh[record.click_id].reason._value_
        key = TallyKey(store.day_of(record.at), record.link, placement, product, country, reason, creator, merchant)
        tallies[key] += 1
    store.insert_clicks(rows)
    store.insert_verdicts(((pk, judgement.fresh[record.click_id]) for pk, record in zip(ids, placed, strict=True)), now)
    store.add_to_tallies(tallies)
    correct_stored(judgement.changed, judged_at=now)
    return len(placed), len(records) - len(placed)


def _links(ids: set[int]) -> dict[int, tuple[int | None, int, int | None, int | None]]:
    """link → (creator, merchant, offer, product). One query."""
    rows = Link.objects.filter(pk__in=ids).values_list(
        "pk", "creator_id", "merchant_id", "offer_id", "offer__product_id"
    )
    return {row[0]: (row[1], row[2], row[3], row[4]) for row in rows}


def _placements(refs: set[str]) -> dict[str, tuple[int, int | None]]:
    """ref → (placement, its creator). One query where there are any."""
    refs.discard("")
    if not refs:
        return {}
    rows = Placement.objects.filter(ref__in=refs).values_list("ref", "pk", "creator_id")
    return {ref: (pk, creator) for ref, pk, creator in rows}


def find_click(click_id: str) -> Click | None:
    """The click with this id, taken out of this machine's journal first if it is not stored yet; or None.

    Call it before opening a transaction: a transaction that already writes can keep the loader it waits for from
    finishing. One query where the click is stored.
    """
    if not is_code(click_id):
        return None
    clicks = Click.objects.select_related("link", "creator", "placement", "verdict")
    click = clicks.filter(click_id=click_id).first()
    if click is None and _is_journaled(click_id):
        inside = connection.in_atomic_block
        try:
            load_pending(wait=0.5 if inside else 10.0)
        except LoaderBusy:
            logger.warning("The journal is being loaded by another process; click %s is not there yet.", click_id)
    return click or clicks.filter(click_id=click_id).first()


def _is_journaled(click_id: str) -> bool:
    wanted = click_id.encode("ascii")
    for path in segment_paths(Path(settings.JOURNAL_DIR)):
        with contextlib.suppress(FileNotFoundError):
            if wanted in path.read_bytes():
                return True
    return False
