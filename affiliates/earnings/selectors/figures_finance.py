"""The figures of finance's screens by name. The name and its arguments are the figure's address."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from affiliates.earnings.domain import ledger as causes
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import (
    Account,
    BrandPayment,
    BrandStatement,
    Conversion,
    Payout,
    PayoutBatch,
    Statement,
    SuspenseItem,
)
from affiliates.earnings.selectors.figures import KIND, Figure, of_accounts
from affiliates.earnings.selectors.figures_brands import due, settled
from affiliates.earnings.selectors.figures_creators import statement_figure
from affiliates.earnings.selectors.month_end import SIDES, of_side, within
from affiliates.earnings.selectors.payout_preview import candidates
from cms.core.domain.money import CURRENCIES

Asked = Mapping[str, str]
Named = tuple[str, Figure]

#: Columns of the books' totals: the accounts, and how the page turns them.
BOOKS: dict[str, tuple[tuple[str, ...], int]] = {
    "brands": ((KIND.MERCHANT_RECEIVABLE,), -1),
    "pending": ((KIND.CREATOR_PENDING,), 1),
    "approved": ((KIND.CREATOR_APPROVED,), 1),
    "available": ((KIND.CREATOR_AVAILABLE,), 1),
    "in_transit": ((KIND.PAYOUT_IN_TRANSIT,), 1),
    "paid": ((KIND.BANK,), 1),
    "platform": ((KIND.PLATFORM_PENDING, KIND.PLATFORM_MARGIN), 1),
    "other": ((KIND.SUSPENSE, KIND.CLAWBACK_LOSS, KIND.FX_CLEARING), 1),
}


def finance_figure(name: str, asked: Asked) -> Named:
    """(title, figure) of a name and its arguments. LookupError or ValueError for what there is not."""
    return _FIGURES[name](asked)


def _currency(asked: Asked) -> str:
    currency = asked["currency"]
    if currency not in CURRENCIES:
        raise LookupError(currency)
    return currency


def _books(asked: Asked) -> Named:
    kinds, sign = BOOKS[asked["column"]]
    title = {
        "brands": _("Brands owe"), "pending": _("Pending"), "approved": _("Approved, on hold"),
        "available": _("Available"), "in_transit": _("Being paid"), "paid": _("Paid"),
        "platform": _("Platform"), "other": _("Other"),
    }[asked["column"]]  # fmt: skip
    where = Q(payout__isnull=False) if asked["column"] == "paid" else None
    return title, of_accounts(_currency(asked), kinds, sign=sign, where=where)


def _month(asked: Asked) -> Named:
    month, side, key = Month.parse(asked["month"]), asked["side"], asked.get("key", "")
    if side not in SIDES:
        raise LookupError(side)
    days, sign = within(month), -1 if side == "brand" else 1
    figure = Figure(_currency(asked), of_side(side, "credit", key) & days, of_side(side, "debit", key) & days, sign)
    return _("Transfers of %(month)s") % {"month": month}, figure


def _statement(asked: Asked) -> Named:
    statement = Statement.objects.select_related("period").get(ref=asked["ref"])
    return statement_figure(statement, asked["part"])


def _payable(asked: Asked) -> Named:
    currency = _currency(asked)
    due_now = [one.creator.pk for one in candidates(currency, now=timezone.now()) if not one.reason]
    pks = Account.objects.filter(currency=currency, kind=KIND.CREATOR_AVAILABLE, creator__in=due_now).values("pk")
    return _("Available to creators who would be paid"), Figure(currency, Q(credit__in=pks), Q(debit__in=pks))


def _available(asked: Asked) -> Named:
    account = Account.objects.select_related("creator").get(
        kind=KIND.CREATOR_AVAILABLE, currency=_currency(asked), creator__handle=asked["creator"]
    )
    title = _("Available to %(creator)s") % {"creator": account.creator}
    return title, of_accounts(account.currency, [account.kind], creator_id=account.creator_id)


def _batch(asked: Asked) -> Named:
    batch = PayoutBatch.objects.get(ref=asked["ref"])
    pks = Account.objects.filter(kind=KIND.CREATOR_AVAILABLE, currency=batch.currency).values("pk")
    taken = Q(payout__batch=batch, kind=causes.PAYOUT)
    title = _("Payout batch %(ref)s") % {"ref": batch.ref}
    return title, Figure(batch.currency, Q(credit__in=pks) & taken, Q(debit__in=pks) & taken, -1)


def _payout(asked: Asked) -> Named:
    payout = Payout.objects.select_related("batch").get(ref=asked["ref"])
    return _("Payout %(ref)s") % {"ref": payout.ref}, payout_figure(payout)


def payout_figure(payout: Payout) -> Figure:
    """What a payout is the sum of: all that moved in and out of the creator's available account since what the
    payout before it took.
    """
    earlier = Payout.objects.filter(
        creator_id=payout.creator_id, currency=payout.currency, through_seq__lt=payout.through_seq
    )
    before = earlier.order_by("-through_seq").first()
    where = Q(seq__lte=payout.through_seq)
    if before is not None:
        where &= Q(seq__gt=before.through_seq) & ~Q(payout=before, kind=causes.PAYOUT)
    return of_accounts(payout.currency, [KIND.CREATOR_AVAILABLE], creator_id=payout.creator_id, where=where)


def _arrives(asked: Asked) -> Named:
    payout = Payout.objects.get(ref=asked["ref"])
    where = Q(payout=payout, kind__in=(causes.PAYOUT, causes.PAYOUT_EXCHANGE), credit__kind=KIND.PAYOUT_IN_TRANSIT)
    figure = of_accounts(payout.pay_currency, [KIND.PAYOUT_IN_TRANSIT], where=where)
    return _("Payout %(ref)s") % {"ref": payout.ref}, figure


def _brand_statement(asked: Asked) -> Named:
    statement = BrandStatement.objects.get(ref=asked["ref"])
    figure = settled(statement) if asked.get("part") == "settled" else due(statement)
    if asked.get("order"):
        figure = figure.narrowed(Q(conversion__order_id=asked["order"]))
    return _("Statement %(ref)s") % {"ref": statement.ref}, figure


def _brand_payment(asked: Asked) -> Named:
    payment = BrandPayment.objects.get(ref=asked["ref"])
    where = Q(source_key=f"brand-payment:{payment.ref}:1")
    title = _("Payment %(ref)s") % {"ref": payment.reference}
    figure = of_accounts(payment.currency, [KIND.MERCHANT_RECEIVABLE], merchant_id=payment.merchant_id, where=where)
    return title, figure


#: An order's figures: the accounts, and how its page turns them.
ORDER: dict[str, tuple[tuple[str, ...], int]] = {
    "commission": ((KIND.MERCHANT_RECEIVABLE,), -1),
    "creator": (tuple(Account.OF_CREATOR), 1),
    "platform": ((KIND.PLATFORM_PENDING, KIND.PLATFORM_MARGIN), 1),
}


def order_figure(conversion: Conversion, part: str) -> Figure:
    """What an order earned in all, its creator, or the platform."""
    kinds, sign = ORDER[part]
    return of_accounts(conversion.currency, kinds, sign=sign, where=Q(conversion=conversion))


def _order(asked: Asked) -> Named:
    conversion = Conversion.objects.get(merchant__slug=asked["merchant"], order_id=asked["order"])
    return _("Order %(number)s") % {"number": conversion.order_id}, order_figure(conversion, asked["part"])


def _cash(asked: Asked) -> Named:
    return _("What the books say stands at the bank"), of_accounts(_currency(asked), [KIND.BANK], sign=-1)


def _suspense(asked: Asked) -> Named:
    if not asked.get("ref"):
        return _("Unexplained money"), of_accounts(_currency(asked), [KIND.SUSPENSE])
    item = SuspenseItem.objects.get(ref=asked["ref"])
    keys = [f"suspense:{item.ref}:1"]
    if asked.get("part") != "came":
        ends = item.ends.filter(approved_at__isnull=False).select_related("payment")
        keys += [f"brand-payment:{end.payment.ref}:1" if end.payment else f"suspense-end:{end.ref}:1" for end in ends]
    figure = of_accounts(item.currency, [KIND.SUSPENSE], where=Q(source_key__in=keys))
    return _("Unexplained amount %(ref)s") % {"ref": item.ref}, figure


_FIGURES: dict[str, Callable[[Asked], Named]] = {
    "books": _books,
    "month": _month,
    "statement": _statement,
    "payable": _payable,
    "available": _available,
    "batch": _batch,
    "payout": _payout,
    "arrives": _arrives,
    "brand-statement": _brand_statement,
    "brand-payment": _brand_payment,
    "order": _order,
    "cash": _cash,
    "suspense": _suspense,
}
