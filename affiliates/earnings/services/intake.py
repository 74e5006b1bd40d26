"""Messages from merchants: read strictly, kept as they came, answered once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from affiliates.earnings.domain.reports import (
    LARGEST_BATCH,
    ConversionReport,
    Fault,
    Faults,
    load_json,
    parse_report,
)
from affiliates.earnings.models import Conversion, IdempotentAnswer, RawReport, ReportOutcome
from affiliates.earnings.selectors.answers import conversion_answers
from affiliates.earnings.services.conversions import (
    Accepted,
    Fate,
    accept_report,
    accept_reports,
    lock_merchant,
    new_raw,
)
from affiliates.earnings.services.touches import find_touches
from affiliates.parties.models import ApiKey, Merchant

CONFLICTS = {
    Fate.LOCKED: "This order is locked and can no longer be restated.",
    Fate.CONFLICT: "This version of the order was reported before with another content.",
}


class KeyReused(Exception):
    """An Idempotency-Key came again with another request."""


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to a message: HTTP status and JSON."""

    status: int
    body: str


def receive_orders(
    *, api_key: ApiKey, merchant: Merchant, body: bytes, now: dt.datetime, idempotency_key: str = ""
) -> Reply:
    """Take in one order or a batch of them; afterwards message, orders, money and answer are stored together.

    A single order that is malformed raises Faults and nothing is stored; in a batch each order ends by
    itself. With an idempotency key the same request gets the same answer again; another one raises KeyReused.
    """
    fingerprint = hashlib.sha256(body).hexdigest()
    if idempotency_key and (kept := _kept(api_key, idempotency_key, fingerprint)):
        return kept
    data = load_json(body)
    reports: list[tuple[int, ConversionReport]] = []
    refused: dict[int, list[Fault]] = {}
    if isinstance(data, list):
        if not 1 <= len(data) <= LARGEST_BATCH:
            raise Faults([{"pointer": "", "detail": f"A batch holds 1 to {LARGEST_BATCH} orders."}])
        for place, item in enumerate(data):
            try:
                reports.append((place, parse_report(item, now=now, at=f"/{place}")))
            except Faults as faults:
                refused[place] = faults.faults
    else:
        reports.append((0, parse_report(data, now=now)))
    found = find_touches(reports=[report for _, report in reports])
    with transaction.atomic():
        lock_merchant(merchant=merchant)
        if idempotency_key and (kept := _kept(api_key, idempotency_key, fingerprint)):
            return kept
        raw = new_raw(
            merchant=merchant,
            body=body,
            channel=RawReport.Channel.API,
            now=now,
            key_prefix=api_key.prefix,
        )
        accepted = accept_reports(
            merchant=merchant,
            reports=[report for _, report in reports],
            raw=raw,
            now=now,
            found=found,
            places=[place for place, _ in reports],
        )
        _note_refused(raw, refused, now)
        if isinstance(data, list):
            reply = _batch_reply(data, dict(zip((p for p, _ in reports), accepted, strict=True)), refused)
        else:
            reply = _single_reply(accepted[0])
        if idempotency_key:
            IdempotentAnswer.objects.create(
                api_key=api_key,
                key=idempotency_key,
                fingerprint=fingerprint,
                status=reply.status,
                body=reply.body,
                at=now,
            )
    return reply


def receive_postback(*, merchant: Merchant, query: str, values: Mapping[str, str], now: dt.datetime) -> Reply:
    """Take in an order from a signed address. The same address again answers without changing anything.

    The order is placed when the first call about it says so; later calls restate its state and amount. Raises
    Faults.
    """
    raw = new_raw(merchant=merchant, body=query.encode(), channel=RawReport.Channel.POSTBACK, now=now)
    order_id = values.get("order_id", "")
    known = Conversion.objects.filter(merchant=merchant, order_id=order_id).first()
    moment = known.occurred_at if known else dt.datetime.fromtimestamp(int(values["ts"]), tz=dt.UTC)
    body: dict[str, Any] = {
        "order_id": order_id,
        "click_id": values.get("click_id") or None,
        "status": values.get("status", ""),
        "currency": values.get("currency", ""),
        "occurred_at": moment.isoformat(),
        "lines": [{"line_id": "1", "amount": values.get("amount", ""), "refunded": "0"}],
    }
    try:
        report = parse_report(body, now=now)
    except Faults as faults:
        raise Faults(
            {"pointer": "?" + fault["pointer"].rpartition("/")[2], "detail": fault["detail"]} for fault in faults.faults
        ) from None
    found = find_touches(reports=[report])
    with transaction.atomic():
        lock_merchant(merchant=merchant)
        replay = RawReport.objects.filter(
            merchant=merchant, received_at__gte=now - dt.timedelta(minutes=15), sha256=raw.sha256
        )
        if known and replay.exists():
            return _single_reply(Accepted(known, Fate.KNOWN))
        return _single_reply(accept_report(merchant=merchant, report=report, raw=raw, now=now, found=found))


def _kept(api_key: ApiKey, key: str, fingerprint: str) -> Reply | None:
    answer = IdempotentAnswer.objects.filter(api_key=api_key, key=key).first()
    if answer is None:
        return None
    if answer.fingerprint != fingerprint:
        raise KeyReused
    return Reply(answer.status, answer.body)


def _note_refused(raw: RawReport, refused: Mapping[int, Sequence[Fault]], now: dt.datetime) -> None:
    ReportOutcome.objects.bulk_create(
        ReportOutcome(
            raw=raw,
            index=place,
            result=ReportOutcome.Result.REJECTED,
            reason="malformed",
            errors=list(faults),
            at=now,
        )
        for place, faults in refused.items()
    )


def _status(result: Accepted) -> int:
    if result.is_refused:
        return 409
    return 201 if result.fate is Fate.CREATED else 200


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _single_reply(result: Accepted) -> Reply:
    if result.is_refused:
        problem = {
            "type": "about:blank",
            "title": "Conflict",
            "status": 409,
            "detail": CONFLICTS[result.fate],
        }
        return Reply(409, _json(problem))
    return Reply(_status(result), _json(conversion_answers([result.conversion])[0]))


def _batch_reply(
    items: Sequence[Any], accepted: Mapping[int, Accepted], refused: Mapping[int, Sequence[Fault]]
) -> Reply:
    """One result per item. An order that comes twice in a batch is answered twice in its last state."""
    last = {result.conversion.pk: result.conversion for result in accepted.values()}
    answers = dict(zip(last, conversion_answers(list(last.values())), strict=True))
    results: list[dict[str, Any]] = []
    for place, item in enumerate(items):
        if place in refused:
            order_id = item.get("order_id") if isinstance(item, dict) else None
            results.append({"status": 400, "order_id": order_id, "errors": list(refused[place])})
            continue
        result = accepted[place]
        row: dict[str, Any] = {"status": _status(result), "order_id": result.conversion.order_id}
        if result.is_refused:
            row["errors"] = [{"pointer": f"/{place}", "detail": CONFLICTS[result.fate]}]
        else:
            row["conversion"] = answers[result.conversion.pk]
        results.append(row)
    return Reply(207, _json({"results": results}))
