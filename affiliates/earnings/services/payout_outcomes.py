"""A bank's or a service's list of what became of payouts."""

from __future__ import annotations

import csv
import datetime as dt
import io
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.earnings.models import Payout, PayoutBatch
from affiliates.earnings.services.payout_ends import PayoutRefused, confirm_payout, reject_payout, return_payout
from cms.core.domain.money import parse_amount
from community.models import User

OUTCOMES = ("paid", "returned", "rejected")
COLUMNS = ("payout", "status", "reference", "reason")
MOST_ROWS = 10_000


class OutcomeFaults(Exception):
    """What is wrong with the list, row by row, in the reader's language. Nothing was recorded."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__(" ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    payout: Payout
    status: str
    reference: str
    reason: str


@transaction.atomic
def record_outcomes(*, batch: PayoutBatch, body: bytes, by: User, now: dt.datetime) -> int:
    """Record how payouts of a batch ended, from a CSV with the columns payout, status (paid, returned, rejected),
    reference and reason; `amount` and `currency` are compared where they are there. Returns how many rows it had.

    All or nothing: OutcomeFaults names each row that cannot be recorded. The same list again changes nothing.
    """
    rows = _read(batch, body)
    faults = []
    for row in rows:
        try:
            with transaction.atomic():
                if row.status == "paid":
                    confirm_payout(payout=row.payout, by=by, now=now, reference=row.reference)
                elif row.status == "returned":
                    return_payout(payout=row.payout, by=by, now=now, reason=row.reason)
                else:
                    reject_payout(payout=row.payout, by=by, now=now, reason=row.reason)
        except PayoutRefused as refusal:
            faults.append(_("Row %(row)s: %(what)s") % {"row": row.number, "what": refusal})
    if faults:
        raise OutcomeFaults(faults)
    return len(rows)


def _read(batch: PayoutBatch, body: bytes) -> list[_Row]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise OutcomeFaults([_("The file is not UTF-8 text.")]) from None
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    known = {payout.ref: payout for payout in batch.payouts.all()}
    rows, faults, seen = [], [], set()
    try:
        missing = {"payout", "status"} - {name.strip().lower() for name in reader.fieldnames or []}
        if missing:
            raise OutcomeFaults([_("The column %(name)s is missing.") % {"name": name} for name in sorted(missing)])
        for number, raw in enumerate(reader, 2):
            cells = {str(k).strip().lower(): v.strip() for k, v in raw.items() if k and isinstance(v, str)}
            ref, status = cells.get("payout", ""), cells.get("status", "").lower()
            fault = ""
            if number > MOST_ROWS:
                raise OutcomeFaults([_("The file has more than %(most)s rows.") % {"most": MOST_ROWS}])
            if ref not in known:
                fault = _("This batch has no payout “%(ref)s”.") % {"ref": ref}
            elif ref in seen:
                fault = _("Payout %(ref)s stands in the file twice.") % {"ref": ref}
            elif status not in OUTCOMES:
                fault = _("The status is “%(status)s”, not paid, returned or rejected.") % {"status": status}
            else:
                fault = _other_amount(known[ref], cells)
            seen.add(ref)
            if fault:
                faults.append(_("Row %(row)s: %(what)s") % {"row": number, "what": fault})
            else:
                rows.append(_Row(number, known[ref], status, cells.get("reference", ""), cells.get("reason", "")))
    except csv.Error as error:
        raise OutcomeFaults([_("The file is no CSV: %(error)s.") % {"error": error}]) from None
    if not faults and not rows:
        faults.append(_("The file has no rows."))
    if faults:
        raise OutcomeFaults(faults)
    return rows


def _other_amount(payout: Payout, cells: dict[str, str]) -> str:
    if (currency := cells.get("currency", "")) and currency.upper() != payout.pay_currency:
        return _("The currency is %(given)s, the payout's %(ours)s.") % {"given": currency, "ours": payout.pay_currency}
    if amount := cells.get("amount", ""):
        try:
            given = parse_amount(amount, payout.pay_currency)
        except ValueError:
            return _("“%(amount)s” is no amount.") % {"amount": amount}
        if given != payout.pay_minor:
            return _("The amount is not the payout's.")
    return ""
