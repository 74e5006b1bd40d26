"""Many decisions at once: each row is a transaction of its own and reports its own result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from affiliates.earnings.domain.decision_rows import Action, DecisionRow
from affiliates.earnings.domain.validation import Channel
from affiliates.earnings.models import Conversion
from affiliates.earnings.services.decisions import DecisionRefused, amend_refund, approve_order, reverse_order
from affiliates.parties.models import Merchant
from cms.core.domain.money import parse_amount
from community.models import User


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row. `error` is empty when it was done."""

    number: int
    order_id: str
    action: str
    error: str = ""

    @property
    def done(self) -> bool:
        """Whether the order is now as the row asked."""
        return not self.error


def decide_many(
    *,
    merchant: Merchant,
    rows: Sequence[DecisionRow],
    by: User,
    now: dt.datetime,
    channel: str = Channel.PORTAL,
) -> list[RowResult]:
    """Take each row's decision about an order of this merchant, in their order. A row that is refused changes nothing
    and stops no other. May be repeated: what is done already stays done.
    """
    wanted = {row.order_id for row in rows}
    known: dict[str, Conversion] = {}
    ids = sorted(wanted)
    for start in range(0, len(ids), 500):
        found = Conversion.objects.of_merchant(merchant.pk).filter(order_id__in=ids[start : start + 500])
        known |= {conversion.order_id: conversion for conversion in found}
    results = []
    for row in rows:
        error = ""
        try:
            _decide(known.get(row.order_id), row, by, now, channel)
        except DecisionRefused as refused:
            error = str(refused)
        results.append(RowResult(row.number, row.order_id, row.action, error))
    return results


def _decide(conversion: Conversion | None, row: DecisionRow, by: User, now: dt.datetime, channel: str) -> None:
    if conversion is None:
        raise DecisionRefused(_("You have no order of this number."))
    if row.action == Action.APPROVE:
        approve_order(conversion=conversion, by=by, now=now, channel=channel)
    elif row.action == Action.DECLINE:
        reverse_order(conversion=conversion, reason=row.reason, note=row.note, by=by, now=now, channel=channel)
    elif row.action == Action.AMEND:
        try:
            refunded = parse_amount(row.refunded, conversion.currency)
        except ValueError as error:
            raise DecisionRefused(
                _("refunded: write an amount in %(currency)s, such as 12.50.") % {"currency": conversion.currency}
            ) from error
        amend_refund(
            conversion=conversion,
            line_id=row.line_id,
            refunded_minor=refunded,
            by=by,
            now=now,
            note=row.note,
            channel=channel,
        )
    else:
        raise DecisionRefused(_("action: write approve, decline or amend."))
