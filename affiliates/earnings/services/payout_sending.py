"""A batch leaves the house: files for banks and services, calls to a provider. `docs/money/payout.md`."""

from __future__ import annotations

import csv
import datetime as dt
import io
import logging

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from affiliates.earnings.domain.payout_files import (
    BANK_COLUMNS,
    MAIL_COLUMNS,
    MANUAL_COLUMNS,
    Item,
    Sender,
    pain_001,
    table,
)
from affiliates.earnings.domain.payout_methods import Method, fingerprint
from affiliates.earnings.domain.payout_providers import Answer, Order, Outcome, Provider
from affiliates.earnings.domain.payouts import CLAIM_HOLDS
from affiliates.earnings.models import Payout, PayoutAccount, PayoutBatch
from affiliates.earnings.services.payout_ends import (
    PayoutRefused,
    close_batch,
    confirm_payout,
    end_as_rejected,
    reject_payout,
    return_payout,
)
from affiliates.earnings.services.payout_providers import provider
from affiliates.earnings.services.payouts import digest_of
from cms.core.spreadsheets import safe_cell
from community.models import User

logger = logging.getLogger(__name__)
_ROUND = 100


@transaction.atomic
def hand_over_batch(*, batch: PayoutBatch, by: User, now: dt.datetime) -> PayoutBatch:
    """Let an approved batch leave: its files can be downloaded, and its provider's payouts are sent by the worker.

    Payouts whose creator changed the payment details since are rejected, and their money is available again. May be
    repeated. PayoutRefused unless it was approved and holds what was approved, and where the house's account or the
    provider it needs is not set up; then nothing was done.
    """
    fresh = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    payouts = list(fresh.payouts.select_for_update(of=("self",)).select_related("profile", "creator").order_by("pk"))
    if fresh.handed_at is not None:
        return fresh
    if fresh.state != "approved":
        raise PayoutRefused(_("This batch was not approved."))
    if digest_of(payouts) != fresh.digest or not all(_is_as_given(payout) for payout in payouts):
        raise PayoutRefused(_("The items are not those that were approved."))
    still = [payout for payout in payouts if payout.is_open]
    changed = [payout for payout in still if payout.profile and payout.profile.replaced_at]
    leaving = [payout for payout in still if payout not in changed]
    methods = {payout.method for payout in leaving}
    if Method.SEPA in methods:
        fresh.sender = _sender()
    if Method.PROVIDER in methods and provider() is None:
        raise PayoutRefused(_("No payment provider is set up, and this batch needs one."))
    if changed:
        end_as_rejected(
            changed, by=by, now=now, reason=_("Payment details were changed after the payout was proposed.")
        )
    for payout in leaving:
        # A provider's payouts leave when they are claimed.
        payout.handed_at = None if payout.method == Method.PROVIDER else now
    Payout.objects.bulk_update(leaving, ["handed_at"])
    fresh.handed_by, fresh.handed_at = by, now
    fresh.save(update_fields=["handed_by", "handed_at", "sender"])
    close_batch(fresh, by=by, now=now)
    return fresh


def _is_as_given(payout: Payout) -> bool:
    profile = payout.profile
    return profile is None or profile.fingerprint == fingerprint(profile.country, profile.details)


def _sender() -> dict[str, str]:
    account = PayoutAccount.load()
    if not account.iban:
        raise PayoutRefused(_("Enter the account that payouts leave from first: Settings, Payout account."))
    return {"name": account.name, "iban": account.iban, "bic": account.bic}


def file_of(batch: PayoutBatch, method: Method) -> bytes | None:
    """The file that carries a handed-over batch's payouts of one way; None where there are none. Always the same."""
    if batch.handed_at is None or method is Method.PROVIDER:
        return None
    payouts = batch.payouts.filter(handed_at__isnull=False).select_related("profile", "creator").order_by("ref")
    items = [_item(payout) for payout in payouts if payout.method == method]
    if not items:
        return None
    about = "Payout"
    if method is Method.SEPA:
        return pain_001(
            batch=batch.ref, made_at=batch.handed_at, sender=Sender(**batch.sender), items=items, about=about
        )
    columns = {Method.BANK: BANK_COLUMNS, Method.MAIL: MAIL_COLUMNS, Method.MANUAL: MANUAL_COLUMNS}[method]
    out = io.StringIO(newline="")
    csv.writer(out).writerows([safe_cell(cell) for cell in row] for row in table(columns, items, about=about))
    return out.getvalue().encode()


def _item(payout: Payout) -> Item:
    profile = payout.profile
    return Item(
        ref=payout.ref,
        name=profile.holder if profile else str(payout.creator),
        country=profile.country if profile else "",
        details=profile.details if profile else {},
        currency=payout.pay_currency,
        amount_minor=payout.pay_minor,
    )


def send_due_payouts(*, now: dt.datetime, limit: int = _ROUND) -> int:
    """Send a provider's payouts that wait, and ask it about those whose end is unknown. Returns how many it dealt with.

    May be repeated, by several at once and after a kill anywhere: a payout is claimed before the provider is
    called, and what was claimed is asked about, not sent.
    """
    pays = provider()
    if pays is None:
        return 0
    due = (
        Payout.objects.open()
        .filter(
            Q(handed_at=None) | Q(asked_at=None) | Q(asked_at__lte=now - CLAIM_HOLDS),
            profile__method=Method.PROVIDER,
            batch__handed_at__isnull=False,
        )
        .order_by("asked_at", "pk")
    )
    done = 0
    for payout in due.select_related("profile", "batch")[:limit]:
        if payout.handed_at is None:
            done += _send(payout, pays, now)
        elif payout.answer or payout.handed_at <= now - CLAIM_HOLDS:
            done += _ask(payout, pays, now)
    return done


def waiting_payouts() -> int:
    """How many payouts a provider has to be called about. One query."""
    return Payout.objects.open().filter(profile__method=Method.PROVIDER, batch__handed_at__isnull=False).count()


def ask_before_sending(*, now: dt.datetime) -> int:
    """After a restore the provider may know more than we do: payouts that wait to be sent count as claimed.

    So each is asked about first and sent only where the provider does not know it. Returns how many. May be repeated.
    """
    return (
        Payout.objects.open()
        .filter(handed_at=None, profile__method=Method.PROVIDER, batch__handed_at__isnull=False)
        .update(handed_at=now, asked_at=None, answer="")
    )


def claim(payout: Payout, *, now: dt.datetime) -> bool:
    """Whether the payout is now ours to send. Of two who ask at once one gets it: the row says how often it was."""
    claimed = (
        Payout.objects.open()
        .filter(pk=payout.pk, attempt=payout.attempt)
        .update(handed_at=now, attempt=F("attempt") + 1, asked_at=None, answer="")
    )
    return claimed == 1


def _send(payout: Payout, pays: Provider, now: dt.datetime) -> int:
    if not claim(payout, now=now):
        return 0
    profile = payout.profile
    order = Order(
        ref=payout.ref,
        account=profile.details["account"] if profile else "",
        name=profile.holder if profile else "",
        currency=payout.pay_currency,
        amount_minor=payout.pay_minor,
    )
    try:
        answer = pays.send(order)
    except Exception:
        logger.exception("The provider did not answer about payout %s", payout.ref)
        answer = Answer(Outcome.SILENCE)
    note_answer(payout, answer, now=now)
    return 1


def _ask(payout: Payout, pays: Provider, now: dt.datetime) -> int:
    try:
        answer = pays.query(payout.ref)
    except Exception:
        logger.exception("The provider did not answer about payout %s", payout.ref)
        answer = Answer(Outcome.SILENCE)
    old_enough = payout.handed_at is not None and payout.handed_at <= now - CLAIM_HOLDS
    if answer.outcome is Outcome.UNKNOWN_REF and old_enough:
        return _send(payout, pays, now)
    note_answer(payout, answer, now=now)
    return 1


def note_answer(payout: Payout, answer: Answer, *, now: dt.datetime) -> None:
    """Book what the provider said. What is no clear end leaves the money in transit. May be repeated."""
    try:
        if answer.outcome is Outcome.PAID:
            confirm_payout(payout=payout, by=None, now=now, reference=answer.reference)
        elif answer.outcome is Outcome.REFUSED:
            reject_payout(payout=payout, by=None, now=now, reason=answer.reason or _("The provider refused it."))
        elif answer.outcome is Outcome.RETURNED:
            return_payout(payout=payout, by=None, now=now, reason=answer.reason or _("It came back."))
    except PayoutRefused:
        # It had ended already, and otherwise. The books stay as they are; somebody has to ask the provider why.
        logger.exception("The provider says %s about payout %s, which ended otherwise", answer.outcome, payout.ref)
    Payout.objects.filter(pk=payout.pk).update(asked_at=now, answer=answer.outcome.value)
