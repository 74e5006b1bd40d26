"""Awin's transactions: the array its API answers with, or the CSV its reports export.

Dates carry no zone: they are in the one that was asked for, and we ask for UTC. An amendment keeps its id and restates
the sale. Whether we were paid is told beside the state, and matters only where that is approved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault
from affiliates.networks.domain.json_arrays import array_items
from affiliates.networks.domain.mappings import TableMapping
from affiliates.networks.domain.observations import (
    LONGEST_ID,
    LONGEST_TEXT,
    Amount,
    Context,
    Kind,
    ReadRow,
    Said,
    State,
    clean,
    read_amount,
)
from affiliates.networks.domain.tables import read_country, read_table
from affiliates.networks.domain.times import read_time

VERSION = 1
IDS_ARE_THE_NETWORKS = True
NEEDS_MAPPING = False

_STATES = {"pending": "pending", "approved": "approved", "declined": "declined", "deleted": "deleted"}
_KINDS = {
    "commission group transaction": "sale", "sale": "sale", "normal": "sale", "tq": "sale", "transaction query": "sale",
    "lead": "lead", "mobile app install": "lead", "bonus": "bonus",
}  # fmt: skip
#: Our field → Awin's names for it in a CSV, small and without marks. The first that is there counts.
_NAMES: dict[str, tuple[str, ...]] = {
    "external_id": ("id", "transactionid"),
    "order_id": ("extra", "orderref", "orderreference"),
    "state": ("commissionstatus", "transactionstatus", "status"),
    "paid": ("paidtopublisher", "paid"),
    "kind": ("type", "transactiontype"),
    "sale": ("saleamount", "amount"),
    "commission": ("commission", "commissionamount"),
    "currency": ("currency", "saleamountcurrency", "saleamountcurrencycode", "currencycode"),
    "commission_currency": ("commissioncurrency", "commissionamountcurrency"),
    "event_at": ("date", "transactiondate"),
    "click_at": ("clickdate", "clicktime"),
    "validated_at": ("validationdate",),
    "amended_at": ("amenddate",),
    "sub_id": ("clickref", "clickref1"),
    "coupon": ("vouchercode",),
    "country": ("customercountry",),
    "reason_text": ("declinereason",),
    "advertiser": ("advertiserid", "merchantid"),
}


def read(source: BinaryIO, context: Context) -> Iterator[ReadRow]:
    """The transactions of a file, whichever of the two it is. StructuralFault where it cannot be believed."""
    source.seek(0)
    start = source.read(256).removeprefix(b"\xef\xbb\xbf").lstrip()
    if start[:1] == b"[":
        yield from _read_json(source)
    elif start[:1] == b"{":
        raise StructuralFault("The file holds one JSON object; Awin answers a question for transactions with an array.")
    else:
        yield from read_table(source, _columns, context.currency)


def _columns(head: list[str]) -> TableMapping:
    there = {re.sub("[^a-z0-9]", "", name.casefold()): name for name in reversed(head)}
    found: dict[str, str] = {}
    for ours, names in _NAMES.items():
        if name := next((there[name] for name in names if name in there), ""):
            found[ours] = name
    return TableMapping(
        columns=found, states={**_STATES, "0": "pending", "1": "approved", "2": "declined"}, kinds=_KINDS
    )


def _read_json(source: BinaryIO) -> Iterator[ReadRow]:
    for number, (text, item) in enumerate(array_items(source), 1):
        raw, external_id = text.encode(), ""
        try:
            if not isinstance(item, dict):
                raise FieldFault("row", "is no object")
            external_id = _text(item, "id", required=True)
            yield ReadRow(number, raw, _said(item, external_id), external_id)
        except FieldFault as fault:
            yield ReadRow(number, raw, fault, external_id)


def _said(item: Mapping[str, Any], external_id: str) -> Said:
    state_word, kind_word = _text(item, "commissionStatus", required=True), _text(item, "type")
    state = State(_STATES.get(state_word.casefold(), ""))
    if state is State.APPROVED and item.get("paidToPublisher") is True:
        state = State.PAID
    kind = Kind(_KINDS.get(" ".join(kind_word.casefold().split()), "")) if kind_word else Kind.SALE
    event_at = read_time(_text(item, "transactionDate", required=True), "transactionDate")
    later = [read_time(text, name) for name in ("validationDate", "amendDate") if (text := _text(item, name))]
    sale = _amount(item, "saleAmount")
    if sale is None:
        raise FieldFault("saleAmount", "is missing")
    click_date = _text(item, "clickDate")
    references = item.get("clickRefs") or {}
    if not isinstance(references, dict):
        raise FieldFault("clickRefs", "is no object")
    return Said(
        external_id=external_id,
        order_id=_text(item, "orderRef"),
        state=state,
        state_word=state_word,
        kind=kind,
        kind_word=kind_word,
        sale=sale,
        commission=_amount(item, "commissionAmount"),
        event_at=event_at,
        click_at=read_time(click_date, "clickDate") if click_date else None,
        updated_at=max([event_at, *later]),
        sub_id=_text(references, "clickRef") or _text(item, "clickRef"),
        coupon=_text(item, "voucherCode"),
        country=read_country(_text(item, "customerCountry")),
        reason_text=" ".join(
            (_text(item, "declineReason", LONGEST_TEXT) or _text(item, "amendReason", LONGEST_TEXT)).split()
        ),
        advertiser=_text(item, "advertiserId"),
    )


def _text(item: Mapping[str, Any], name: str, most: int = LONGEST_ID, *, required: bool = False) -> str:
    """A string or whole number as text; nothing for null."""
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int | None):
        raise FieldFault(name, "is neither text nor a whole number")
    text = clean("" if value is None else str(value), name, most)
    if required and not text:
        raise FieldFault(name, "is missing")
    return text


def _amount(item: Mapping[str, Any], name: str) -> Amount | None:
    value = item.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        raise FieldFault(name, "is no object with amount and currency")
    number = value.get("amount")
    if isinstance(number, bool) or not isinstance(number, str | int):
        raise FieldFault(name, "is not an amount")
    return read_amount(str(number).strip(), _text(value, "currency"), name)
