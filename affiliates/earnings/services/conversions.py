"""Orders come in: each is known once, restated whole, credited, priced and booked in one transaction."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from django.db import transaction

from affiliates.earnings.domain.attribution import UNKNOWN_CLICK, decide
from affiliates.earnings.domain.commission_rules import FLAT_IN_OTHER_CURRENCY, basket_side, same_word
from affiliates.earnings.domain.reports import PARSER_VERSION, ConversionReport
from affiliates.earnings.domain.states import Status, effective_status
from affiliates.earnings.domain.validation import Reason
from affiliates.earnings.models import (
    Assist,
    Conversion,
    ConversionLine,
    RawReport,
    ReportOutcome,
)
from affiliates.earnings.selectors.coupons import codes_in_force
from affiliates.earnings.selectors.ledger import booked_for, paid_for
from affiliates.earnings.services.booking import bookings_for, settle_state
from affiliates.earnings.services.caps import Room, cut_lines, month_of, room_of
from affiliates.earnings.services.changes import snapshot
from affiliates.earnings.services.orders_in_hand import OrderInHand, report_of, save_orders
from affiliates.earnings.services.pricing import (
    Tariff,
    active_program,
    freeze_terms,
    gtins_of,
    price_line,
    products_by_sku,
    spread_paid,
    tariff_of,
)
from affiliates.earnings.services.touches import Found, find_touches, join_touches
from affiliates.earnings.services.volume_tiers import touched_by
from affiliates.parties.models import Merchant, Program


class Fate(StrEnum):
    """What became of a report."""

    CREATED = "created"
    CHANGED = "changed"
    KNOWN = "known"
    OLDER = "older"
    LOCKED = "locked"
    CONFLICT = "conflict"


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order and what its report did to it."""

    conversion: Conversion
    fate: Fate

    @property
    def is_refused(self) -> bool:
        """Whether the report was refused because the order does not allow it."""
        return self.fate in {Fate.LOCKED, Fate.CONFLICT}


def new_raw(*, merchant: Merchant, body: bytes, channel: str, now: dt.datetime, key_prefix: str = "") -> RawReport:
    """A message as it arrived, not yet saved: `accept_reports` saves it together with what it causes."""
    return RawReport(
        merchant=merchant,
        channel=channel,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        key_prefix=key_prefix,
        parser_version=PARSER_VERSION,
        received_at=now,
    )


def lock_merchant(*, merchant: Merchant) -> None:
    """Until the transaction ends no other process takes in orders of this merchant.

    An order that is not known yet has no row to lock, so the merchant's stands in for it. `no_key` leaves
    rows that only refer to the merchant, such as clicks, free to be written. SQLite has one writer at a time
    anyway.
    """
    Merchant.objects.select_for_update(no_key=True).get(pk=merchant.pk)


def accept_report(
    *,
    merchant: Merchant,
    report: ConversionReport,
    raw: RawReport,
    now: dt.datetime,
    found: Found | None = None,
) -> Accepted:
    """Take in one report: afterwards the order is in the reported state, credited, priced and booked.

    May be repeated: the same report again changes nothing. See `accept_reports`.
    """
    return accept_reports(merchant=merchant, reports=[report], raw=raw, now=now, found=found)[0]


def accept_reports(
    *,
    merchant: Merchant,
    reports: Sequence[ConversionReport],
    raw: RawReport,
    now: dt.datetime,
    found: Found | None = None,
    places: Sequence[int] | None = None,
) -> list[Accepted]:
    """Take in many reports of one merchant, in their order, in one transaction and a constant number of
    queries.

    Reports with a version: the highest wins and an older one changes nothing. Those without count as they
    arrive. A locked order refuses. `raw` is saved first if it is not yet; `places` are the reports' places in
    it. Looks for clicks before the transaction unless they are given as `found`.
    """
    found = find_touches(reports=reports) if found is None else found
    order_of = list(places) if places is not None else list(range(len(reports)))
    accepted: dict[int, Accepted] = {}
    with transaction.atomic():
        lock_merchant(merchant=merchant)
        if raw.pk is None:
            raw.save()
        program = active_program(merchant)
        waves = list(_waves(reports))
        if len(waves) > 1:
            _lock_orders(merchant, reports)
        for wave in waves:
            accepted |= _accept_wave(merchant, program, [(i, reports[i]) for i in wave], found, raw.channel, now)
        results = [accepted[i] for i in range(len(reports))]
        ReportOutcome.objects.bulk_create(
            _outcome(raw, place, report, result, now)
            for place, report, result in zip(order_of, reports, results, strict=True)
        )
    return results


def _lock_orders(merchant: Merchant, reports: Sequence[ConversionReport]) -> None:
    """Lock what a later wave needs before the first one books: whoever decides about an order locks it first, then
    its month of sales and its creator's account.
    """
    orders = Conversion.objects.filter(merchant=merchant, order_id__in={report.order_id for report in reports})
    list(orders.select_for_update(of=("self",)).order_by("pk").values_list("pk"))


def _waves(reports: Sequence[ConversionReport]) -> Iterator[list[int]]:
    """The reports' places, cut so that no order comes twice in a wave and its reports keep their order."""
    waves: list[list[int]] = []
    count: dict[str, int] = defaultdict(int)
    for index, report in enumerate(reports):
        number = count[report.order_id]
        count[report.order_id] += 1
        if number == len(waves):
            waves.append([])
        waves[number].append(index)
    yield from waves


def _outcome(raw: RawReport, place: int, report: ConversionReport, result: Accepted, now: dt.datetime) -> ReportOutcome:
    kinds = ReportOutcome.Result
    kind, reason = kinds.APPLIED, result.conversion.reason
    if result.is_refused:
        kind, reason = kinds.REJECTED, str(result.fate)
    elif result.fate in {Fate.KNOWN, Fate.OLDER}:
        kind, reason = kinds.DUPLICATE, str(result.fate)
    elif any(line.reason == FLAT_IN_OTHER_CURRENCY for line in result.conversion.lines.all()):
        kind, reason = kinds.PARKED, FLAT_IN_OTHER_CURRENCY
    return ReportOutcome(
        raw=raw,
        index=place,
        result=kind,
        reason=reason,
        conversion=result.conversion,
        version=report.version,
        digest=report.digest,
        at=now,
    )


def _accept_wave(
    merchant: Merchant,
    program: Program | None,
    wave: Sequence[tuple[int, ConversionReport]],
    found: Found,
    channel: str,
    now: dt.datetime,
) -> dict[int, Accepted]:
    """Reports on orders that differ from each other."""
    known = {
        conversion.order_id: conversion
        for conversion in Conversion.objects.filter(
            merchant=merchant, order_id__in=[report.order_id for _, report in wave]
        )
        .select_for_update(of=("self",))
        .select_related("program")
        .prefetch_related("lines")
        .order_by("pk")
    }
    result: dict[int, Accepted] = {}
    work: list[tuple[int, OrderInHand]] = []
    for index, report in wave:
        conversion = known.get(report.order_id)
        if conversion is None:
            fresh = Conversion(
                merchant=merchant, order_id=report.order_id, program=program, received_at=now, updated_at=now
            )
            work.append((index, OrderInHand(fresh, report)))
        elif (fate := _unchanged(conversion, report, found)) is not None:
            result[index] = Accepted(conversion, fate)
        else:
            lines = {line.line_id: line for line in conversion.lines.all()}
            work.append((index, OrderInHand(conversion, report, lines)))
    for _, order in work:
        order.channel = channel
    created = {index for index, order in work if order.is_new}
    restate(merchant=merchant, orders=[order for _, order in work], found=found, now=now)
    for index, order in work:
        result[index] = Accepted(order.conversion, Fate.CREATED if index in created else Fate.CHANGED)
    return result


def _unchanged(conversion: Conversion, report: ConversionReport, found: Found) -> Fate | None:
    """Why a report on a known order changes nothing; None when it does change it."""
    if report.digest == conversion.digest:
        arrived_late = _awaits_click(conversion) and found.reported(report) is not None
        return None if arrived_late and not conversion.locked_at else Fate.KNOWN
    if report.version is not None and conversion.version is not None:
        if report.version < conversion.version:
            return Fate.OLDER
        if report.version == conversion.version:
            same = conversion.outcomes.filter(version=report.version, digest=report.digest).exclude(
                result=ReportOutcome.Result.REJECTED
            )
            return Fate.KNOWN if same.exists() else Fate.CONFLICT
    return Fate.LOCKED if conversion.locked_at else None


def restate(*, merchant: Merchant, orders: Sequence[OrderInHand], found: Found, now: dt.datetime) -> None:
    """Bring orders to the state of their reports and book the difference. The caller holds their locks."""
    if not orders:
        return
    found = _with_joined(merchant, orders, found)
    tariffs = _tariffs(orders, found)
    enrolled = {pk: found.with_enrolment(tariff.was_in) for pk, tariff in tariffs.items()}
    products = products_by_sku(merchant, {line.sku for order in orders for line in order.report.lines})
    old = [order.conversion.pk for order in orders if not order.is_new]
    booked = booked_for(old)
    gtins = gtins_of(products.values()) if any(tariff.asks_for_products for tariff in tariffs.values()) else {}
    room = room_of(
        (rule for tariff in tariffs.values() for rule in tariff.rules),
        months={month_of(order.report.occurred_at) for order in orders}
        | {month_of(order.conversion.occurred_at) for order in orders if not order.is_new},
    )
    for order in orders:
        order.before = None if order.is_new else snapshot(order.conversion, list(order.lines.values()))
        order.booked = booked.get(order.conversion.pk, {}) if not order.is_new else {}
        order.sales = set() if order.is_new else touched_by(order.conversion)
        tariff = tariffs[order.conversion.program_id]
        marked = enrolled[order.conversion.program_id]
        _restate(order, tariff, marked, _Known(products, gtins, room), now)
    _spread_payments(orders)
    save_orders(orders=orders, now=now)


def _with_joined(merchant: Merchant, orders: Sequence[OrderInHand], found: Found) -> Found:
    """The reported clicks with what else is asked where credit is decided: the same visitors' others, and codes."""
    anew = [order for order in orders if _is_decided_anew(order)]
    windows = [(order.report, order.conversion.program.window_days) for order in anew if order.conversion.program]
    codes = codes_in_force(
        merchant_id=merchant.pk, asked={(order.report.coupon, order.report.occurred_at) for order in anew}
    )
    return replace(join_touches(found=found, windows=windows), codes=codes)


def _awaits_click(conversion: Conversion) -> bool:
    """Whether the order names a click that was not there when its credit was decided."""
    return conversion.awaits_click or conversion.reason == UNKNOWN_CLICK


def _is_decided_anew(order: OrderInHand) -> bool:
    """Whether the report names other facts than the standing decision rests on."""
    conversion, report = order.conversion, order.report
    return (
        order.is_new
        or _awaits_click(conversion)
        or (report.click_id, report.coupon, report.channel, report.occurred_at)
        != (conversion.reported_click_id, conversion.coupon, conversion.channel, conversion.occurred_at)
    )


def _tariffs(orders: Sequence[OrderInHand], found: Found) -> dict[int | None, Tariff]:
    creators = found.creators()
    programs = {order.conversion.program_id: order.conversion.program for order in orders}
    return {pk: tariff_of(program, creator_ids=creators) for pk, program in programs.items()}


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for all orders of a wave: number → product, product → GTIN, and what capped rules paid."""

    products: dict[str, int]
    gtins: dict[int, str]
    room: Room


def _restate(order: OrderInHand, tariff: Tariff, found: Found, known: _Known, now: dt.datetime) -> None:
    conversion, report = order.conversion, order.report
    if not order.is_new:
        share = conversion.creator_id, month_of(conversion.occurred_at)
        for line in order.lines.values():
            known.room.add(line, share=share, sign=-1)
    decide_anew = _is_decided_anew(order)
    basket = sum(line.amount_minor for line in order.lines.values())
    priced_by, paid_to = _pricing_facts(conversion, tariff, basket), (conversion.creator_id, conversion.currency)
    _set_dates(conversion, report, tariff.program)
    conversion.reported_status = report.status
    conversion.currency, conversion.occurred_at = report.currency, report.occurred_at
    conversion.reported_click_id, conversion.coupon = report.click_id, report.coupon
    conversion.channel = report.channel
    conversion.customer, conversion.note = report.customer, report.note
    conversion.digest, conversion.updated_at = report.digest, now
    if report.version is not None:
        conversion.version = report.version
    if decide_anew:
        _credit(order, tariff, found)
    conversion.country = report.country or _country_of_click(conversion, found)
    status = effective_status(Status(report.status), auto_approve_at=conversion.auto_approve_at, now=now)
    settle_state(conversion, status=status, now=now, reason_code=order.reason_code or Reason.REPORTED)
    order.was_paid = any(line.paid_minor for line in order.lines.values())
    if not order.is_new and (conversion.creator_id, conversion.currency) != paid_to:
        order.was_paid = True  # perhaps: the one credited now may have been credited, and paid in this currency, before
    basket = sum(said.amount_minor for said in report.lines)
    _take_lines(order, tariff, known, basket, keep_terms=_pricing_facts(conversion, tariff, basket) == priced_by)
    cut_lines(lines=list(order.lines.values()), conversion=conversion, room=known.room)
    order.bookings = bookings_for(conversion, list(order.lines.values()), order.booked, now=now)


def _country_of_click(conversion: Conversion, found: Found) -> str:
    """Where the reader was: the credited click says it, or the one that a code has beaten."""
    click = conversion.click
    if click is None and not conversion.reason:
        click = found.rows.get(conversion.reported_click_id)
    return click.country if click and click.merchant_id == conversion.merchant_id else ""


def _pricing_facts(conversion: Conversion, tariff: Tariff, basket_minor: int) -> tuple[object, ...]:
    """What a line's terms follow from besides the line itself. While it stands, so do the terms."""
    return (
        conversion.occurred_at,
        conversion.currency,
        conversion.country,
        conversion.creator_id,
        conversion.reason,
        same_word(conversion.coupon),
        conversion.customer,
        basket_side(tariff.rules, basket_minor),
    )


def _set_dates(conversion: Conversion, report: ConversionReport, program: Program | None) -> None:
    """Fix when the order approves itself and when its money becomes available: once, counted from the order's
    day.

    A restated time of the order moves both dates with it, whatever the programme says by now.
    """
    if program is None:
        return
    if conversion.available_on is None:
        conversion.available_on = report.occurred_at.date() + dt.timedelta(days=program.hold_days)
        if program.auto_approve_days is not None:
            conversion.auto_approve_at = report.occurred_at + dt.timedelta(days=program.auto_approve_days)
        if program.lock_days is not None:
            conversion.locks_at = report.occurred_at + dt.timedelta(days=program.lock_days)
            conversion.auto_approve_at = conversion.auto_approve_at or conversion.locks_at
        conversion.is_gated = program.brand_pays_first
    elif report.occurred_at != conversion.occurred_at:
        conversion.available_on += report.occurred_at.date() - conversion.occurred_at.date()
        if conversion.auto_approve_at is not None:
            conversion.auto_approve_at += report.occurred_at - conversion.occurred_at
        if conversion.locks_at is not None:
            conversion.locks_at += report.occurred_at - conversion.occurred_at


def _credit(order: OrderInHand, tariff: Tariff, found: Found) -> None:
    conversion, report = order.conversion, order.report
    decision = decide(
        merchant_id=conversion.merchant_id,
        occurred_at=report.occurred_at,
        click_id=report.click_id,
        coupon=report.coupon,
        reported=found.reported(report),
        others=found.same_visitor(report),
        code=found.code(report),
        channel=report.channel,
        policy=tariff.policy,
    )
    order.decision = decision
    winner = decision.winner
    conversion.awaits_click = bool(report.click_id) and found.reported(report) is None
    conversion.click = found.rows.get(winner.click_id) if winner else None
    order.assists = [
        Assist(creator_id=touch.creator_id, click=found.rows.get(touch.click_id), coupon=touch.coupon)
        for touch in decision.assists
        if touch.creator_id is not None
    ]
    conversion.creator_id = winner.creator_id if winner else None
    conversion.placement_id = winner.placement_id if winner else None
    conversion.reason = "" if winner else decision.reason
    if winner and conversion.creator_share_percent is None and tariff.program:
        conversion.creator_share_percent = tariff.program.creator_share_percent


def _take_lines(order: OrderInHand, tariff: Tariff, known: _Known, basket_minor: int, *, keep_terms: bool) -> None:
    """Make the order's lines those of the report; a line keeps its terms while what they followed from
    stands.
    """
    old, new = order.lines, {}
    for said in order.report.lines:
        line = old.pop(said.line_id, None)
        frozen = keep_terms and line is not None and line.category == said.category
        if tariff.asks_for_products:
            frozen = frozen and line is not None and line.sku == said.sku
        line = line or ConversionLine(line_id=said.line_id)
        line.sku, line.name, line.category, line.quantity = said.sku, said.name, said.category, said.quantity
        line.amount_minor, line.refunded_minor = said.amount_minor, said.refunded_minor
        line.product_id = known.products.get(said.sku)
        if not frozen:
            freeze_terms(
                line=line,
                conversion=order.conversion,
                tariff=tariff,
                basket_minor=basket_minor,
                gtins=known.gtins,
            )
        price_line(line=line, conversion=order.conversion)
        new[said.line_id] = line
    order.lines, order.dropped = new, list(old.values())


def _spread_payments(orders: Sequence[OrderInHand]) -> None:
    """Lines of orders that were paid for carry their part of what was paid to the creator who is credited
    now.
    """
    touched = [order for order in orders if order.was_paid]
    paid = paid_for([order.conversion.pk for order in touched])
    for order in touched:
        conversion = order.conversion
        key = conversion.pk, conversion.creator_id or 0, conversion.currency
        spread_paid(list(order.lines.values()), paid.get(key, 0))


def credit_late_click(*, conversion: Conversion, now: dt.datetime) -> bool:
    """Credit an order whose click was not known when it came, if the click is known by now. May be
    repeated.
    """
    report = report_of(conversion)
    found = find_touches(reports=[report])
    if found.reported(report) is None:
        return False
    with transaction.atomic():
        lock_merchant(merchant=conversion.merchant)
        fresh = Conversion.objects.select_for_update(of=("self",)).select_related("program").get(pk=conversion.pk)
        if not _awaits_click(fresh) or fresh.locked_at:
            return False
        digest = fresh.digest
        order = OrderInHand(fresh, report_of(fresh), {line.line_id: line for line in fresh.lines.all()})
        restate(merchant=conversion.merchant, orders=[order], found=found, now=now)
        Conversion.objects.filter(pk=fresh.pk).update(digest=digest)
    return True
