"""One order between its report and its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from affiliates.earnings.domain.attribution import VERSION as ATTRIBUTION_VERSION
from affiliates.earnings.domain.attribution import Decision
from affiliates.earnings.domain.reports import ConversionReport, LineReport
from affiliates.earnings.domain.validation import Channel
from affiliates.earnings.models import Assist, Attribution, Conversion, ConversionLine
from affiliates.earnings.selectors.ledger import Booked
from affiliates.earnings.selectors.volume_tiers import SalesKey
from affiliates.earnings.services.changes import Change, Snapshot, record_changes
from affiliates.earnings.services.ledger import Booking, book
from affiliates.earnings.services.volume_tiers import bonus_bookings, touched_by
from community.models import User


@dataclass(slots=True)
class OrderInHand:
    """One order on its way through acceptance."""

    conversion: Conversion
    report: ConversionReport
    lines: dict[str, ConversionLine] = field(default_factory=dict)
    dropped: list[ConversionLine] = field(default_factory=list)
    booked: Booked = field(default_factory=dict)
    decision: Decision | None = None
    assists: list[Assist] = field(default_factory=list)
    bookings: list[Booking] = field(default_factory=list)
    was_paid: bool = False
    #: What it was before; None for a new order.
    before: Snapshot | None = None
    #: The months of sales it counted in before.
    sales: set[SalesKey] = field(default_factory=set)
    channel: str = Channel.CLOCK
    actor: User | None = None
    reason_code: str = ""
    remark: str = ""

    @property
    def is_new(self) -> bool:
        return self.conversion.pk is None


_CONVERSION_FIELDS = [
    "status", "reported_status", "currency", "occurred_at", "updated_at", "click", "reported_click_id",
    "creator", "placement", "country", "customer", "coupon", "channel",
    "awaits_click", "version", "digest", "reason", "note",
    "creator_share_percent", "approved_at", "auto_approve_at", "available_on", "released_at", "booking",
    "reversed_at", "reason_code", "locks_at", "is_gated",
]  # fmt: skip
_LINE_FIELDS = [
    "sku", "name", "category", "quantity", "amount_minor", "refunded_minor", "product", "rule", "boost",
    "percent", "flat_minor", "cap_minor", "reason", "gross_commission_minor", "gross_creator_minor", "commission_minor",
    "creator_minor", "platform_minor", "paid_minor",
]  # fmt: skip


def save_orders(*, orders: Sequence[OrderInHand], now: dt.datetime) -> None:
    """Write the orders, their lines, decisions and transfers, in a constant number of queries."""
    new = [order for order in orders if order.is_new]
    changed = [order for order in orders if not order.is_new]
    Conversion.objects.bulk_create([order.conversion for order in new])
    Conversion.objects.rewrite([order.conversion for order in changed], _CONVERSION_FIELDS)
    dropped = [line.pk for order in changed for line in order.dropped]
    if dropped:
        ConversionLine.objects.filter(pk__in=dropped).delete()
    kept = [line for order in changed for line in order.lines.values() if line.pk is not None]
    fresh = [line for order in orders for line in order.lines.values() if line.pk is None]
    for order in orders:
        for line in order.lines.values():
            line.conversion = order.conversion
    ConversionLine.objects.bulk_create(fresh)
    ConversionLine.objects.rewrite(kept, _LINE_FIELDS)
    Attribution.objects.bulk_create(_attribution(order, now) for order in orders if order.decision is not None)
    _keep_assists([order for order in orders if order.decision is not None], changed)
    counted = {key for order in orders for key in (*order.sales, *touched_by(order.conversion))}
    bonuses = bonus_bookings(keys=counted, now=now)
    book(bookings=[*(booking for order in orders for booking in order.bookings), *bonuses], now=now)
    record_changes(
        changes=[
            Change(order.conversion, list(order.lines.values()), order.before, order.channel, order.actor, order.remark)
            for order in orders
        ],
        now=now,
    )
    for order in orders:
        _remember_lines(order.conversion, list(order.lines.values()))


def _keep_assists(decided: Sequence[OrderInHand], changed: Sequence[OrderInHand]) -> None:
    """Make the orders' assists those of the decisions just taken."""
    again = {id(order) for order in changed}
    old = [order.conversion.pk for order in decided if id(order) in again]
    if old:
        Assist.objects.filter(conversion__in=old).delete()
    for order in decided:
        for assist in order.assists:
            assist.conversion = order.conversion
            assist.occurred_at = order.conversion.occurred_at
    Assist.objects.bulk_create(assist for order in decided for assist in order.assists)


def _remember_lines(conversion: Conversion, lines: list[ConversionLine]) -> None:
    """Let `conversion.lines.all()` answer with what was just written instead of reading it again."""
    known = ConversionLine.objects.filter(conversion=conversion)
    known._result_cache = lines
    conversion._prefetched_objects_cache = {"lines": known}  # type: ignore[attr-defined]


def _attribution(order: OrderInHand, now: dt.datetime) -> Attribution:
    decision, conversion = order.decision, order.conversion
    if decision is None:
        raise ValueError("nothing was decided")
    winner, program = decision.winner, conversion.program
    return Attribution(
        conversion=conversion,
        model=program.attribution_model if program else "",
        rule_version=ATTRIBUTION_VERSION,
        window_days=program.window_days if program else None,
        click=conversion.click,
        creator_id=winner.creator_id if winner else None,
        placement_ref=winner.placement_ref if winner else "",
        placement_title=winner.guide if winner else "",
        touches=[
            {
                "click_id": item.touch.click_id,
                "coupon": item.touch.coupon,
                "exclusive": item.touch.exclusive,
                "creator_id": item.touch.creator_id,
                "placement": item.touch.placement_ref,
                "guide": item.touch.guide,
                "at": item.touch.at.isoformat(),
                "considered": item.considered,
                "join": item.touch.join,
                "why": item.why,
                "share": item.share,
            }
            for item in decision.touches
        ],
        reason=decision.reason,
        decided_at=now,
    )


def report_of(conversion: Conversion) -> ConversionReport:
    """The report that stands for a stored order. Reads its lines."""
    return ConversionReport(
        order_id=conversion.order_id,
        status=conversion.reported_status,
        currency=conversion.currency,
        occurred_at=conversion.occurred_at,
        lines=tuple(
            LineReport(
                line_id=line.line_id,
                amount_minor=line.amount_minor,
                refunded_minor=line.refunded_minor,
                sku=line.sku,
                name=line.name,
                category=line.category,
                quantity=line.quantity,
            )
            for line in conversion.lines.all()
        ),
        click_id=conversion.reported_click_id,
        coupon=conversion.coupon,
        customer=conversion.customer,
        country=conversion.country,
        version=conversion.version,
        note=conversion.note,
        channel=conversion.channel,
    )
