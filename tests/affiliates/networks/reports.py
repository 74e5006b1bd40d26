"""Files as networks write them, for tests."""

from __future__ import annotations

import io
import json
from typing import Any

from affiliates.networks.models import ReportFile, ReportMapping
from affiliates.networks.services.reports import import_report
from tests.factories.earnings import NOON, Shop

LATER = NOON.replace(year=2027)


def awin(number: int = 1, **fields: Any) -> dict[str, Any]:
    """A transaction as Awin's API states it; `sale`, `commission` and `currency` stand for the amounts."""
    currency = fields.pop("currency", "EUR")
    sale, commission = fields.pop("sale", "100.00"), fields.pop("commission", "8.00")
    return {
        "id": 259630000 + number, "advertiserId": 7052, "publisherId": 189069, "commissionStatus": "pending",
        "commissionAmount": {"amount": commission, "currency": currency},
        "saleAmount": {"amount": sale, "currency": currency},
        "customerCountry": "DE", "clickRefs": {"clickRef": ""}, "clickDate": None,
        "transactionDate": "2026-03-10T12:00:00", "validationDate": None, "type": "Commission group transaction",
        "declineReason": None, "voucherCode": "", "amended": False, "amendReason": None, "oldSaleAmount": None,
        "orderRef": f"A-{number}", "paidToPublisher": False, "paymentId": 0, **fields,
    }  # fmt: skip


def as_json(*transactions: dict[str, Any]) -> bytes:
    """What the API answers."""
    return json.dumps(list(transactions)).encode()


def bring(shop: Shop, body: bytes, *, mapping: ReportMapping | None = None, dry_run: bool = False) -> ReportFile:
    """Import a file of the shop: Awin's, or a table where there is a mapping."""
    return import_report(
        network="generic" if mapping else "awin", merchant=shop.merchant, source=io.BytesIO(body), name="march",
        now=LATER, mapping=mapping, dry_run=dry_run,
    )  # fmt: skip


def counts(file: ReportFile) -> tuple[int, int, int, int, int]:
    """(created, changed, unchanged, parked, rejected)."""
    return file.created, file.changed, file.unchanged, file.parked, file.rejected


def make_mapping(**fields: Any) -> ReportMapping:
    """A table with the columns Id, Order, State, Sale, Fee, When, Sub and Currency."""
    columns = {
        "external_id": "Id", "order_id": "Order", "state": "State", "sale": "Sale", "commission": "Fee",
        "event_at": "When", "sub_id": "Sub", "currency": "Currency",
    }  # fmt: skip
    return ReportMapping.objects.create(slug="acme-net", name="Acme Net", columns=columns, **fields)
