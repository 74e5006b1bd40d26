"""What lines of the bank may be: transfers of the books, payouts that arrived or came back, payments of brands."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from affiliates.earnings.domain.bank_lines import DAYS_APART, Suggestion, refs_in
from affiliates.earnings.models import Account, BankLine, BrandStatement, Payout, PayoutBatch, Transfer
from affiliates.earnings.selectors.history import transfer_words
from cms.core.formats import format_money

BANK = Account.Kind.BANK


def at_bank(transfer: Transfer) -> int:
    """What a transfer moved at the bank: positive came in."""
    return transfer.amount_minor if transfer.debit.kind == BANK else -transfer.amount_minor


def unmatched_transfers() -> QuerySet[Transfer]:
    """Transfers of the bank's account that no line was found for, oldest first. One query when read."""
    found = Transfer.objects.filter(Q(debit__kind=BANK) | Q(credit__kind=BANK), bank_match__isnull=True)
    return found.select_related("debit__merchant", "credit__merchant", "payout__batch").order_by("seq")


def suggestions(lines: Sequence[BankLine]) -> dict[int, list[Suggestion]]:
    """What each of these lines may be, those that a reference of ours names first. Five queries, however many lines."""
    refs = {line.pk: refs_in(line.end_to_end, line.text, line.bank_ref) for line in lines}
    everything = set[str]().union(*refs.values())
    payouts = {p.ref: p for p in Payout.objects.filter(ref__in=everything).select_related("profile", "creator")}
    batches = {b.ref: b for b in PayoutBatch.objects.filter(ref__in=everything).prefetch_related("payouts__profile")}
    booked: dict[tuple[str, int], list[Transfer]] = defaultdict(list)
    amounts = {abs(line.amount_minor) for line in lines}
    for transfer in unmatched_transfers().filter(amount_minor__in=amounts):
        booked[transfer.currency, at_bank(transfer)].append(transfer)
    waiting = Counter(
        BankLine.objects.filter(
            matches__isnull=True, amount_minor__in={line.amount_minor for line in lines}
        ).values_list("currency", "amount_minor", "booked_on")
    )
    came = {(line.currency, line.amount_minor) for line in lines if line.amount_minor > 0}
    stated = (
        BrandStatement.objects.annotate(
            settled=Sum("lines__amount_minor", filter=Q(lines__settled_at__isnull=False), default=0)
        )
        .annotate(left=F("total_minor") - F("settled"))
        .filter(Q(ref__in=everything) | Q(left__in={amount for _currency, amount in came}))
        .filter(left__gt=0)
        .select_related("merchant")
        .order_by("pk")
    )
    statements: list[Any] = list(stated)
    found: dict[int, list[Suggestion]] = {}
    for line in lines:
        mine = [*_transfers(line, refs[line.pk], booked, waiting)]
        if not any(one.is_certain for one in mine):
            mine += _payouts(line, [payouts[ref] for ref in sorted(refs[line.pk]) if ref in payouts])
            mine += _batches(line, [batches[ref] for ref in sorted(refs[line.pk]) if ref in batches])
            mine += _statements(line, refs[line.pk], statements)
        found[line.pk] = sorted(mine, key=lambda one: not one.is_certain)
    return found


def _transfers(
    line: BankLine,
    refs: set[str],
    booked: dict[tuple[str, int], list[Transfer]],
    waiting: Counter[tuple[str, int, dt.date]],
) -> list[Suggestion]:
    """Transfers of the same amount. One is certain by reference, or when neither books nor bank have another near."""
    equal = booked.get((line.currency, line.amount_minor), [])
    named = [one for one in equal if _is_named(one, line, refs)]
    near = [one for one in equal if abs((one.effective_at.date() - line.booked_on).days) <= DAYS_APART]
    rivals = sum(
        number
        for (currency, amount, day), number in waiting.items()
        if (currency, amount) == (line.currency, line.amount_minor)
        and abs((day - line.booked_on).days) <= 2 * DAYS_APART
    )
    certain = {named[0].seq} if len(named) == 1 else set()
    if not named and len(near) == 1 and rivals <= 1 and not refs:
        certain = {near[0].seq}
    return [
        Suggestion(
            f"transfer:{one.seq}",
            _("Transfer %(number)s of %(day)s: %(what)s")
            % {"number": one.seq, "day": one.effective_at.date(), "what": transfer_words(one.kind)},
            one.seq in certain,
        )
        for one in (named or near or equal)[:5]
    ]


def _is_named(transfer: Transfer, line: BankLine, refs: set[str]) -> bool:
    if transfer.payout is not None:
        return transfer.payout.ref in refs or (
            bool(transfer.payout.sent_reference) and transfer.payout.sent_reference in {line.bank_ref, line.end_to_end}
        )
    return transfer.source_key.split(":")[1] in refs


def _payouts(line: BankLine, payouts: list[Payout]) -> list[Suggestion]:
    found = []
    for payout in payouts:
        if payout.pay_currency != line.currency or payout.pay_minor != abs(line.amount_minor) or not payout.handed_at:
            continue
        facts = {"ref": payout.ref, "creator": payout.creator}
        if line.amount_minor < 0 and payout.is_open:
            found.append(Suggestion(f"payout:{payout.ref}", _("Payout %(ref)s to %(creator)s arrived") % facts, True))
        elif line.amount_minor > 0 and payout.state == "paid":
            found.append(Suggestion(f"return:{payout.ref}", _("Payout %(ref)s to %(creator)s came back") % facts, True))
    return found


def _batches(line: BankLine, batches: list[PayoutBatch]) -> list[Suggestion]:
    found = []
    for batch in batches:
        moving = open_of(batch, line.currency)
        if line.amount_minor < 0 and moving and sum(one.pay_minor for one in moving) == -line.amount_minor:
            words = _("All %(number)s payouts of batch %(ref)s arrived") % {"number": len(moving), "ref": batch.ref}
            found.append(Suggestion(f"batch:{batch.ref}", words, True))
    return found


def open_of(batch: PayoutBatch, currency: str) -> list[Payout]:
    """The payouts of a batch that a SEPA file carried and that have not ended."""
    payouts = batch.payouts.all()
    return [
        one
        for one in payouts
        if one.is_open and one.handed_at and one.method == "sepa" and one.pay_currency == currency
    ]


def _statements(line: BankLine, refs: set[str], statements: list[Any]) -> list[Suggestion]:
    found = []
    for statement in statements:
        left: int = statement.left
        named = statement.ref in refs
        if line.amount_minor <= 0 or statement.currency != line.currency or not (named or left == line.amount_minor):
            continue
        words = _("%(brand)s pays statement %(ref)s, of which %(amount)s is open") % {
            "brand": statement.merchant, "ref": statement.ref, "amount": format_money(left, statement.currency),
        }  # fmt: skip
        found.append(Suggestion(f"statement:{statement.ref}", words, named and left == line.amount_minor))
    return found
