"""Every promise about money, held against what is stored. Reads only; the stored data is taken in pieces.

A violation names its promise (`docs/money/ledger.md` lists them), what it is about, and what is wrong.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.db.models.functions import TruncMonth

from affiliates.earnings.domain import ledger as kinds
from affiliates.earnings.domain.commission_rules import CAP, Earned, Terms, earn, with_boost
from affiliates.earnings.domain.ledger import Slot, target
from affiliates.earnings.domain.states import Stage, Status
from affiliates.earnings.models import (
    Account,
    Conversion,
    ConversionLine,
    RawReport,
    ReportOutcome,
    Transfer,
)
from affiliates.earnings.selectors.answers import latest_attributions
from affiliates.earnings.selectors.audit_bonuses import bonus_sums, bonuses_are_sound
from affiliates.earnings.selectors.audit_brands import adjustment_sums, brands_and_hands_are_sound
from affiliates.earnings.selectors.audit_periods import months_are_shut, statements_reproduce
from affiliates.earnings.selectors.ledger import Booked, booked_for, paid_for
from affiliates.earnings.selectors.payout_audit import (
    arrived_by_currency,
    bank_by_payouts,
    payouts_are_sound,
    quotes_hold,
)
from affiliates.earnings.selectors.seals import seals_hold
from affiliates.earnings.selectors.suspense_audit import bank_is_sound, fees_from_suspense, suspense_is_sound
from affiliates.earnings.selectors.violations import Violation

CHUNK = 500
NO_SHARE = Decimal(0)
WRITTEN_ONCE = (
    "transfer", "account", "rawreport", "reportoutcome", "attribution", "exchangequote", "seal", "period", "statement",
)  # fmt: skip
KEPT_WHOLE = (
    "orderchange", "brandstatement", "brandstatementline", "brandpayment", "suspenseitem", "suspensesignature",
    "bankstatement", "bankline", "bankmatch",
)  # fmt: skip
RULE_GUARDS = {
    f"earnings_{table}_{name}"
    for table in ("commissionrule", "volumetiers")
    for name in ("terms", "kept", "overlap", "overlap_update")
}
TRIGGERS = {
    "sqlite": {
        *(
            f"earnings_{table}_no_{verb}"
            for table in (*WRITTEN_ONCE, *KEPT_WHOLE)
            for verb in ("update", "delete", "replace")
        ),
        "earnings_transfer_one_currency",
        "earnings_transfer_months_shut",
        "earnings_transfer_sealed",
        *RULE_GUARDS,
    },
    "postgresql": {
        *(f"earnings_{table}_{name}" for table in WRITTEN_ONCE for name in ("written_once", "no_truncate")),
        *(f"earnings_{table}_no_{verb}" for table in KEPT_WHOLE for verb in ("update", "delete", "truncate")),
        "earnings_transfer_books_open",
        "earnings_transfer_months_shut",
        *RULE_GUARDS,
    },
}


def violations() -> Iterator[Violation]:
    """All promises M1 to M11 in turn. Queries grow with the data by one handful a five hundred orders."""
    yield from transfers_are_sound()
    yield from guards_stand()
    yield from seals_hold()
    yield from messages_are_whole()
    yield from orders_agree_with_the_books()
    yield from caps_hold()
    yield from bonuses_are_sound()
    yield from payouts_are_sound()
    yield from quotes_hold()
    yield from nobody_was_paid_too_much()
    yield from currencies_tie()
    yield from months_are_shut()
    yield from statements_reproduce()
    yield from brands_and_hands_are_sound()
    yield from suspense_is_sound()
    yield from bank_is_sound()


def transfers_are_sound() -> Iterator[Violation]:
    """M1: a positive amount between two accounts of its currency. M9: nothing changes currency without a
    quote.
    """
    wrong = Transfer.objects.filter(
        Q(amount_minor__lte=0)
        | Q(debit=F("credit"))
        | ~Q(currency=F("debit__currency"))
        | ~Q(currency=F("credit__currency"))
        | Q(debit__isnull=True)
        | Q(credit__isnull=True)
    )
    for transfer in wrong.order_by("seq"):
        yield Violation(
            "M1", f"transfer {transfer.seq}", "is not a positive amount between two accounts of its currency"
        )
    for transfer in Transfer.objects.filter(conversion__isnull=True, payout__isnull=True).order_by("seq"):
        if not transfer.source_key:
            yield Violation("M1", f"transfer {transfer.seq}", "has no cause")
    groups = (
        Transfer.objects.filter(Q(debit__kind="fx_clearing") | Q(credit__kind="fx_clearing"))
        .order_by()
        .values_list("group")
        .annotate(currencies=Count("currency", distinct=True))
    )
    for group, currencies in groups:
        if currencies != 2:
            yield Violation("M9", f"group {group}", "passes over the exchange account without changing currency")


def guards_stand() -> Iterator[Violation]:
    """M2: the triggers that keep what is written once are there and on."""
    wanted = TRIGGERS[connection.vendor]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A')")
        found = {name for (name,) in cursor.fetchall()}
    for name in sorted(wanted - found):
        yield Violation("M2", f"trigger {name}", "is missing or switched off")


def messages_are_whole() -> Iterator[Violation]:
    """M2: each message is as it arrived, and each of its orders ended."""
    last = 0
    while rows := list(
        RawReport.objects.filter(pk__gt=last).order_by("pk").values_list("pk", "sha256", "body")[:CHUNK]
    ):
        last = rows[-1][0]
        ended = set(
            ReportOutcome.objects.filter(raw_id__gte=rows[0][0], raw_id__lte=last).values_list("raw_id", flat=True)
        )
        for pk, sha256, body in rows:
            if hashlib.sha256(bytes(body)).hexdigest() != sha256:
                yield Violation("M2", f"message {pk}", "is not what arrived")
            if pk not in ended:
                yield Violation("M4", f"message {pk}", "has no outcome")


def orders_agree_with_the_books() -> Iterator[Violation]:
    """M3 to M8 for each order: state, terms, sums, attribution and money say the same."""
    last = 0
    while orders := list(
        Conversion.objects.filter(pk__gt=last).order_by("pk").prefetch_related("lines__rule", "lines__boost")[:CHUNK]
    ):
        last = orders[-1].pk
        pks = [conversion.pk for conversion in orders]
        booked, paid, decided = booked_for(pks), paid_for(pks), latest_attributions(pks)
        newest = _newest_versions(pks)
        for conversion in orders:
            subject = f"order {conversion.order_id} of merchant {conversion.merchant_id}"
            for promise, detail in (
                *_wrong_money(conversion, booked[conversion.pk]),
                *_wrong_lines(conversion),
                *_wrong_paid(conversion, paid.get((conversion.pk, conversion.creator_id or 0, conversion.currency), 0)),
            ):
                yield Violation(promise, subject, detail)
            attribution = decided.get(conversion.pk)
            if attribution is None:
                yield Violation("M8", subject, "has no attribution")
            elif (attribution.creator_id, attribution.click_id) != (
                conversion.creator_id,
                conversion.click_id,
            ):
                yield Violation("M8", subject, "is credited otherwise than its attribution says")
            if newest.get(conversion.pk, 0) > (conversion.version or 0):
                yield Violation("M4", subject, f"stands below version {newest[conversion.pk]}, which was reported")


def _newest_versions(pks: list[int]) -> dict[int, int]:
    applied = (ReportOutcome.Result.APPLIED, ReportOutcome.Result.PARKED)
    rows = ReportOutcome.objects.filter(conversion_id__in=pks, version__isnull=False, result__in=applied)
    found: dict[int, int] = defaultdict(int)
    for pk, version in rows.values_list("conversion_id", "version"):
        found[pk] = max(found[pk], version or 0)
    return found


def _wrong_money(conversion: Conversion, booked: Booked) -> Iterator[tuple[str, str]]:
    lines = list(conversion.lines.all())
    stage = Stage.PENDING
    if conversion.status == Status.APPROVED:
        stage = Stage.AVAILABLE if conversion.released_at else Stage.APPROVED
    wanted = target(
        merchant_id=conversion.merchant_id,
        creator_id=conversion.creator_id,
        creator_minor=sum(line.creator_minor for line in lines) if conversion.creator_id else 0,
        platform_minor=sum(line.platform_minor for line in lines),
        stage=stage,
    )
    for currency in sorted({*booked, conversion.currency}):
        have = {slot: amount for slot, amount in booked.get(currency, {}).items() if amount}
        want = wanted if currency == conversion.currency else {}
        for slot in sorted({*have, *want}):
            if have.get(slot, 0) != want.get(slot, 0):
                yield (
                    "M3",
                    f"{_name(slot)} holds {have.get(slot, 0)} {currency}, its state says {want.get(slot, 0)}",
                )


def _name(slot: Slot) -> str:
    return f"{slot.kind}:{slot.merchant_id or slot.creator_id or ''}".rstrip(":")


def _wrong_lines(conversion: Conversion) -> Iterator[tuple[str, str]]:
    for line in conversion.lines.all():
        have = Earned(line.gross_commission_minor, line.gross_creator_minor, line.commission_minor, line.creator_minor)
        share = conversion.creator_share_percent if conversion.creator_id else None
        want = earn(
            amount_minor=line.amount_minor,
            refunded_minor=min(line.refunded_minor, line.amount_minor),
            terms=Terms(line.rule_id, line.percent, line.flat_minor, cap_minor=line.cap_minor),
            share_percent=share if share is not None else NO_SHARE,
            reversed_whole=conversion.status == Status.REVERSED,
        )
        if line.creator_minor + line.platform_minor != line.commission_minor:
            yield "M6", f"line {line.line_id}: the parts do not add up to the commission"
        if have != want:
            promise = "M7" if line.refunded_minor or conversion.status == Status.REVERSED else "M6"
            yield (
                promise,
                f"line {line.line_id} earns {have.net_minor}, its frozen terms say {want.net_minor}",
            )
        rule = line.rule
        boost = line.boost
        said = (rule.percent, rule.flat_minor) if rule else (None, None)
        if boost:
            said = with_boost(*said, boost.percent, boost.flat_minor)
        if rule and line.reason in {"", CAP} and (line.percent, line.flat_minor) != said:
            yield "M8", f"line {line.line_id} is paid otherwise than rule version {rule.version} says"


def _wrong_paid(conversion: Conversion, paid_minor: int) -> Iterator[tuple[str, str]]:
    cached = sum(line.paid_minor for line in conversion.lines.all())
    if cached != paid_minor:
        yield "M3", f"its lines say {cached} was paid, the transfers say {paid_minor}"


def caps_hold() -> Iterator[Violation]:
    """M8: no rule paid more than its budget, nor more for a creator a month or for an order than it allows."""
    lines = ConversionLine.objects.order_by().annotate(first=TruncMonth("conversion__occurred_at", tzinfo=dt.UTC))
    paid = Sum("commission_minor")
    month = ("conversion__creator_id", "first")
    caps: tuple[tuple[str, tuple[str, ...]], ...] = (
        ("budget_minor", ()), ("creator_month_minor", month), ("order_minor", ("conversion_id",)),
    )  # fmt: skip
    for name, keys in caps:
        capped = lines.filter(**{f"rule__{name}__isnull": False})
        sums = capped.values("rule_id", f"rule__{name}", *keys).annotate(paid=paid)
        for row in sums.filter(paid__gt=F(f"rule__{name}")):
            yield Violation("M8", f"rule {row['rule_id']}", f"paid {row['paid']}, its {name} is {row[f'rule__{name}']}")


def nobody_was_paid_too_much() -> Iterator[Violation]:
    """M10: no payout took more than was available at its place in the books."""
    accounts = dict(Account.objects.filter(kind=Account.Kind.CREATOR_AVAILABLE).values_list("pk", "creator_id"))
    touching = Transfer.objects.filter(
        Q(debit__kind=Account.Kind.CREATOR_AVAILABLE) | Q(credit__kind=Account.Kind.CREATOR_AVAILABLE)
    ).order_by("seq")
    running: dict[int, int] = defaultdict(int)
    rows = touching.values_list("seq", "debit_id", "credit_id", "amount_minor", "kind")
    for seq, debit, credit, amount, kind in rows.iterator(chunk_size=2000):
        running[debit] -= amount
        running[credit] += amount
        if kind == kinds.PAYOUT and running[debit] < 0:
            yield Violation("M10", f"transfer {seq}", f"paid creator {accounts.get(debit)} more than was available")


@dataclass(frozen=True, slots=True)
class CurrencyTotals:
    """All of a currency's books: what merchants owe is where creators' and the platform's money
    comes from.
    """

    currency: str
    merchants_minor: int
    pending_minor: int
    approved_minor: int
    available_minor: int
    in_transit_minor: int
    paid_minor: int
    platform_minor: int
    other_minor: int
    exchanged_minor: int
    transfers: int
    orders: int
    #: What brands paid; `merchants_minor` is what they still owe.
    received_minor: int = 0
    #: What came to the bank in all, beside payouts: from brands, and what nobody could explain when it came.
    came_minor: int = 0

    @property
    def creators_minor(self) -> int:
        """All that creators earned: waiting, available, on its way and paid."""
        return self.pending_minor + self.approved_minor + self.available_minor + self.in_transit_minor + self.paid_minor


def currency_totals() -> list[CurrencyTotals]:
    """The sum of every kind of account, per currency. Five queries."""
    sums: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for account in Account.objects.with_balance():
        sums[account.currency][account.kind] += account.balance_minor
    transfers = dict(Transfer.objects.order_by().values_list("currency").annotate(Count("seq")))
    paid_in = Transfer.objects.filter(kind=kinds.BRAND_PAYMENT).order_by()
    received = dict(paid_in.values_list("currency").annotate(Sum("amount_minor")))
    sent = bank_by_payouts()
    orders = dict(Conversion.objects.order_by().values_list("currency").annotate(Count("pk")))
    kind = Account.Kind
    named = {
        kind.MERCHANT_RECEIVABLE, kind.CREATOR_PENDING, kind.CREATOR_APPROVED, kind.CREATOR_AVAILABLE,
        kind.PAYOUT_IN_TRANSIT, kind.BANK, kind.PLATFORM_PENDING, kind.PLATFORM_MARGIN,
    }  # fmt: skip
    return [
        CurrencyTotals(
            currency=currency,
            merchants_minor=-sums[currency][kind.MERCHANT_RECEIVABLE],
            pending_minor=sums[currency][kind.CREATOR_PENDING],
            approved_minor=sums[currency][kind.CREATOR_APPROVED],
            available_minor=sums[currency][kind.CREATOR_AVAILABLE],
            in_transit_minor=sums[currency][kind.PAYOUT_IN_TRANSIT],
            paid_minor=sent.get(currency, 0),
            received_minor=received.get(currency, 0),
            came_minor=sent.get(currency, 0) - sums[currency][kind.BANK],
            platform_minor=sums[currency][kind.PLATFORM_PENDING] + sums[currency][kind.PLATFORM_MARGIN],
            other_minor=sum(amount for name, amount in sums[currency].items() if name not in named),
            exchanged_minor=sums[currency][kind.FX_CLEARING],
            transfers=transfers.get(currency, 0),
            orders=orders.get(currency, 0),
        )
        for currency in sorted({*sums, *orders})
    ]


def currencies_tie() -> Iterator[Violation]:
    """M11: what brands owe is what creators and platform earned, in the books and over the orders' lines."""
    earned = {
        row["conversion__currency"]: row
        for row in ConversionLine.objects.order_by()
        .values("conversion__currency")
        .annotate(commission=Sum("commission_minor"), creators=Sum("creator_minor"), platform=Sum("platform_minor"))
    }
    bonuses, nothing = bonus_sums(), {"commission": 0, "creators": 0, "platform": 0}
    sent, stands = arrived_by_currency(), bank_by_payouts()
    adjusted, explained, kind = adjustment_sums(), fees_from_suspense(), Account.Kind
    for totals in currency_totals():
        subject = totals.currency
        earned_by_all = totals.creators_minor + totals.platform_minor + totals.other_minor
        if totals.merchants_minor + totals.came_minor != earned_by_all:
            yield Violation("M11", subject, "the books do not add up to nothing")
        row, on_top = earned.get(subject, nothing), bonuses.get(subject, nothing)
        for name, booked, owed in (
            ("brands", totals.merchants_minor + totals.received_minor, row["commission"] + on_top["commission"]),
            # What left one currency for another is still what creators earned in it.
            (
                "creators",
                totals.creators_minor + totals.exchanged_minor,
                row["creators"] + on_top["creators"] + adjusted[subject, kind.CREATOR_AVAILABLE],
            ),
            (
                "the platform",
                totals.platform_minor,
                row["platform"]
                + on_top["platform"]
                + adjusted[subject, kind.PLATFORM_MARGIN]
                + explained.get(subject, 0),
            ),
        ):
            if booked != owed:
                yield Violation("M11", subject, f"{name}: the books say {booked}, the orders say {owed}")
        if stands.get(subject, 0) != sent.get(subject, 0):
            yield Violation(
                "M11", subject, f"the bank sent {stands.get(subject, 0)}, the payouts {sent.get(subject, 0)}"
            )
