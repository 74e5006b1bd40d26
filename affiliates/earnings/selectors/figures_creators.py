"""The figures of a creator's own pages. Only transfers of the creator's own accounts and payouts are ever in them."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from affiliates.earnings.domain import statements as domain
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Account, Conversion, Payout, Statement
from affiliates.earnings.selectors.figures import KIND, Figure, of_accounts
from cms.core.domain.money import CURRENCIES

Named = tuple[str, Figure]

_STAGE = {
    domain.PENDING: KIND.CREATOR_PENDING,
    domain.APPROVED: KIND.CREATOR_APPROVED,
    domain.AVAILABLE: KIND.CREATOR_AVAILABLE,
}


def _columns(creator_id: int, currency: str, stages: tuple[str, ...], where: Q, sign: int = 1) -> Figure:
    """What stands in some of a creator's columns; the one on its way belongs to whoever the payout is for."""
    kinds = [_STAGE[stage] for stage in stages if stage in _STAGE]
    own = Account.objects.filter(creator_id=creator_id, currency=currency, kind__in=kinds).order_by().values("pk")
    into, out_of = Q(credit__in=own), Q(debit__in=own)
    if domain.IN_TRANSIT in stages:
        moving = Account.objects.filter(kind=KIND.PAYOUT_IN_TRANSIT, currency=currency).order_by().values("pk")
        into |= Q(credit__in=moving, payout__creator_id=creator_id)
        out_of |= Q(debit__in=moving, payout__creator_id=creator_id)
    return Figure(currency, into & where, out_of & where, sign)


def statement_figure(statement: Statement, part: str) -> Named:
    """(title, figure) of an amount of a creator's statement: opening, closing, either of a stage (as closing-pending),
    earned, adjusted, paid or net. LookupError for another.
    """
    month = Month.parse(statement.period.month)
    before = Q(effective_at__lt=month.starts_at)
    until = Q(effective_at__lt=month.ends_at)
    days = until & ~before
    name, _dash, stage = part.partition("-")
    stages: tuple[str, ...] = (stage,) if stage else domain.STAGES
    orders = (Q(conversion__isnull=False) | Q(bonus__isnull=False)) & Q(payout__isnull=True)
    if stage and (stage not in domain.STAGES or name not in {"opening", "closing"}):
        raise LookupError(part)
    where, sign = {
        "opening": (before, 1),
        "closing": (until, 1),
        "earned": (days & orders, 1),
        "adjusted": (days & Q(conversion__isnull=True, bonus__isnull=True, payout__isnull=True), 1),
        "paid": (days & Q(payout__isnull=False), -1),
        "net": (days & orders, 1),
    }[name]
    if name == "net":
        stages = (domain.APPROVED, domain.AVAILABLE)
    return part_title(part), _columns(statement.creator_id, statement.currency, stages, where, sign)


def part_title(part: str) -> str:
    """What an amount of a statement or balance is called."""
    name, _dash, stage = part.partition("-")
    first = {
        "opening": _("Opening"), "closing": _("Closing"), "earned": _("Earned"), "adjusted": _("Adjusted"),
        "paid": _("Paid"), "net": _("Commission, net"), "pending": _("Pending"), "approved": _("Approved, on hold"),
        "available": _("Available"), "in_transit": _("Being paid"), "": "",
    }  # fmt: skip
    return f"{first[name]}: {first[stage]}" if stage else first[name]


def balance_figure(creator_id: int, currency: str, part: str) -> Named:
    """(title, figure) of one of a creator's balances: pending, approved, available, in_transit or paid. LookupError
    for another.
    """
    if currency not in CURRENCIES or part not in {*domain.STAGES, "paid"}:
        raise LookupError(part)
    if part in {"paid", domain.IN_TRANSIT}:
        # In the currency in which it was earned: what left the available account for payouts that arrived, or move.
        found = Payout.objects.filter(creator_id=creator_id, currency=currency, rejected_at=None, returned_at=None)
        payouts = found.filter(paid_at__isnull=part != "paid").values("pk")
        own = [KIND.CREATOR_AVAILABLE]
        figure = of_accounts(currency, own, creator_id=creator_id, where=Q(payout__in=payouts), sign=-1)
        return part_title(part), figure
    return part_title(part), _columns(creator_id, currency, (part,), Q())


def creators_order(conversion: Conversion, creator_id: int) -> Figure:
    """What an order earned a creator."""
    return of_accounts(conversion.currency, Account.OF_CREATOR, creator_id=creator_id, where=Q(conversion=conversion))
