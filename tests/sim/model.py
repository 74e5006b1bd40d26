"""The whole model: orders, and what people and banks do with the money. Written from `docs/money` alone."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction

from tests.sim.orders import Order, Orders, Shop
from tests.sim.terms import DAY, DIGITS, MINIMUM, nearest


class No(Exception):
    """What may not be done, as the model sees it; the services have to refuse it too."""


@dataclass
class Profile:
    """A version of a creator's payment details."""

    method: str
    since: dt.datetime
    currency: str = ""
    replaced: bool = False


@dataclass
class Paying:
    """One creator's part of a batch."""

    creator: int
    currency: str
    amount: int
    into: str
    pays: int
    profile: Profile
    parts: list[tuple[Order, int]]
    ref: str = ""
    handed: bool = False
    end: str = ""
    was_paid: bool = False

    @property
    def open(self) -> bool:
        return not self.end


@dataclass
class Batch:
    """A run of payouts."""

    currency: str
    proposed_by: int
    payouts: list[Paying]
    ref: str = ""
    approved_by: int = 0
    handed: bool = False
    sent: bool = False
    rejected: bool = False

    def close(self) -> None:
        self.sent = self.sent or all(not one.open for one in self.payouts)


@dataclass
class Dispute:
    """A creator's objection to a reversal."""

    order: Order
    reversal: int
    before: str
    answer_by: dt.datetime
    pk: int = 0
    open: bool = True
    escalated: bool = False


@dataclass
class Adjustment:
    """Money moved by hand."""

    creator: int
    currency: str
    debit: str
    credit: str
    amount: int
    proposed_by: int
    pk: int = 0
    state: str = "proposed"


@dataclass
class Stated:
    """A brand's statement of what it owes. `lines` are [order, amount, settled], oldest order first."""

    ends: dt.datetime
    lines: list[list[object]]


@dataclass
class BrandAccount:
    """A brand's statements and payments in one currency."""

    stated: list[Stated] = field(default_factory=list)
    paid: int = 0
    settled: int = 0


class Model(Orders):
    """Everything the simulator expects of the site."""

    def __init__(self) -> None:
        super().__init__()
        self.profiles: dict[int, Profile | None] = {}
        #: day → currency → how many of it one euro was worth.
        self.rates: dict[dt.date, dict[str, Fraction]] = {}
        self.batches: list[Batch] = []
        self.brands: dict[tuple[int, str], BrandAccount] = defaultdict(BrandAccount)
        self.references: set[tuple[int, str]] = set()
        self.disputes: list[Dispute] = []
        self.adjustments: list[Adjustment] = []
        self.months: list[dt.datetime] = []
        #: (creator, currency) → the last closing.
        self.closings: dict[tuple[int, str], int] = {}

    # Payouts ----------------------------------------------------------------------------------------------------

    def rate(self, day: dt.date) -> dict[str, Fraction] | None:
        usable = [on for on in self.rates if day - 7 * DAY <= on <= day]
        return self.rates[max(usable)] if usable else None

    def exchange(self, amount: int, given: str, into: str, day: dt.date) -> int | None:
        """What an amount is worth that day, rounded once; None without a rate."""
        if given == into:
            return amount
        rates = {"EUR": Fraction(1), **(self.rate(day) or {})} if self.rate(day) is not None else {}
        if given not in rates or into not in rates:
            return None
        return nearest(Fraction(amount * 10 ** DIGITS[into], 10 ** DIGITS[given]) * rates[into] / rates[given])

    def propose(self, by: int, currency: str, now: dt.datetime) -> Batch | None:
        due: list[Paying] = []
        busy = {p.creator for b in self.batches for p in b.payouts if p.open and p.currency == currency}
        for (kind, creator, one), balance in sorted(self.balances.items()):
            if kind != "creator_available" or one != currency or balance < MINIMUM[currency] or creator in busy:
                continue
            profile = self.profiles.get(creator)
            if profile is None or profile.since > now - 2 * DAY:
                continue
            into = profile.currency or currency
            pays = self.exchange(balance, currency, into, now.date())
            if pays is None:
                raise No
            due.append(Paying(creator, currency, balance, into, pays, profile, []))
        if not due:
            return None
        for one in due:
            self.move(("creator_available", one.creator, currency), -one.amount, now)
            self._pass_over(one, 1, now)
            self.move(("payout_in_transit", 0, one.into), one.pays, now)
            self.total((one.creator, one.into), one.pays, now)
            one.parts = self.unpaid.pop((one.creator, currency), [])
        batch = Batch(currency, by, due)
        self.batches.append(batch)
        return batch

    def _pass_over(self, one: Paying, sign: int, now: dt.datetime) -> None:
        if one.into != one.currency:
            self.move(("fx_clearing", 0, one.currency), sign * one.amount, now)
            self.move(("fx_clearing", 0, one.into), -sign * one.pays, now)

    def approve(self, batch: Batch, by: int, user_of: dict[int, int]) -> None:
        if batch.approved_by == by and not batch.rejected:
            return
        if batch.approved_by or batch.rejected or batch.sent or batch.proposed_by == by:
            raise No
        if any(user_of[one.creator] == by for one in batch.payouts):
            raise No
        batch.approved_by = by

    def hand_over(self, batch: Batch, now: dt.datetime) -> None:
        if batch.handed:
            return
        if not batch.approved_by or batch.sent or batch.rejected:
            raise No
        for one in batch.payouts:
            if one.open and one.profile.replaced:
                self.end(batch, one, "rejected", now)
            elif one.open:
                one.handed = one.profile.method != "provider"
        batch.handed = True
        batch.close()

    def reject(self, batch: Batch, now: dt.datetime) -> None:
        if batch.rejected:
            return
        if batch.sent or batch.handed:
            raise No
        for one in batch.payouts:
            if one.open:
                self.end(batch, one, "rejected", now)
        batch.rejected, batch.sent = True, False

    def mark_sent(self, batch: Batch, now: dt.datetime) -> None:
        if batch.sent:
            return
        if not batch.approved_by or batch.rejected:
            raise No
        still = [one for one in batch.payouts if one.open]
        if any(one.handed and one.profile.method == "provider" for one in still):
            raise No
        for one in still:
            one.handed = True
            self.end(batch, one, "paid", now)
        batch.close()

    def end_by(self, batch: Batch, one: Paying, how: str, now: dt.datetime, *, by_hand: bool = True) -> None:
        """Somebody says how a payout ended; the same again changes nothing."""
        if one.end == how:
            return
        if by_hand and one.open and one.handed and one.profile.method == "provider":
            raise No
        allowed = {"paid": ("",), "rejected": ("",), "returned": ("", "paid")}[how]
        if one.end not in allowed or (how != "rejected" and not one.handed):
            raise No
        if how == "rejected" and not batch.approved_by:
            raise No
        self.end(batch, one, how, now)
        batch.close()

    def end(self, batch: Batch, one: Paying, how: str, now: dt.datetime) -> None:
        key = one.creator, one.currency
        if how == "paid":
            self.move(("payout_in_transit", 0, one.into), -one.pays, now)
            self.move(("bank", 0, one.into), one.pays, now)
            self.total((one.creator, one.into), -one.pays, now)
        else:
            self.move(("bank" if one.was_paid else "payout_in_transit", 0, one.into), -one.pays, now)
            if not one.was_paid:
                self.total((one.creator, one.into), -one.pays, now)
            self._pass_over(one, -1, now)
            self.move(("creator_available", one.creator, one.currency), one.amount, now)
            self.unpaid[key] = one.parts + self.unpaid[key]
        for order, part in one.parts:
            order.paid[key] += part if how == "paid" else -part if one.was_paid else 0
            self.moved[order.number] = order
        one.was_paid = one.was_paid or how == "paid"
        one.end = how

    # Brands -----------------------------------------------------------------------------------------------------

    def state(self, shop: Shop, currency: str, ends: dt.datetime, now: dt.datetime) -> int | None:
        """The total of a brand's next statement; None where there is none."""
        if ends > now - dt.timedelta(minutes=5):
            raise No
        account = self.brands[shop.pk, currency]
        since = account.stated[-1].ends if account.stated else None
        if since is not None and since >= ends:
            return None
        sums: dict[int, int] = defaultdict(int)
        orders: dict[int, Order] = {}
        rest = []
        for at, order, change in shop.due[currency]:
            if at < ends:
                sums[order.number] += change
                orders[order.number] = order
            else:
                rest.append((at, order, change))
        lines: list[list[object]] = [[orders[n], due, False] for n, due in sorted(sums.items()) if due]
        if not lines:
            return None
        shop.due[currency] = rest
        account.stated.append(Stated(ends, lines))
        self._settle(account)
        return sum(due for due in sums.values())

    def _settle(self, account: BrandAccount) -> None:
        waiting = [line for stated in account.stated for line in stated.lines if not line[2]]
        left = account.paid - account.settled
        for line in waiting:
            if line[1] < 0:  # type: ignore[operator]
                left -= self._settled(account, line)
        for line in waiting:
            if line[1] > 0:  # type: ignore[operator]
                if line[1] > left:  # type: ignore[operator]
                    return
                left -= self._settled(account, line)

    def _settled(self, account: BrandAccount, line: list[object]) -> int:
        order, amount = line[0], line[1]
        assert isinstance(order, Order) and isinstance(amount, int)
        line[2] = True
        account.settled += amount
        currency = next(c for (s, c), one in self.brands.items() if one is account and s == order.shop)
        order.settled[currency] += amount
        return amount

    def brand_pays(self, shop: Shop, currency: str, amount: int, reference: str, now: dt.datetime) -> None:
        owed = ("merchant_receivable", shop.pk, currency)
        if amount <= 0 or owed not in self.balances or (shop.pk, reference) in self.references:
            raise No
        self.references.add((shop.pk, reference))
        account = self.brands[shop.pk, currency]
        account.paid += amount
        self.move(("bank", 0, currency), -amount, now)
        self.move(owed, amount, now)
        self._settle(account)
        self.release_holds(now)

    # Disputes ---------------------------------------------------------------------------------------------------

    def dispute(self, order: Order, creator: int, now: dt.datetime) -> Dispute:
        mine = order.credit.creator == creator and not order.credit.reason
        if not mine or order.status != "reversed" or order.locked or order.disputed:
            raise No
        if any(one.reversal == order.reversals for one in order.disputes):
            raise No
        made = Dispute(order, order.reversals, order.before or "pending", now + 14 * DAY)
        order.disputes.append(made)
        self.disputes.append(made)
        self.moved[order.number] = order
        return made

    def answer(self, case: Dispute, granted: bool, finance: bool, now: dt.datetime) -> None:
        if not case.open or (case.escalated and not finance):
            raise No
        case.open = False
        if granted and case.order.status == "reversed":
            self.decide(case.order, case.before, now)

    def escalate(self, now: dt.datetime) -> None:
        for case in self.disputes:
            if case.open and case.answer_by <= now:
                case.escalated = True

    # Adjustments ------------------------------------------------------------------------------------------------

    def adjust(self, one: Adjustment, by: int, now: dt.datetime, *, user_of: dict[int, int]) -> None:
        if one.state != "proposed" or one.proposed_by == by or user_of[one.creator] == by:
            raise No
        one.state = "approved"
        for kind, sign in ((one.debit, -1), (one.credit, 1)):
            whose = one.creator if kind == "creator_available" else 0
            self.move((kind, whose, one.currency), sign * one.amount, now)

    # Months -----------------------------------------------------------------------------------------------------

    def close_month(self, start: dt.datetime, end: dt.datetime, now: dt.datetime) -> None:
        """Close a month; the closings are what each creator had at its end."""
        if now < end or (self.months and self.months[-1] != start):
            raise No
        for rows in self.suspense.values():
            if sum(amount for at, amount in rows if at < end):
                raise No
        self.months.append(end)
