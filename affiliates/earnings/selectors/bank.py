"""Do the books and the bank agree? What stands in each, what only one of them knows, and what is left over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet, Sum

from affiliates.earnings.models import Account, BankLine, BankStatement, Transfer
from affiliates.earnings.selectors.bank_matching import unmatched_transfers

LISTED = 100
BANK = Account.Kind.BANK


@dataclass(slots=True)
class AccountAtBank:
    """One account of ours: what stood there before the first statement and after the last."""

    account: str
    opening_minor: int
    closing_minor: int
    lines_minor: int

    @property
    def gap_minor(self) -> int:
        """What lines that were never imported must have moved."""
        return self.closing_minor - self.opening_minor - self.lines_minor


@dataclass(slots=True)
class Reconciliation:
    """A currency: what the bank says, what is only in the books, what is only at the bank, what the books say."""

    currency: str
    accounts: list[AccountAtBank] = field(default_factory=list)
    books_minor: int = 0
    only_booked: list[Transfer] = field(default_factory=list)
    only_booked_minor: int = 0
    only_booked_number: int = 0
    only_bank: list[BankLine] = field(default_factory=list)
    only_bank_minor: int = 0
    only_bank_number: int = 0

    @property
    def closing_minor(self) -> int:
        return sum(one.closing_minor for one in self.accounts)

    @property
    def opening_minor(self) -> int:
        return sum(one.opening_minor for one in self.accounts)

    @property
    def gap_minor(self) -> int:
        return sum(one.gap_minor for one in self.accounts)

    @property
    def difference_minor(self) -> int:
        """What is left over; nothing where the books and the bank agree."""
        explained = self.closing_minor - self.opening_minor + self.only_booked_minor - self.only_bank_minor
        return self.books_minor - explained


def reconciliations() -> list[Reconciliation]:
    """The books against the bank, a currency each. Seven queries."""
    found: dict[str, Reconciliation] = {}

    def of(currency: str) -> Reconciliation:
        return found.setdefault(currency, Reconciliation(currency))

    moved = Transfer.objects.filter(Q(debit__kind=BANK) | Q(credit__kind=BANK)).order_by().values_list("currency")
    for currency, came, went in moved.annotate(
        came=Sum("amount_minor", filter=Q(debit__kind=BANK), default=0),
        went=Sum("amount_minor", filter=Q(credit__kind=BANK), default=0),
    ):
        of(currency).books_minor = came - went
    alone = moved.filter(bank_match__isnull=True)
    for currency, came, went, number in alone.annotate(
        came=Sum("amount_minor", filter=Q(debit__kind=BANK), default=0),
        went=Sum("amount_minor", filter=Q(credit__kind=BANK), default=0),
        number=Count("seq"),
    ):
        of(currency).only_booked_minor, of(currency).only_booked_number = came - went, number
    for transfer in unmatched_transfers()[:LISTED]:
        of(transfer.currency).only_booked.append(transfer)
    waiting = BankLine.objects.filter(matches__isnull=True)
    for currency, total, number in (
        waiting.order_by().values_list("currency").annotate(total=Sum("amount_minor"), number=Count("pk"))
    ):
        of(currency).only_bank_minor, of(currency).only_bank_number = total, number
    for line in waiting.order_by("booked_on", "pk")[:LISTED]:
        of(line.currency).only_bank.append(line)
    sums: dict[tuple[str, str], int] = {
        (currency, account): total
        for currency, account, total in BankLine.objects.order_by()
        .values_list("currency", "account")
        .annotate(total=Sum("amount_minor"))
    }
    statements: dict[tuple[str, str], list[BankStatement]] = defaultdict(list)
    for statement in BankStatement.objects.order_by("from_on", "to_on", "pk"):
        statements[statement.currency, statement.account].append(statement)
    for (currency, account), mine in sorted(statements.items()):
        of(currency).accounts.append(_account(account, mine, sums.get((currency, account), 0)))
    return [found[currency] for currency in sorted(found)]


def _account(account: str, statements: list[BankStatement], lines_minor: int) -> AccountAtBank:
    """Without a balance in any file, what the lines moved is all that is known."""
    opening = next((one.opening_minor for one in statements if one.opening_minor is not None), None)
    by_end = sorted(statements, key=lambda one: (one.to_on, one.pk), reverse=True)
    closing = next((one.closing_minor for one in by_end if one.closing_minor is not None), None)
    if opening is None:
        opening = 0 if closing is None else closing - lines_minor
    return AccountAtBank(account, opening, opening + lines_minor if closing is None else closing, lines_minor)


def waiting_lines() -> QuerySet[BankLine]:
    """Lines that somebody has to look at, oldest first. One query when read."""
    return BankLine.objects.filter(matches__isnull=True).order_by("booked_on", "pk")
