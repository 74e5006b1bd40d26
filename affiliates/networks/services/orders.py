"""From transactions to orders: what the statements about an order's transactions make of it together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from affiliates.catalogue.domain.faults import FieldFault
from affiliates.earnings.domain.reports import ConversionReport, Faults, parse_report
from affiliates.networks.domain.observations import STATUS, Kind, State, order_status
from affiliates.networks.models import Observation
from cms.core.domain.money import decimal_string

#: What a report calls its fields, and what networks' rows do.
_FIELDS = {"occurred_at": "event_at", "click_id": "sub_id", "amount": "sale", "note": "reason_text"}


def is_bookable(observation: Observation) -> bool:
    """Whether the statement can be a line of an order."""
    return (
        observation.kind in {Kind.SALE, Kind.LEAD}
        and observation.state != State.UNKNOWN
        and observation.sale_minor is not None
        and observation.sale_minor >= 0
    )


def report_of_order(*, order_id: str, transactions: Sequence[Observation], now: dt.datetime) -> ConversionReport:
    """The order these transactions are lines of. FieldFault where it cannot be one."""
    lines = sorted(transactions, key=lambda item: item.external_id)
    by_time = sorted(transactions, key=lambda item: (item.event_at, item.external_id))
    status = order_status([State(item.state) for item in lines])
    first = by_time[0]
    declined = [item for item in lines if STATUS[State(item.state)] == "reversed"]
    body = {
        "order_id": order_id,
        "click_id": next((item.sub_id for item in by_time if item.sub_id), None),
        "coupon": next((item.coupon for item in by_time if item.coupon), None),
        "status": status,
        "currency": first.sale_currency,
        "occurred_at": first.event_at.astimezone(dt.UTC).isoformat(),
        "country": next((item.country for item in by_time if item.country), None),
        "note": next((item.reason_text or item.reason_code for item in declined), "") or None,
        "lines": [
            {
                "line_id": item.external_id,
                "amount": (amount := decimal_string(item.sale_minor or 0, item.sale_currency)),
                "refunded": amount if item in declined and status != "reversed" else "0",
            }
            for item in lines
        ],
    }
    try:
        return parse_report(body, now=now)
    except Faults as faults:
        fault = faults.faults[0]
        name = fault["pointer"].rpartition("/")[2]
        raise FieldFault(_FIELDS.get(name, name), fault["detail"].rstrip(".")) from None
