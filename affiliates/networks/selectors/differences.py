"""Where what a network says it pays us and what we booked are not the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from affiliates.earnings.models import ConversionLine
from affiliates.networks.domain.observations import STATUS, State
from affiliates.networks.models import Observation
from affiliates.networks.models.statements import RowResult
from affiliates.parties.models import Merchant
from cms.core.domain.money import decimal_string

AT_A_TIME = 500


@dataclass(frozen=True, slots=True)
class Difference:
    """One transaction on which the network and we differ, and in what.

    `what` is why the transaction is parked or rejected, or "commission", "currency" or "state".
    """

    network: str
    merchant: str
    merchant_slug: str
    external_id: str
    order_id: str
    what: str
    state: str
    reported: str
    currency: str
    booked: str
    event_at: dt.datetime


def differences(*, merchant: Merchant | None = None, limit: int = 200) -> list[Difference]:
    """The latest statements that differ from the books, latest first. Two queries for every 500 transactions."""
    later = Observation.objects.filter(
        network=OuterRef("network"), external_id=OuterRef("external_id"), merchant=OuterRef("merchant"),
        number__gt=OuterRef("number"),
    )  # fmt: skip
    latest = Observation.objects.filter(~Exists(later)).select_related("merchant", "change").order_by("-pk")
    if merchant is not None:
        latest = latest.filter(merchant=merchant)
    found: list[Difference] = []
    last: int | None = None
    while len(found) < limit:
        portion = list((latest.filter(pk__lt=last) if last else latest)[:AT_A_TIME])
        if not portion:
            break
        found += _compare(portion)
        last = portion[-1].pk
    return found[:limit]


def _compare(observations: Sequence[Observation]) -> list[Difference]:
    lines = {
        (line.conversion_id, line.line_id): line
        for line in ConversionLine.objects.filter(
            conversion__in={item.change.conversion_id for item in observations if item.change.conversion_id},
            line_id__in={item.external_id for item in observations},
        ).select_related("conversion")
    }
    found = []
    for item in observations:
        line = lines.get((item.change.conversion_id or 0, item.external_id))
        if what := _what(item, line):
            found.append(_difference(item, line, what))
    return found


def _what(item: Observation, line: ConversionLine | None) -> str:
    if item.change.result in {RowResult.PARKED, RowResult.REJECTED}:
        return item.change.reason
    if line is None:
        return "no_line"
    declined = STATUS.get(State(item.state)) == "reversed"
    reported = 0 if declined else item.commission_minor
    if item.commission_text and item.commission_currency != line.conversion.currency and not declined:
        return "currency"
    if declined and line.commission_minor:
        return "state"
    if item.commission_text and reported != line.commission_minor:
        return "commission"
    return ""


def _difference(item: Observation, line: ConversionLine | None, what: str) -> Difference:
    return Difference(
        network=item.network,
        merchant=str(item.merchant),
        merchant_slug=item.merchant.slug,
        external_id=item.external_id,
        order_id=item.order_id,
        what=what,
        state=item.state or item.state_word,
        reported=item.commission_text,
        currency=item.commission_currency or item.sale_currency,
        booked=decimal_string(line.commission_minor, line.conversion.currency) if line else "",
        event_at=item.event_at,
    )
