"""A merchant tries the API out: everything is done as for a real order, in a transaction that is always rolled back.

So nothing of it can stay: no order, no transfer, no notice, no cap that is nearer. What was reported is kept apart, and
done again before the next report of the same order, which is how a restatement meets what it restates.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from affiliates.earnings.domain.reports import ConversionReport, Faults, parse_report
from affiliates.earnings.models import RawReport, SandboxOrder
from affiliates.earnings.selectors.answers import conversion_answers
from affiliates.earnings.services.conversions import Accepted, accept_reports, lock_merchant, new_raw
from affiliates.earnings.services.intake import (
    Message,
    Reply,
    answer_to,
    keep_answer,
    kept_answer,
    read_message,
    reply_of,
)
from affiliates.earnings.services.touches import Found, find_touches
from affiliates.parties.models import ApiKey, Merchant

KEPT_FOR = dt.timedelta(days=30)
#: Of one order. Whoever restates it more often than that in a month meets the last of them only.
MOST_REPORTS = 50


def try_orders(
    *, api_key: ApiKey, merchant: Merchant, body: bytes, now: dt.datetime, idempotency_key: str = ""
) -> Reply:
    """What `receive_orders` would answer, marked as the sandbox's; afterwards only the reports are kept, apart.

    May be repeated. Raises Faults and KeyReused as `receive_orders` does.
    """
    fingerprint = hashlib.sha256(body).hexdigest()
    if idempotency_key and (kept := kept_answer(api_key=api_key, key=idempotency_key, fingerprint=fingerprint)):
        return kept
    message = read_message(body=body, now=now)
    reports = [report for _, report in message.reports]
    before = _earlier(api_key, {report.order_id for report in reports}, now)
    found = find_touches(reports=[*before, *reports])
    with transaction.atomic():
        lock_merchant(merchant=merchant)
        if idempotency_key and (kept := kept_answer(api_key=api_key, key=idempotency_key, fingerprint=fingerprint)):
            return kept
        status, answer = _tried(api_key, merchant, message, before, found, body, now)
        _keep(api_key, reports, now)
        reply = reply_of(status, {**answer, "sandbox": True})
        if idempotency_key:
            keep_answer(api_key=api_key, key=idempotency_key, fingerprint=fingerprint, reply=reply, now=now)
    return reply


def tried_order(*, api_key: ApiKey, merchant: Merchant, order_id: str, now: dt.datetime) -> dict[str, Any] | None:
    """The answer about an order that this key reported in the last days; None where it did not. Keeps nothing."""
    before = _earlier(api_key, {order_id}, now)
    if not before:
        return None
    found = find_touches(reports=before)
    with transaction.atomic():
        results = _accept(api_key, merchant, before, found, b"", now)
        answer = conversion_answers([results[-1].conversion])[0]
        transaction.set_rollback(True)
    return {**answer, "order_id": order_id, "sandbox": True}


def _tried(
    api_key: ApiKey,
    merchant: Merchant,
    message: Message,
    before: Sequence[ConversionReport],
    found: Found,
    body: bytes,
    now: dt.datetime,
) -> tuple[int, dict[str, Any]]:
    reports = [report for _, report in message.reports]
    with transaction.atomic():
        results = _accept(api_key, merchant, [*before, *reports], found, body, now)
        status, answer = answer_to(message=message, accepted=results[len(before) :])
        transaction.set_rollback(True)
    return status, _under_their_names(
        answer, {_hidden(api_key, report.order_id): report.order_id for report in reports}
    )


def _accept(
    api_key: ApiKey,
    merchant: Merchant,
    reports: Sequence[ConversionReport],
    found: Found,
    body: bytes,
    now: dt.datetime,
) -> list[Accepted]:
    """Take the reports in under names that no real order has."""
    raw = new_raw(merchant=merchant, body=body, channel=RawReport.Channel.API, now=now, key_prefix=api_key.prefix)
    hidden = [replace(report, order_id=_hidden(api_key, report.order_id)) for report in reports]
    return accept_reports(merchant=merchant, reports=hidden, raw=raw, now=now, found=found)


def _hidden(api_key: ApiKey, order_id: str) -> str:
    return f"sandbox\x1f{hashlib.sha256(f'{api_key.pk}:{order_id}'.encode()).hexdigest()}"


def _under_their_names(answer: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    for said in [answer, *answer.get("results", [])]:
        for order in (said, said.get("conversion") or {}):
            if order.get("order_id") in names:
                order["order_id"] = names[order["order_id"]]
    return answer


def _earlier(api_key: ApiKey, order_ids: Iterable[str], now: dt.datetime) -> list[ConversionReport]:
    """What this key reported of these orders before, oldest first. One query."""
    rows = SandboxOrder.objects.filter(api_key=api_key, order_id__in=set(order_ids), at__gt=now - KEPT_FOR)
    found: list[ConversionReport] = []
    for body in rows.order_by("pk").values_list("body", flat=True):
        try:
            found.append(parse_report(json.loads(body), now=now))
        except Faults:  # read before by rules that have changed since
            continue
    return found


def _keep(api_key: ApiKey, reports: Sequence[ConversionReport], now: dt.datetime) -> None:
    """Remember the reports, and forget old ones and those beyond what one order may have."""
    SandboxOrder.objects.filter(api_key=api_key, at__lte=now - KEPT_FOR).delete()
    SandboxOrder.objects.bulk_create(
        SandboxOrder(api_key=api_key, order_id=report.order_id, body=json.dumps(report.as_json()), at=now)
        for report in reports
    )
    counted: dict[str, int] = {}
    surplus: list[int] = []
    mine = SandboxOrder.objects.filter(api_key=api_key, order_id__in={report.order_id for report in reports})
    for pk, order_id in mine.order_by("-pk").values_list("pk", "order_id"):
        counted[order_id] = counted.get(order_id, 0) + 1
        if counted[order_id] > MOST_REPORTS:
            surplus.append(pk)
    SandboxOrder.objects.filter(pk__in=surplus).delete()
