"""The bank's statements come in, and each line becomes what it is in the books. `docs/money/bank.md`."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from affiliates.earnings.domain.bank_csv import read_csv
from affiliates.earnings.domain.bank_lines import BankFileFault, ReadStatement, unambiguous
from affiliates.earnings.domain.camt053 import read_camt
from affiliates.earnings.models import (
    Account,
    BankLine,
    BankMapping,
    BankMatch,
    BankStatement,
    BrandStatement,
    Payout,
    PayoutBatch,
    Transfer,
)
from affiliates.earnings.selectors.bank_matching import at_bank, open_of, suggestions
from affiliates.earnings.services.brand_accounts import PaymentRefused, record_brand_payment
from affiliates.earnings.services.payout_ends import PayoutRefused, confirm_payout, return_payout
from affiliates.earnings.services.suspense import SuspenseRefused, record_unexplained
from community.models import User

AT_A_TIME = 200


class BankRefused(Exception):
    """A line cannot be that; the message says why, in the reader's language."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: the statements, how many lines were new, and how many of those matched by themselves."""

    statements: list[BankStatement]
    new: int
    matched: int


def import_bank_file(
    *, body: bytes, name: str, by: User, now: dt.datetime, mapping: BankMapping | None = None
) -> Imported:
    """Take in a bank's file: camt.053, or a CSV by its mapping. Lines that are certain are matched and booked.

    All or nothing: BankFileFault names each row that cannot be believed. May be repeated: the same file, and lines of
    files that overlap, change nothing.
    """
    if mapping is None:
        read = read_camt(body)
    else:
        read = [
            read_csv(
                body, account=mapping.account, currency=mapping.currency, columns=mapping.columns,
                delimiter=mapping.delimiter, decimal_mark=mapping.decimal_mark, date_order=mapping.date_order,
            )
        ]  # fmt: skip
    for one in read:
        for line in one.lines:
            if line.booked_on > now.date():
                raise BankFileFault([_("Row %(row)s is of a day to come.") % {"row": line.row}])
    digest = hashlib.sha256(body).hexdigest()
    try:
        with transaction.atomic():
            stored = [_store(one, digest, name, by, now) for one in read]
    except IntegrityError:
        # Somebody brought the same lines at this moment; now they are known.
        with transaction.atomic():
            stored = [_store(one, digest, name, by, now) for one in read]
    fresh = [line for _statement, lines in stored for line in lines]
    return Imported([statement for statement, _lines in stored], len(fresh), match_certain(by=by, now=now, lines=fresh))


def _store(
    read: ReadStatement, digest: str, name: str, by: User, now: dt.datetime
) -> tuple[BankStatement, list[BankLine]]:
    known_file = BankStatement.objects.filter(
        account=read.account, currency=read.currency, sha256=digest, number=read.number
    ).first()
    if known_file is not None:
        return known_file, []
    known = {
        line.bank_ref: line
        for line in BankLine.objects.filter(
            account=read.account, currency=read.currency, bank_ref__in=[line.bank_ref for line in read.lines]
        )
    }
    for line in read.lines:
        before = known.get(line.bank_ref)
        if before and (before.amount_minor, before.booked_on) != (line.amount_minor, line.booked_on):
            fault = _("Row %(row)s: the bank's reference %(ref)s was another amount or day before.")
            raise BankFileFault([fault % {"row": line.row, "ref": line.bank_ref}])
    days = [line.booked_on for line in read.lines] or [now.date()]
    statement = BankStatement.objects.create(
        account=read.account, currency=read.currency, number=read.number, name=name[:200], sha256=digest,
        opening_minor=read.opening_minor, closing_minor=read.closing_minor, from_on=min(days), to_on=max(days),
        rows=len(read.lines), known=len(known), imported_at=now, imported_by=by,
    )  # fmt: skip
    made = BankLine.objects.bulk_create(
        [
            BankLine(
                statement=statement, row=line.row, account=read.account, currency=read.currency,
                bank_ref=line.bank_ref, booked_on=line.booked_on, amount_minor=line.amount_minor, party=line.party,
                end_to_end=line.end_to_end, text=line.text,
            )
            for line in read.lines
            if line.bank_ref not in known
        ],
        batch_size=500,
    )  # fmt: skip
    return statement, made


def match_certain(*, by: User, now: dt.datetime, lines: Sequence[BankLine]) -> int:
    """Match those of these lines that can be one thing only; returns how many. May be repeated.

    A line that turns out to be refused stays for somebody to look at.
    """
    matched = 0
    for start in range(0, len(lines), AT_A_TIME):
        some = lines[start : start + AT_A_TIME]
        found = suggestions(some)
        for line in some:
            sure = unambiguous(found[line.pk])
            if sure is None:
                continue
            try:
                settle_line(line=line, action=sure.action, by=by, now=now, is_automatic=True)
                matched += 1
            except BankRefused:
                continue
    return matched


@transaction.atomic
def settle_line(
    *, line: BankLine, action: str, by: User, now: dt.datetime, words: str = "", is_automatic: bool = False
) -> None:
    """Say what a line is, by a suggestion's action or "suspense": what is not booked yet is booked, and the line is
    matched with it. Once: BankRefused for a line that is matched already, and where the amounts differ.
    """
    held = BankLine.objects.select_for_update(no_key=True).get(pk=line.pk)
    if held.matches.exists():
        raise BankRefused(_("This line is matched already."))
    kind, _colon, ref = action.partition(":")
    do = _ACTIONS.get(kind)
    if do is None:
        raise BankRefused(_("A line cannot be that."))
    try:
        with transaction.atomic():
            transfers = do(held, ref, by, now, words)
            if sum(at_bank(one) for one in transfers) != held.amount_minor or any(
                one.currency != held.currency for one in transfers
            ):
                raise BankRefused(_("The amounts differ."))
            BankMatch.objects.bulk_create(
                BankMatch(line=held, transfer=one, matched_by=None if is_automatic else by, matched_at=now)
                for one in transfers
            )
    except (PayoutRefused, PaymentRefused, SuspenseRefused) as refused:
        raise BankRefused(str(refused)) from refused
    except IntegrityError as error:
        raise BankRefused(_("Another line is matched with this transfer already.")) from error


def _at_bank(**conditions: object) -> list[Transfer]:
    found = Transfer.objects.filter(**conditions, bank_match__isnull=True).select_related("debit", "credit")
    return [one for one in found if Account.Kind.BANK in {one.debit.kind, one.credit.kind}]


def _transfer(line: BankLine, ref: str, by: User, now: dt.datetime, words: str) -> list[Transfer]:
    return _at_bank(seq=int(ref)) if ref.isascii() and ref.isdigit() and len(ref) < 19 else []


def _payout(line: BankLine, ref: str, by: User, now: dt.datetime, words: str) -> list[Transfer]:
    payout = Payout.objects.filter(ref=ref).first()
    if payout is None or (payout.pay_currency, payout.pay_minor) != (line.currency, -line.amount_minor):
        return []
    confirm_payout(payout=payout, by=by, now=now, reference=line.bank_ref)
    return [one for one in _at_bank(payout=payout) if at_bank(one) == line.amount_minor]


def _return(line: BankLine, ref: str, by: User, now: dt.datetime, words: str) -> list[Transfer]:
    payout = Payout.objects.filter(ref=ref).first()
    if payout is None or (payout.pay_currency, payout.pay_minor) != (line.currency, line.amount_minor):
        return []
    if payout.state != "paid":
        raise BankRefused(_("Only a payout that was paid comes back."))
    return_payout(payout=payout, by=by, now=now, reason=line.text or _("The bank sent it back."))
    return [one for one in _at_bank(payout=payout) if at_bank(one) == line.amount_minor]


def _batch(line: BankLine, ref: str, by: User, now: dt.datetime, words: str) -> list[Transfer]:
    batch = PayoutBatch.objects.prefetch_related("payouts__profile").filter(ref=ref).first()
    payouts = open_of(batch, line.currency) if batch else []
    for payout in payouts:
        confirm_payout(payout=payout, by=by, now=now, reference=line.bank_ref)
    return _at_bank(payout__in=payouts)


def _statement(line: BankLine, ref: str, by: User, now: dt.datetime, words: str) -> list[Transfer]:
    statement = BrandStatement.objects.select_related("merchant").filter(ref=ref, currency=line.currency).first()
    if statement is None:
        return []
    payment = record_brand_payment(
        merchant=statement.merchant, currency=line.currency, amount_minor=line.amount_minor, reference=line.bank_ref,
        paid_on=line.booked_on, by=by, now=now,
    )  # fmt: skip
    return _at_bank(source_key=f"brand-payment:{payment.ref}:1")


def _suspense(line: BankLine, ref: str, by: User, now: dt.datetime, words: str) -> list[Transfer]:
    said = words or line.text or _("A line of the bank that nobody could match.")
    item = record_unexplained(
        currency=line.currency, amount_minor=line.amount_minor, moved_on=line.booked_on, reference=line.bank_ref,
        party=line.party, words=said, by=by, now=now,
    )  # fmt: skip
    return _at_bank(source_key=f"suspense:{item.ref}:1")


_ACTIONS: dict[str, Callable[[BankLine, str, User, dt.datetime, str], list[Transfer]]] = {
    "transfer": _transfer,
    "payout": _payout,
    "return": _return,
    "batch": _batch,
    "statement": _statement,
    "suspense": _suspense,
}
