"""A few hundred rows of a report at a time: compared with what is known, stored, and brought into their orders."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.earnings.domain.reports import ConversionReport
from affiliates.earnings.models import RawReport
from affiliates.earnings.services.conversions import Accepted, accept_reports, lock_merchant, new_raw
from affiliates.earnings.services.touches import Found, find_touches
from affiliates.networks.domain.observations import ReadRow, Said, why_parked
from affiliates.networks.models import Change, Observation, ReportFile, ReportRow
from affiliates.networks.models.statements import RowResult
from affiliates.networks.services.orders import is_bookable, report_of_order

OTHER_CURRENCY = "other_currency"
OTHER_MERCHANT = "of_other_merchant"
OLDER = "older"
ORDER_CHANGED = "order_changed"


class _Undo(Exception):
    """Takes back what a dry run did."""


@dataclass(slots=True)
class End:
    """A row and how it ended."""

    row: ReadRow
    result: str = ""
    field: str = ""
    reason: str = ""
    observation: Observation | None = None
    is_fresh: bool = False


@dataclass(slots=True)
class Batch:
    """What is known while some rows are worked on."""

    file: ReportFile
    ids_are_the_networks: bool
    now: dt.datetime
    #: In a dry run, what earlier rows said of transactions that come more than once.
    earlier: dict[str, tuple[Observation, str, str]] = field(default_factory=dict)
    repeated: frozenset[str] = frozenset()
    #: The order each transaction of the rows in work is a line of.
    _home: dict[str, str] = field(default_factory=dict)

    def apply(self, rows: Sequence[ReadRow]) -> list[End]:
        """Afterwards rows, observations, changes, orders and money of these rows are stored together, or none is.

        A dry run does the same and takes it back. May be repeated: what is known changes nothing.
        """
        said = [row.said for row in rows if isinstance(row.said, Said)]
        # Before the transaction, since clicks may have to be loaded from the journal first.
        found = find_touches(reports=self._stubs(said))
        ends: list[End] = []
        try:
            with transaction.atomic():
                ends = self._apply(rows, said, found)
                if self.file.is_dry_run:
                    raise _Undo
        except _Undo:
            for end in ends:
                if end.observation and end.is_fresh and end.row.external_id in self.repeated:
                    self.earlier[end.row.external_id] = (end.observation, end.result, end.reason)
        return ends

    def order_id(self, said: Said) -> str:
        """The order a transaction belongs to."""
        return said.order_id or f"{self.file.network}:{said.external_id}"

    def _stubs(self, said: Iterable[Said]) -> list[ConversionReport]:
        """Reports that name the clicks of these transactions and of others of their orders."""
        said = list(said)
        orders = {self.order_id(item) for item in said}
        clicks = {(item.sub_id, item.event_at) for item in said if item.sub_id}
        known = Observation.objects.filter(merchant=self.file.merchant, order_id__in=orders).exclude(sub_id="")
        clicks |= set(known.values_list("sub_id", "event_at"))
        return [
            ConversionReport(order_id="", status="", currency="", occurred_at=at, lines=(), click_id=click_id)
            for click_id, at in clicks
        ]

    def _apply(self, rows: Sequence[ReadRow], said: Sequence[Said], found: Found) -> list[End]:
        file = self.file
        lock_merchant(merchant=file.merchant)
        latest, settled, foreign = self._known({item.external_id for item in said})
        ends = [self._compare(row, latest, settled, foreign) for row in rows]
        fresh = [end for end in ends if end.is_fresh]
        Observation.objects.bulk_create([end.observation for end in fresh if end.observation], batch_size=200)
        raw, accepted = self._book(fresh, latest, found)
        if not file.is_dry_run:
            ReportRow.objects.bulk_create(
                [
                    ReportRow(
                        file=file, number=end.row.number, raw=end.row.raw, external_id=end.row.external_id,
                        result=end.result, field=end.field[:40], reason=end.reason[:200], observation=end.observation,
                    )
                    for end in ends
                ],
                batch_size=500,
            )  # fmt: skip
            Change.objects.bulk_create(
                Change(
                    observation=end.observation, result=end.result, reason=end.reason[:200], at=self.now,
                    conversion=accepted[end.observation.order_id].conversion
                    if end.observation.order_id in accepted and end.result != RowResult.PARKED else None,
                    raw=raw if end.observation.order_id in accepted else None,
                )
                for end in fresh if end.observation
            )  # fmt: skip
        return ends

    def _known(self, ids: set[str]) -> tuple[dict[str, Observation], dict[str, tuple[str, str]], set[str]]:
        """(the latest statement of each transaction, how it ended, transactions that are another merchant's)."""
        file = self.file
        latest: dict[str, Observation] = {}
        foreign: set[str] = set()
        settled: dict[str, tuple[str, str]] = {}
        self._home = {}
        found = Observation.objects.filter(network=file.network, external_id__in=ids).select_related("change")
        for observation in found.order_by("number"):
            if observation.merchant_id == file.merchant_id:
                latest[observation.external_id] = observation
                settled[observation.external_id] = (observation.change.result, observation.change.reason)
                if observation.change.result in {RowResult.CREATED, RowResult.CHANGED}:
                    self._home[observation.external_id] = observation.order_id
            elif self.ids_are_the_networks:
                foreign.add(observation.external_id)
        for external_id in ids & self.earlier.keys():
            latest[external_id], *end = self.earlier[external_id]
            settled[external_id] = (end[0], end[1])
        return latest, settled, foreign

    def _compare(
        self, row: ReadRow, latest: dict[str, Observation], settled: dict[str, tuple[str, str]], foreign: set[str]
    ) -> End:
        said = row.said
        if isinstance(said, FieldFault):
            return End(row, RowResult.REJECTED, said.field, said.reason)
        known = latest.get(said.external_id)
        if said.external_id in foreign:
            return End(row, RowResult.REJECTED, "external_id", OTHER_MERCHANT)
        if known is not None and known.digest == said.digest:
            result, reason = settled.get(said.external_id, ("", ""))
            again = result in {RowResult.PARKED, RowResult.REJECTED}
            observation = known if known.pk and not self.file.is_dry_run else None
            return End(row, result if again else RowResult.UNCHANGED, "", reason if again else "", observation)
        if known is not None and said.updated_at and known.updated_at and said.updated_at < known.updated_at:
            return End(row, RowResult.UNCHANGED, "", OLDER)
        observation = self._observation(row, said, (known.number if known else 0) + 1)
        latest[said.external_id] = observation
        reason = why_parked(said)
        if not reason and self._home.setdefault(said.external_id, observation.order_id) != observation.order_id:
            reason = ORDER_CHANGED
        result = RowResult.PARKED if reason else RowResult.CHANGED if known else RowResult.CREATED
        settled[said.external_id] = (result, reason)
        return End(row, result, "", reason, observation, is_fresh=True)

    def _observation(self, row: ReadRow, said: Said, number: int) -> Observation:
        commission = said.commission
        return Observation(
            network=self.file.network, merchant=self.file.merchant, external_id=said.external_id, number=number,
            order_id=self.order_id(said), state=said.state.value, state_word=said.state_word, kind=said.kind.value,
            kind_word=said.kind_word, sale_text=said.sale.text, sale_minor=said.sale.minor,
            sale_currency=said.sale.currency, commission_text=commission.text if commission else "",
            commission_minor=commission.minor if commission else None,
            commission_currency=commission.currency if commission else "", event_at=said.event_at,
            click_at=said.click_at, updated_at=said.updated_at, sub_id=said.sub_id, coupon=said.coupon,
            country=said.country, reason_code=said.reason_code, reason_text=said.reason_text, digest=said.digest,
            file=self.file, row_number=row.number, observed_at=self.now,
        )  # fmt: skip

    def _book(
        self, fresh: Sequence[End], latest: dict[str, Observation], found: Found
    ) -> tuple[RawReport | None, dict[str, Accepted]]:
        """Restate the orders these statements are about; how that ended is noted at their rows."""
        by_order: dict[str, list[End]] = defaultdict(list)
        for end in fresh:
            if end.observation and end.result != RowResult.PARKED:
                by_order[end.observation.order_id].append(end)
        parked = {end.observation.pk for end in fresh if end.observation and end.result == RowResult.PARKED}
        transactions = self._transactions(by_order, parked)
        reports: list[ConversionReport] = []
        places: list[int] = []
        for order_id, ends in by_order.items():
            lines = list(transactions[order_id].values())
            if len({line.sale_currency for line in lines}) > 1:
                _end(ends, RowResult.PARKED, "currency", OTHER_CURRENCY)
                continue
            try:
                reports.append(report_of_order(order_id=order_id, transactions=lines, now=self.now))
            except FieldFault as fault:
                _end(ends, RowResult.REJECTED, fault.field, fault.reason)
                continue
            places.append(ends[0].row.number)
        if not reports:
            return None, {}
        body = b"".join(end.row.raw for end in fresh)
        raw = new_raw(
            merchant=self.file.merchant, body=body, channel=RawReport.Channel.FILE, now=self.now,
            key_prefix=self.file.network[:16],
        )  # fmt: skip
        results = accept_reports(
            merchant=self.file.merchant, reports=reports, raw=raw, now=self.now, found=found, places=places
        )
        accepted = {report.order_id: result for report, result in zip(reports, results, strict=True)}
        for order_id, result in accepted.items():
            if result.is_refused:
                _end(by_order[order_id], RowResult.REJECTED, "order_id", result.fate.value)
        return raw, accepted

    def _transactions(self, orders: Iterable[str], parked: set[int]) -> dict[str, dict[str, Observation]]:
        """The orders' transactions in their latest bookable statements. One query; the fresh ones are stored by now."""
        found: dict[str, dict[str, Observation]] = defaultdict(dict)
        related = Observation.objects.filter(merchant=self.file.merchant, order_id__in=list(orders)).order_by("number")
        for observation in related.exclude(change__result__in=[RowResult.PARKED, RowResult.REJECTED]):
            if observation.pk not in parked and is_bookable(observation):
                found[observation.order_id][observation.external_id] = observation
        for external_id, (observation, *_end_of) in self.earlier.items():
            if observation.order_id in found and is_bookable(observation):
                found[observation.order_id].setdefault(external_id, observation)
        return found


def _end(ends: Iterable[End], result: str, field: str, reason: str) -> None:
    for end in ends:
        end.result, end.field, end.reason = result, field, reason


def count(ends: Iterable[End]) -> Counter[str]:
    """How many rows ended in which way."""
    return Counter(str(RowResult(end.result).value) for end in ends)
