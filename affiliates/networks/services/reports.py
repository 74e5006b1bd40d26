"""A network's report comes in: judged whole, then applied a few hundred rows at a time."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO

from django.core.files import File
from django.db.models import Q
from django.utils import timezone

from affiliates.catalogue.domain.faults import StructuralFault
from affiliates.networks.domain.mappings import TableMapping
from affiliates.networks.domain.observations import Context, Parser, ReadRow, Said
from affiliates.networks.models import ReportFile, ReportMapping
from affiliates.networks.models.statements import RowResult
from affiliates.networks.registry import parser_of
from affiliates.networks.services.batches import Batch, End, count
from affiliates.parties.models import Merchant, Program

ROWS_AT_A_TIME = 500
FAULTS_KEPT = 200
LONGEST_RAW = 500

Progress = Callable[[str, int], None]


class ReportRefused(Exception):
    """The file as a whole cannot be believed; nothing of it was applied. Carries the import."""

    def __init__(self, file: ReportFile) -> None:
        super().__init__(file.reason)
        self.file = file


def _no_progress(step: str, number: int) -> None:
    return None


def import_report(
    *,
    network: str,
    merchant: Merchant,
    source: BinaryIO,
    name: str,
    now: dt.datetime,
    mapping: ReportMapping | None = None,
    dry_run: bool = False,
    requested_by: Any = None,
    progress: Progress = _no_progress,
) -> ReportFile:
    """Import a report of a merchant's account at a network; afterwards its orders are as the network states them.

    May be repeated, also after it broke off: what is known changes nothing. A dry run stores only its own counts.
    Raises ReportRefused where the file cannot be believed, and UnknownNetwork.
    """
    file = store_report(
        network=network, merchant=merchant, source=source, name=name, now=now, mapping=mapping, dry_run=dry_run,
        requested_by=requested_by, keep=not dry_run, status=ReportFile.Status.RUNNING,
    )  # fmt: skip
    return run_report(file=file, source=source, now=now, progress=progress)


def store_report(
    *,
    network: str,
    merchant: Merchant,
    source: BinaryIO,
    name: str,
    now: dt.datetime,
    mapping: ReportMapping | None = None,
    dry_run: bool = False,
    requested_by: Any = None,
    keep: bool = True,
    status: str = ReportFile.Status.QUEUED,
) -> ReportFile:
    """Write down that this file came, and keep it. Not to be repeated: each call is an import.

    A queued one is the worker's. Raises UnknownNetwork.
    """
    parser = parser_of(network)
    digest, size = hashlib.sha256(), 0
    source.seek(0)
    while chunk := source.read(1 << 18):
        digest.update(chunk)
        size += len(chunk)
    source.seek(0)
    made = ReportFile(
        network=network, merchant=merchant, mapping=mapping, name=name.rpartition("/")[2][:200] or "report",
        sha256=digest.hexdigest(), size=size, parser_version=parser.VERSION, is_dry_run=dry_run, created_at=now,
        requested_by=requested_by, status=status, heartbeat_at=now,
    )  # fmt: skip
    if keep:
        made.file = File(source, name=f"{merchant.slug[:40]}-{secrets.token_hex(8)}.report")
    made.save()
    return made


def run_report(
    *, file: ReportFile, source: BinaryIO, now: dt.datetime, progress: Progress = _no_progress
) -> ReportFile:
    """Judge the file and apply it; see `import_report`. The file's row says how it ended."""
    parser, context = parser_of(file.network), context_of(file)
    try:
        repeated = _judge(file, parser, source, context, progress)
    except StructuralFault as fault:
        file.status, file.reason, file.finished_at = ReportFile.Status.REFUSED, str(fault)[:400], timezone.now()
        file.save(update_fields=["status", "reason", "finished_at"])
        raise ReportRefused(file) from None
    # A run taken up again says its rows again; those it had stored are left as they are.
    done = set(file.rows.values_list("number", flat=True)) if file.attempts > 1 else set()
    batch = Batch(file, parser.IDS_ARE_THE_NETWORKS, now, repeated=repeated)
    counts, faults, number = Counter(_stored_counts(file)) if done else Counter(), [], 0
    rows = (row for row in parser.read(source, context) if row.number not in done)
    while portion := list(islice(rows, ROWS_AT_A_TIME)):
        ends = batch.apply(portion)
        counts += count(ends)
        faults += [_fault(end) for end in ends if end.result in {RowResult.PARKED, RowResult.REJECTED}][:FAULTS_KEPT]
        del faults[FAULTS_KEPT:]
        number += len(portion)
        progress("apply", number)
    for result in RowResult.values:
        setattr(file, result, counts[result])
    file.faults, file.status, file.finished_at = faults, ReportFile.Status.DONE, timezone.now()
    file.save(update_fields=[*RowResult.values, "faults", "status", "finished_at"])
    return file


def context_of(file: ReportFile) -> Context:
    """What the parser may lean on. The account's currency is that of the merchant's programme."""
    program = Program.objects.filter(merchant=file.merchant, is_active=True).first()
    mapping = file.mapping
    return Context(
        currency=program.currency if program else file.merchant.currency,
        mapping=TableMapping(
            columns=mapping.columns, delimiter=mapping.delimiter, encoding=mapping.encoding,
            decimal_mark=mapping.decimal_mark, date_order=mapping.date_order, time_zone=mapping.time_zone,
            currency=mapping.currency, states=mapping.states, kinds=mapping.kinds, footer=mapping.footer,
        ) if mapping else None,
    )  # fmt: skip


@dataclass(slots=True)
class _Seen:
    """Which transactions a file names more than once, in little memory."""

    hashes: set[int] = field(default_factory=set)
    repeated: set[str] = field(default_factory=set)

    def note(self, external_id: str) -> None:
        key = hash(external_id)
        if key in self.hashes:
            self.repeated.add(external_id)
        self.hashes.add(key)


def _judge(file: ReportFile, parser: Parser, source: BinaryIO, context: Context, progress: Progress) -> frozenset[str]:
    """Read the whole file once. StructuralFault where it cannot be believed."""
    if context.mapping and not parser.NEEDS_MAPPING:
        raise StructuralFault("This network's columns are known; it is read without a mapping.")
    number, advertisers, seen = 0, set[str](), _Seen()
    for number, row in enumerate(parser.read(source, context), 1):
        if file.is_dry_run and row.external_id:
            seen.note(row.external_id)
        if isinstance(row.said, Said) and row.said.advertiser and len(advertisers) < 3:
            advertisers.add(row.said.advertiser)
        if number % ROWS_AT_A_TIME == 0:
            progress("read", number)
    if len(advertisers) > 1:
        raise StructuralFault(
            f"The file holds transactions of more than one advertiser ({', '.join(sorted(advertisers))}, …). "
            "Ask the network for one advertiser's at a time."
        )
    file.rows_total = number
    file.save(update_fields=["rows_total"])
    progress("read", number)
    return frozenset(seen.repeated)


def _stored_counts(file: ReportFile) -> Iterator[str]:
    yield from file.rows.order_by().values_list("result", flat=True).iterator()


def _fault(end: End) -> dict[str, object]:
    row: ReadRow = end.row
    raw = row.raw[:LONGEST_RAW].decode("utf-8", "replace").strip().replace("\x00", "\ufffd")
    return {
        "row": row.number, "id": row.external_id, "result": str(RowResult(end.result).value), "field": end.field,
        "reason": end.reason, "raw": raw,
    }  # fmt: skip


def unfinished(now: dt.datetime, silence: dt.timedelta) -> Q:
    """Imports whose worker fell silent. One without a kept file is somebody's at a terminal."""
    return Q(status=ReportFile.Status.RUNNING, heartbeat_at__lt=now - silence) & ~Q(file="")


def counts_in_words(file: ReportFile) -> Sequence[tuple[str, int]]:
    """How many rows ended in which way."""
    return [(str(label), getattr(file, value)) for value, label in RowResult.choices]
