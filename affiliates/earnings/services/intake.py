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


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it was read: its JSON, the reports in it by their place, and what is wrong with the others."""

    data: Any
    reports: list[tuple[int, ConversionReport]]
    refused: dict[int, list[Fault]]

    @property
    def is_batch(self) -> bool:
        return isinstance(self.data, list)


def read_message(*, body: bytes, now: dt.datetime) -> Message:
    """The orders in a message. Raises Faults for a single order that is malformed, and for a batch that is none."""
    data = load_json(body)
    if not isinstance(data, list):
        return Message(data, [(0, parse_report(data, now=now))], {})
    if not 1 <= len(data) <= LARGEST_BATCH:
        raise Faults([{"pointer": "", "detail": f"A batch holds 1 to {LARGEST_BATCH} orders."}])
    message = Message(data, [], {})
    for place, item in enumerate(data):
        try:
            message.reports.append((place, parse_report(item, now=now, at=f"/{place}")))
        except Faults as faults:
            message.refused[place] = faults.faults
    return message


def receive_orders(
    *, api_key: ApiKey, merchant: Merchant, body: bytes, now: dt.datetime, idempotency_key: str = ""
) -> Reply:
    """Take in one order or a batch of them; afterwards message, orders, money and answer are stored together.

    A single order that is malformed raises Faults and nothing is stored; in a batch each order ends by
    itself. With an idempotency key the same request gets the same answer again; another one raises KeyReused.
    """
    fingerprint = hashlib.sha256(body).hexdigest()
    if idempotency_key and (kept := kept_answer(api_key=api_key, key=idempotency_key, fingerprint=fingerprint)):
        return kept
    message = read_message(body=body, now=now)
    found = find_touches(reports=[report for _, report in message.reports])
    with transaction.atomic():
        lock_merchant(merchant=merchant)
        if idempotency_key and (kept := kept_answer(api_key=api_key, key=idempotency_key, fingerprint=fingerprint)):
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
            reports=[report for _, report in message.reports],
            raw=raw,
            now=now,
            found=found,
            places=[place for place, _ in message.reports],
        )
        _note_refused(raw, message.refused, now)
        reply = reply_of(*answer_to(message=message, accepted=accepted))
        if idempotency_key:
            keep_answer(api_key=api_key, key=idempotency_key, fingerprint=fingerprint, reply=reply, now=now)
    return reply


def answer_to(*, message: Message, accepted: Sequence[Accepted]) -> tuple[int, dict[str, Any]]:
    """Status and JSON of the answer to a message whose reports were taken in. A constant number of queries."""
    if not message.is_batch:
        return _single_answer(accepted[0])
    places = [place for place, _ in message.reports]
    return _batch_answer(message.data, dict(zip(places, accepted, strict=True)), message.refused)


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
            return reply_of(*_single_answer(Accepted(known, Fate.KNOWN)))
        accepted = accept_report(merchant=merchant, report=report, raw=raw, now=now, found=found)
        return reply_of(*_single_answer(accepted))


def kept_answer(*, api_key: ApiKey, key: str, fingerprint: str) -> Reply | None:
    """The answer that this request got before, if it did. KeyReused where another one had the key."""
    answer = IdempotentAnswer.objects.filter(api_key=api_key, key=key).first()
    if answer is None:
        return None
    if answer.fingerprint != fingerprint:
        raise KeyReused
    return Reply(answer.status, answer.body)


def keep_answer(*, api_key: ApiKey, key: str, fingerprint: str, reply: Reply, now: dt.datetime) -> None:
    """Keep an answer to be given again. Not repeatable: a key is answered once."""
    IdempotentAnswer.objects.create(
        api_key=api_key, key=key, fingerprint=fingerprint, status=reply.status, body=reply.body, at=now
    )


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


def reply_of(status: int, value: dict[str, Any]) -> Reply:
    """A reply with this JSON."""
    return Reply(status, json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def _single_answer(result: Accepted) -> tuple[int, dict[str, Any]]:
    if result.is_refused:
        problem = {
            "type": "about:blank",
            "title": "Conflict",
            "status": 409,
            "detail": CONFLICTS[result.fate],
        }
        return 409, problem
    return _status(result), conversion_answers([result.conversion])[0]


def _batch_answer(
    items: Sequence[Any], accepted: Mapping[int, Accepted], refused: Mapping[int, Sequence[Fault]]
) -> tuple[int, dict[str, Any]]:
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
    return 207, {"results": results}
