"""Caps and budgets of rules: what is left of them, and cutting a line to it. `docs/money/commission.md`.

What a rule paid is the sum over the lines it prices, after refunds. It is never kept beside them, so whatever takes
an order back gives its room free again.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q, Sum
from django.db.models.functions import TruncMonth

from affiliates.earnings.domain.commission_rules import CAP, Rule, Terms, most_within, taken_back, uncapped
from affiliates.earnings.domain.states import Status
from affiliates.earnings.models import CommissionRule, Conversion, ConversionLine
from affiliates.earnings.services.pricing import price_line, rule_of

#: (rule, creator, first day of the month)
Share = tuple[int, int | None, dt.date]


def month_of(moment: dt.datetime) -> dt.date:
    """The first day of a moment's month in UTC."""
    return moment.astimezone(dt.UTC).date().replace(day=1)


@dataclass(slots=True)
class Room:
    """What capped rules paid so far, kept up while orders are priced one after the other."""

    rules: dict[int, Rule] = field(default_factory=dict)
    of_rule: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    of_creator: dict[Share, int] = field(default_factory=lambda: defaultdict(int))

    def add(self, line: ConversionLine, *, share: tuple[int | None, dt.date], sign: int = 1) -> None:
        """Count what a line earns now, or with sign -1 what it earned until now."""
        if line.rule_id in self.rules and line.rule_id is not None:
            self.of_rule[line.rule_id] += sign * line.commission_minor
            self.of_creator[(line.rule_id, *share)] += sign * line.commission_minor

    def left(self, rule: Rule, *, share: tuple[int | None, dt.date], in_order: int) -> int:
        """The least that any cap of the rule leaves for one more line of this order."""
        limits = (
            (rule.budget_minor, self.of_rule[rule.pk]),
            (rule.creator_month_minor, self.of_creator[(rule.pk, *share)]),
            (rule.order_minor, in_order),
        )
        return min(most - used for most, used in limits if most is not None)


def lock_rules(*, rule_ids: Collection[int]) -> None:
    """Until the transaction ends nobody else prices by these rules. SQLite has one writer at a time anyway."""
    if rule_ids:
        rules = CommissionRule.objects.select_for_update(no_key=True).filter(pk__in=rule_ids)
        list(rules.order_by("pk").values_list("pk"))


def room_of(rules: Iterable[Rule], *, months: Collection[dt.date], lock: bool = True) -> Room:
    """What the capped ones of these rules paid; none, or three queries.

    Call it inside the transaction that prices. Without `lock` it is only looked at, and two who look see the same room.
    """
    capped = {rule.pk: rule for rule in rules if rule.is_capped}
    room = Room(capped)
    if not capped:
        return room
    if lock:
        lock_rules(rule_ids=capped)
    lines = ConversionLine.objects.filter(rule_id__in=capped).order_by()
    room.of_rule.update(dict(lines.values_list("rule_id").annotate(Sum("commission_minor"))))
    monthly = [rule.pk for rule in capped.values() if rule.creator_month_minor is not None]
    within = Q(pk__in=[])
    for month in months:
        after = (month + dt.timedelta(days=32)).replace(day=1)
        within |= Q(conversion__occurred_at__gte=_midnight(month), conversion__occurred_at__lt=_midnight(after))
    sums = (
        lines.filter(within, rule_id__in=monthly)
        .annotate(first=TruncMonth("conversion__occurred_at", tzinfo=dt.UTC))
        .values_list("rule_id", "conversion__creator_id", "first")
        .annotate(Sum("commission_minor"))
    )
    for rule_id, creator_id, first, paid in sums:
        room.of_creator[rule_id, creator_id, month_of(first)] += paid
    return room


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)


def cut_to_room(
    *, line: ConversionLine, room: Room, share: tuple[int | None, dt.date], in_order: int, is_reversed: bool
) -> None:
    """Write onto a line how much of what its rule says fits into the rule's caps; `cap` where not all of it does.

    A line that was cut stays cut while it would earn as much: room that comes free goes to later orders.
    """
    rule = room.rules.get(line.rule_id or 0)
    if rule is None:
        return
    gross = wanted = uncapped(Terms(percent=line.percent, flat_minor=line.flat_minor), line.amount_minor)
    if line.cap_minor is not None:
        gross = min(gross, line.cap_minor)
    if not is_reversed:
        left = room.left(rule, share=share, in_order=in_order)
        after = gross - taken_back(gross, amount_minor=line.amount_minor, refunded_minor=line.refunded_minor)
        if after > max(left, 0):
            gross = most_within(
                left, wanted_minor=gross, amount_minor=line.amount_minor, refunded_minor=line.refunded_minor
            )
    line.cap_minor, line.reason = (gross, CAP) if gross < wanted else (None, "")


def room_around(*, conversion: Conversion, lines: Sequence[ConversionLine]) -> Room:
    """What the capped rules of a stored order's lines paid to all others: a decision may give some of it back, or ask
    for more. Call it inside the transaction that prices; three queries where a rule is capped, else none.
    """
    month = month_of(conversion.occurred_at)
    room = room_of((rule_of(line.rule) for line in lines if line.rule), months={month})
    for line in lines:
        room.add(line, share=(conversion.creator_id, month), sign=-1)
    return room


def cut_lines(*, lines: Sequence[ConversionLine], conversion: Conversion, room: Room) -> None:
    """Cut an order's lines to what their rules' caps leave, one after the other, and count what each earns."""
    if not room.rules:
        return
    paid = defaultdict[int | None, int](int)
    share = conversion.creator_id, month_of(conversion.occurred_at)
    for line in lines:
        cut_to_room(
            line=line,
            room=room,
            share=share,
            in_order=paid[line.rule_id],
            is_reversed=conversion.status == Status.REVERSED,
        )
        price_line(line=line, conversion=conversion)
        room.add(line, share=share)
        paid[line.rule_id] += line.commission_minor
