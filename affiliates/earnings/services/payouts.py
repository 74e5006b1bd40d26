"""Money is sent to creators: one person proposes, another approves, then it is sent.
`docs/money/payout.md`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.catalogue.domain.rates import RateTable
from affiliates.catalogue.selectors.rates import rates_on
from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.domain.payout_methods import Method
from affiliates.earnings.domain.payouts import batch_digest
from affiliates.earnings.models import Account, ExchangeQuote, Payout, PayoutBatch
from affiliates.earnings.selectors.ledger import available_balances, last_seq
from affiliates.earnings.selectors.payout_preview import Candidate, candidates
from affiliates.earnings.selectors.payouts import item_of
from affiliates.earnings.services.ledger import lock_accounts
from affiliates.earnings.services.payout_ends import PayoutRefused as PayoutRefused
from affiliates.earnings.services.payout_ends import book_payouts, close_batch, end_as_paid
from community.models import User


@transaction.atomic
def propose_payouts(*, by: User, currency: str, now: dt.datetime) -> PayoutBatch | None:
    """Put everything that is available, reaches the minimum and is held back by nothing into a new batch; None when
    there is nothing.

    Afterwards the money is in transit and in nobody's next batch. Two runs at once pay once: both lock the
    accounts, and the second finds them empty. PayoutRefused, with nothing booked, where a rate of exchange is missing.
    """
    accounts = Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE, currency=currency)
    lock_accounts(accounts=list(accounts))
    found = candidates(currency, now=now, balances=available_balances(currency))
    for one in found:
        if one.reason == "no_rate":
            raise PayoutRefused(
                _("There is no exchange rate for %(pair)s, in which %(creator)s is paid.")
                % {"pair": one.detail, "creator": one.creator}
            )
    due = sorted((one for one in found if not one.reason), key=lambda one: one.creator.pk)
    if not due:
        return None
    batch = PayoutBatch.objects.create(
        currency=currency, total_minor=sum(one.balance_minor for one in due), proposed_by=by, proposed_at=now
    )
    quotes = _quotes(batch, due, now)
    through = last_seq()
    payouts = Payout.objects.bulk_create(
        Payout(
            batch=batch,
            creator=one.creator,
            currency=currency,
            amount_minor=one.balance_minor,
            through_seq=through,
            profile=one.profile,
            quote=quotes.get(one.pay_currency),
            pay_currency=one.pay_currency,
            pay_minor=one.pay_minor,
        )
        for one in due
    )
    book_payouts(payouts, kind=kinds.PAYOUT, by=by, now=now)
    return batch


def _quotes(batch: PayoutBatch, due: Sequence[Candidate], now: dt.datetime) -> dict[str, ExchangeQuote]:
    """The rates the batch exchanges by: one quote for each currency that somebody is paid in."""
    others = sorted({one.pay_currency for one in due} - {batch.currency})
    table = rates_on(now.date()) if others else None
    if table is None:
        return {}
    return {into: _quote(batch, into, table, now) for into in others}


def _quote(batch: PayoutBatch, into: str, table: RateTable, now: dt.datetime) -> ExchangeQuote:
    return ExchangeQuote.objects.create(
        batch=batch,
        given=batch.currency,
        into=into,
        on=table.on,
        source=table.source,
        base=table.base,
        given_e8=table.rate_e8(batch.currency),
        into_e8=table.rate_e8(into),
        made_at=now,
    )


def digest_of(payouts: Sequence[Payout]) -> str:
    """The fingerprint of a batch's items as they are stored, with the account that each goes to."""
    return batch_digest(item_of(payout) for payout in payouts)


def _locked(batch: PayoutBatch) -> tuple[PayoutBatch, list[Payout]]:
    fresh = PayoutBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    return fresh, list(
        fresh.payouts.select_for_update(of=("self",)).select_related("creator", "profile").order_by("pk")
    )


@transaction.atomic
def approve_batch(*, batch: PayoutBatch, by: User, now: dt.datetime) -> PayoutBatch:
    """Freeze the batch's items and let it be sent. May be repeated by the same person.

    PayoutRefused for whoever proposed it, for anybody whom it pays, and for a batch that is not open any
    more.
    """
    fresh, payouts = _locked(batch)
    if fresh.approved_by_id == by.pk and fresh.rejected_at is None:
        return fresh
    if fresh.state != "proposed":
        raise PayoutRefused(_("This batch is not waiting for approval any more."))
    if fresh.proposed_by_id == by.pk:
        raise PayoutRefused(_("You proposed this batch, so somebody else has to approve it."))
    if any(payout.creator.user_id == by.pk for payout in payouts):
        raise PayoutRefused(_("This batch pays you, so somebody else has to approve it."))
    if sum(payout.amount_minor for payout in payouts) != fresh.total_minor:
        raise PayoutRefused(_("The items do not add up to the batch's total."))
    fresh.approved_by, fresh.approved_at, fresh.digest = by, now, digest_of(payouts)
    fresh.save(update_fields=["approved_by", "approved_at", "digest"])
    return fresh


@transaction.atomic
def reject_batch(*, batch: PayoutBatch, by: User, reason: str, now: dt.datetime) -> PayoutBatch:
    """Give the batch's money back to its creators' available accounts. May be repeated.

    PayoutRefused once it was handed over or sent.
    """
    fresh, payouts = _locked(batch)
    if fresh.rejected_at is not None:
        return fresh
    if fresh.sent_at is not None:
        raise PayoutRefused(_("This batch was sent already."))
    if fresh.handed_at is not None:
        raise PayoutRefused(_("This batch was handed over; its payouts end one by one."))
    payouts = [payout for payout in payouts if payout.is_open]
    book_payouts(payouts, kind=kinds.PAYOUT_REJECTED, by=by, now=now)
    for payout in payouts:
        # Nothing was on its way to the creator yet, so there is nothing to tell.
        payout.rejected_at, payout.reason, payout.told_at = now, reason[:200], now
    Payout.objects.bulk_update(payouts, ["rejected_at", "reason", "told_at"])
    fresh.rejected_by, fresh.rejected_at, fresh.rejection = by, now, reason[:200]
    fresh.save(update_fields=["rejected_by", "rejected_at", "rejection"])
    return fresh


@transaction.atomic
def mark_batch_sent(*, batch: PayoutBatch, by: User, now: dt.datetime, reference: str = "") -> PayoutBatch:
    """Note that the bank has the whole batch: what is still open in it leaves transit, and its orders count as paid.
    May be repeated.

    PayoutRefused unless it was approved and its items are still those that were approved, and while a provider has
    one of them.
    """
    fresh, payouts = _locked(batch)
    if fresh.sent_at is not None:
        return fresh
    if fresh.state not in {"approved", "handed"}:
        raise PayoutRefused(_("This batch was not approved."))
    if digest_of(payouts) != fresh.digest:
        raise PayoutRefused(_("The items are not those that were approved."))
    still = [payout for payout in payouts if payout.is_open]
    if any(payout.handed_at and payout.method == Method.PROVIDER for payout in still):
        raise PayoutRefused(_("The provider has payouts of this batch, and says itself how they end."))
    end_as_paid(still, by=by, now=now, reference=reference)
    close_batch(fresh, by=by, now=now)
    return fresh
