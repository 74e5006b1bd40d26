"""What happened to an order's money, in the order in which it happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from affiliates.earnings.domain import ledger
from affiliates.earnings.models import Conversion, ReportOutcome, Transfer
from affiliates.earnings.selectors.explanations import why_in_words


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened: a message, a decision or a transfer. Only transfers carry an amount."""

    at: dt.datetime
    kind: str
    text: str
    amount_minor: int | None = None
    currency: str = ""
    account_from: str = ""
    account_to: str = ""
    seq: int | None = None


def transfer_words(kind: str) -> str:
    """What a kind of transfer means."""
    return {
        ledger.ACCRUAL: _("earned"),
        ledger.APPROVAL: _("approved"),
        ledger.RELEASE: _("hold over, available"),
        ledger.RETURN: _("back to pending"),
        ledger.REVERSAL: _("taken back"),
        ledger.RECREDIT: _("credited to another"),
        ledger.PAYOUT: _("put into a payout"),
        ledger.BRAND_PAYMENT: _("paid by the brand"),
        ledger.ADJUSTMENT: _("adjusted by finance"),
        ledger.SUSPENSE: _("unexplained at the bank"),
        ledger.SUSPENSE_END: _("explained"),
        ledger.PAYOUT_SENT: _("payout sent"),
        ledger.PAYOUT_RETURNED: _("payout came back, available again"),
        ledger.PAYOUT_EXCHANGE: _("exchanged for a payout"),
        ledger.PAYOUT_REJECTED: _("payout not approved, available again"),
    }.get(kind, kind)


def transfer_event(transfer: Transfer) -> Event:
    """A transfer as something that happened; its accounts are at hand."""
    return Event(
        transfer.created_at,
        transfer.kind,
        transfer_words(transfer.kind),
        transfer.amount_minor,
        transfer.currency,
        transfer.debit.get_kind_display(),
        transfer.credit.get_kind_display(),
        transfer.seq,
    )


def conversion_history(conversion: Conversion) -> list[Event]:
    """Messages, decisions and transfers of an order, oldest first. Three queries."""
    events = [
        Event(outcome.at, "report", _report_words(outcome))
        for outcome in conversion.outcomes.select_related("raw").order_by("pk")
    ]
    events += [
        Event(decision.decided_at, "decision", why_in_words(decision.reason))
        for decision in conversion.attributions.order_by("pk")
    ]
    events += [
        transfer_event(transfer)
        for transfer in Transfer.objects.filter(conversion=conversion).select_related("debit", "credit").order_by("seq")
    ]
    return sorted(events, key=lambda event: event.at)


def _report_words(outcome: ReportOutcome) -> str:
    facts = {"channel": outcome.raw.get_channel_display(), "result": outcome.get_result_display()}
    return _("Reported by the merchant (%(channel)s): %(result)s") % facts
