"""The model's orders and books: what each account should hold after each command, by the promises of `docs/money`."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from tests.sim.terms import DAY, Click, Credit, Facts, Rule, Terms, choose, credit, nearest, part_of

#: (kind, whose, currency)
Account = tuple[str, int, str]
RESTORE = 14 * DAY


@dataclass(frozen=True)
class Said:
    """What a report says of an order. `lines` are (line, amount, refunded, category), in their order."""

    order: str
    status: str
    currency: str
    at: dt.datetime
    lines: tuple[tuple[str, int, int, str], ...]
    click: str = ""
    coupon: str = ""
    customer: str = ""
    country: str = "DE"
    channel: str = ""
    version: int | None = None

    @property
    def basket(self) -> int:
        return sum(amount for _line, amount, _refunded, _category in self.lines)

    @property
    def fingerprint(self) -> Said:
        """Equal for reports that say the same."""
        return replace(self, lines=tuple(sorted(self.lines)))


NOBODY = Credit(None, "no_click_or_coupon")


@dataclass
class Line:
    """A line with the terms frozen on it."""

    amount: int
    refunded: int
    category: str
    born: int
    rule: Rule | None = None
    percent: Fraction | None = None
    flat: int | None = None
    cap: int | None = None
    net: int = 0
    creators: int = 0

    def wanted(self) -> int:
        """Before refunds, if there were no cap."""
        return nearest(self.amount * self.percent / 100) if self.percent is not None else self.flat or 0

    def kept(self, gross: int) -> int:
        """What is left of a commission after refunds."""
        return gross - nearest(Fraction(gross * self.refunded, self.amount)) if self.amount else gross

    def price(self, share: int, status: str) -> None:
        gross = self.wanted() if self.cap is None else min(self.wanted(), self.cap)
        self.net = 0 if status == "reversed" else self.kept(gross)
        self.creators = part_of(self.net, share)


@dataclass
class Order:
    """An order in its present state, and what it did to the books."""

    shop: int
    said: Said
    number: int
    received: dt.datetime
    lines: dict[str, Line] = field(default_factory=dict)
    status: str = "pending"
    credit: Credit = NOBODY
    share: int | None = None
    basket: int = 0
    version: int | None = None
    #: Versions that were accepted, with what they said.
    heard: set[tuple[int | None, Said]] = field(default_factory=set)
    standing: Said | None = None
    available_on: dt.date | None = None
    auto_at: dt.datetime | None = None
    locks_at: dt.datetime | None = None
    gated: bool = False
    released: bool = False
    reversed_at: dt.datetime | None = None
    #: The state before its last reversal, and how often it was reversed.
    before: str = "pending"
    reversals: int = 0
    locked: bool = False
    #: What it holds in the books now.
    holds: dict[Account, int] = field(default_factory=dict)
    #: (creator, currency) → what was paid for it.
    paid: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    #: currency → what of it stands on settled lines of brands' statements.
    settled: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    disputes: list[Any] = field(default_factory=list)

    @property
    def commission(self) -> int:
        return sum(line.net for line in self.lines.values())

    @property
    def creators(self) -> int:
        return sum(line.creators for line in self.lines.values())

    @property
    def stage(self) -> str:
        if self.status != "approved":
            return "pending"
        return "available" if self.released else "approved"

    @property
    def disputed(self) -> bool:
        return any(one.open for one in self.disputes)

    def wanted(self) -> dict[Account, int]:
        """What its accounts should hold."""
        cut, whole, currency = self.creators, self.commission, self.said.currency
        platform = "platform_pending" if self.stage == "pending" else "platform_margin"
        found = {("merchant_receivable", self.shop, currency): -whole, (platform, 0, currency): whole - cut}
        if self.credit.creator is not None and not self.credit.reason:
            found[f"creator_{self.stage}", self.credit.creator, currency] = cut
        return {account: amount for account, amount in found.items() if amount}


@dataclass
class Shop:
    """A merchant with its programme and orders."""

    pk: int
    terms: Terms
    orders: dict[str, Order] = field(default_factory=dict)
    #: Orders by what time may bring about.
    pending: dict[str, Order] = field(default_factory=dict)
    held: dict[str, Order] = field(default_factory=dict)
    to_lock: dict[str, Order] = field(default_factory=dict)
    #: currency → (when, order, how much came to be owed for approved money).
    due: dict[str, list[tuple[dt.datetime, Order, int]]] = field(default_factory=lambda: defaultdict(list))


class Orders:
    """Shops, clicks, orders and the books."""

    def __init__(self) -> None:
        self.shops: dict[int, Shop] = {}
        self.clicks: dict[str, Click] = {}
        self.visits: dict[tuple[str, int], list[Click]] = defaultdict(list)
        self.balances: dict[Account, int] = defaultdict(int)
        #: (creator, currency) → what orders moved in or out of available money since the last payout.
        self.unpaid: dict[tuple[int, str], list[tuple[Order, int]]] = defaultdict(list)
        #: (creator, currency) → (when, pending, approved, available, on its way), one entry for each change.
        self.columns: dict[tuple[int, str], list[tuple[dt.datetime, int]]] = defaultdict(list)
        self.suspense: dict[str, list[tuple[dt.datetime, int]]] = defaultdict(list)
        self.touched: set[Account] = set()
        self.moved: dict[int, Order] = {}
        self._born = 0

    # Books ------------------------------------------------------------------------------------------------------

    def move(self, account: Account, amount: int, now: dt.datetime) -> None:
        """Add to an account."""
        kind, whose, currency = account
        self.balances[account] += amount
        self.touched.add(account)
        if kind.startswith("creator_"):
            self.total((whose, currency), amount, now)
        elif kind == "suspense":
            self.suspense[currency].append((now, amount))

    def total(self, key: tuple[int, str], amount: int, now: dt.datetime) -> None:
        """Add to all that a creator has, on its way included."""
        rows = self.columns[key]
        last = rows[-1][1] if rows else 0
        rows.append((now, last + amount))

    def had(self, key: tuple[int, str], before: dt.datetime) -> int:
        """All that a creator had just before a moment."""
        return next((total for at, total in reversed(self.columns[key]) if at < before), 0)

    def book(self, order: Order, now: dt.datetime) -> None:
        """Bring the books to where the order stands."""
        wanted, before = order.wanted(), order.holds
        approved: dict[str, int] = defaultdict(int)
        for account in {*wanted, *before}:
            change = wanted.get(account, 0) - before.get(account, 0)
            if not change:
                continue
            self.move(account, change, now)
            kind, whose, currency = account
            if kind == "creator_available":
                self.unpaid[whose, currency].append((order, change))
            if kind in ("creator_approved", "creator_available", "platform_margin"):
                approved[currency] += change
        shop = self.shops[order.shop]
        for currency, change in approved.items():
            if change:
                shop.due[currency].append((now, order, change))
        order.holds = wanted
        for pile, belongs in (
            (shop.pending, order.status == "pending" and order.auto_at is not None and not order.locked),
            (shop.held, order.status == "approved" and not order.released and order.available_on is not None),
            (shop.to_lock, order.locks_at is not None and not order.locked),
        ):
            if belongs:
                pile[order.said.order] = order
            else:
                pile.pop(order.said.order, None)
        self.moved[order.number] = order

    def settle(self, order: Order, status: str, now: dt.datetime, *, gate_open: bool = False) -> None:
        """Set an order's state, and whether its money is available."""
        if status != "approved":
            order.released = False
        if status != "reversed":
            order.reversed_at = None
        elif order.status != "reversed" or order.reversed_at is None:
            order.reversed_at, order.before = now, order.status
            order.reversals += 1
        order.status = status
        over = order.available_on is not None and order.available_on <= now.date()
        if status == "approved" and over and (gate_open or not order.gated):
            order.released = True

    # Reports ----------------------------------------------------------------------------------------------------

    def report(self, shop: Shop, said: Said, number: int, now: dt.datetime) -> str:
        """Take in a report; returns what became of it."""
        order = shop.orders.get(said.order)
        if order is None:
            order = shop.orders[said.order] = Order(shop.pk, said, number, now)
            self._restate(shop, order, said, now, new=True)
            order.heard.add((said.version, said.fingerprint))
            return "created"
        if said.fingerprint == order.standing:
            if not (order.credit.awaits and said.click in self.clicks and not order.locked):
                return "known"
        elif said.version is not None and order.version is not None and said.version <= order.version:
            if said.version < order.version:
                return "older"
            return "known" if (said.version, said.fingerprint) in order.heard else "conflict"
        elif order.locked:
            return "locked"
        self._restate(shop, order, said, now)
        order.heard.add((said.version, said.fingerprint))
        return "changed"

    def _restate(self, shop: Shop, order: Order, said: Said, now: dt.datetime, *, new: bool = False) -> None:
        terms, old = shop.terms, order.said
        self._give_back(order)
        facts = self._facts(shop, order)
        anew = new or order.credit.awaits or (
            (said.click, said.coupon, said.channel, said.at) != (old.click, old.coupon, old.channel, old.at)
        )  # fmt: skip
        self._dates(order, said, terms)
        order.said, order.standing = said, said.fingerprint
        order.version = said.version if said.version is not None else order.version
        if anew:
            click = self.clicks.get(said.click)
            others = self.visits[click.visitor, click.shop] if click else []
            order.credit = credit(
                shop=shop.pk, terms=terms, at=said.at, ref=said.click, code=said.coupon, channel=said.channel,
                click=click, others=[one for one in others if one is not click],
            )  # fmt: skip
            if not order.credit.reason and order.share is None:
                order.share = terms.share
        status = said.status
        if status == "pending" and order.auto_at is not None and order.auto_at <= now:
            status = "approved"
        if new and status == "reversed":
            order.status = ""
        self.settle(order, status, now)
        order.basket = said.basket
        keep = not new and self._facts(shop, order) == facts
        lines: dict[str, Line] = {}
        for name, amount, refunded, category in said.lines:
            line = order.lines.get(name)
            frozen = keep and line is not None and line.category == category
            if line is None:
                self._born += 1
                line = Line(amount, refunded, category, self._born)
            line.amount, line.refunded, line.category = amount, refunded, category
            if not frozen:
                self._freeze(shop, order, line)
            lines[name] = line
        order.lines = lines
        self._price(order, list(lines.values()))
        self.book(order, now)

    def _dates(self, order: Order, said: Said, terms: Terms) -> None:
        if order.available_on is None:
            order.available_on = (said.at + terms.hold * DAY).date()
            order.auto_at = said.at + terms.auto * DAY if terms.auto is not None else None
            if terms.lock is not None:
                order.locks_at = said.at + terms.lock * DAY
                order.auto_at = order.auto_at or order.locks_at
            order.gated = terms.gated
            return
        order.available_on += said.at.date() - order.said.at.date()
        moved = said.at - order.said.at
        order.auto_at = order.auto_at + moved if order.auto_at else None
        order.locks_at = order.locks_at + moved if order.locks_at else None

    def _facts(self, shop: Shop, order: Order) -> tuple[object, ...]:
        said = order.said
        side = frozenset(r.version for r in shop.terms.rules if r.asks_basket and r.basket_fits(order.basket))
        who = (order.credit.creator, order.credit.reason)
        return said.at, said.currency, said.country, who, said.coupon.strip().casefold(), said.customer, side

    def _freeze(self, shop: Shop, order: Order, line: Line) -> None:
        line.rule, line.percent, line.flat, line.cap = None, None, None, None
        if order.credit.reason:
            return
        said, own = order.said, order.said.currency == shop.terms.currency
        facts = Facts(
            said.at, line.category, order.credit.creator, said.customer, said.coupon.strip().casefold(), said.country,
            order.basket, own,
        )  # fmt: skip
        line.rule, boost = choose(shop.terms.rules, facts)
        if line.rule is None or (line.rule.percent is None and not own):
            return
        line.percent, line.flat = line.rule.percent, line.rule.flat
        if boost is not None and line.percent is not None:
            line.percent = min(line.percent + (boost.percent or 0), Fraction(100))
        elif boost is not None:
            line.flat = (line.flat or 0) + (boost.flat or 0)

    def _share(self, order: Order) -> int:
        return (order.share or 0) if order.credit.creator is not None and not order.credit.reason else 0

    def _whose_month(self, order: Order) -> tuple[int | None, int, int]:
        return order.credit.creator, order.said.at.year, order.said.at.month

    def _give_back(self, order: Order) -> None:
        """What the order's lines took of caps is free again."""
        for line in order.lines.values():
            if line.rule is not None and line.rule.capped:
                line.rule.paid -= line.net
                key = self._whose_month(order)
                line.rule.paid_to[key] = line.rule.paid_to.get(key, 0) - line.net

    def _price(self, order: Order, lines: list[Line]) -> None:
        """Price the lines in turn, each cut to what its rule's caps leave. `_give_back` comes first."""
        in_order: dict[int, int] = defaultdict(int)
        key, share = self._whose_month(order), self._share(order)
        for line in lines:
            rule = line.rule
            if rule is not None and rule.capped:
                gross = line.wanted() if line.cap is None else min(line.wanted(), line.cap)
                left = min(
                    most - used
                    for most, used in (
                        (rule.budget, rule.paid),
                        (rule.monthly, rule.paid_to.get(key, 0)),
                        (rule.per_order, in_order[rule.version]),
                    )
                    if most is not None
                )
                while order.status != "reversed" and gross > 0 and line.kept(gross) > max(left, 0):
                    # Far above: what is kept never falls faster than what is taken away from before refunds.
                    gross -= max(1, line.kept(gross) - max(left, 0))
                line.cap = gross if gross < line.wanted() else None
            line.price(share, order.status)
            if rule is not None and rule.capped:
                rule.paid += line.net
                rule.paid_to[key] = rule.paid_to.get(key, 0) + line.net
                in_order[rule.version] += line.net

    # Decisions --------------------------------------------------------------------------------------------------

    def decide(self, order: Order, status: str | None, now: dt.datetime) -> None:
        """A person sets an order's state, or (None) changed a refund: the money follows at the frozen terms."""
        self._give_back(order)
        if status is not None:
            self.settle(order, status, now)
            order.said = replace(order.said, status=status)
        self._price(order, sorted(order.lines.values(), key=lambda line: line.born))
        self.book(order, now)

    def refund(self, order: Order, name: str, refunded: int, now: dt.datetime) -> None:
        """A person sets how much of a line was refunded."""
        self._give_back(order)
        order.lines[name].refunded = refunded
        self._price(order, sorted(order.lines.values(), key=lambda line: line.born))
        self.book(order, now)

    # Time -------------------------------------------------------------------------------------------------------

    def gate_open(self, order: Order) -> bool:
        return not order.gated or order.settled[order.said.currency] >= order.commission

    def approve_due(self, now: dt.datetime) -> None:
        for shop in self.shops.values():
            for order in [o for o in shop.pending.values() if o.auto_at and o.auto_at <= now]:
                self.settle(order, "approved", now)
                self.book(order, now)

    def release_holds(self, now: dt.datetime) -> None:
        for shop in self.shops.values():
            for order in [o for o in shop.held.values() if o.available_on and o.available_on <= now.date()]:
                if self.gate_open(order):
                    self.settle(order, "approved", now, gate_open=True)
                    self.book(order, now)

    def late_clicks(self, now: dt.datetime, waiting: list[Order]) -> None:
        """Orders of the last day whose click is there by now."""
        for order in waiting:
            known = order.credit.awaits and order.said.click in self.clicks and not order.locked
            if known and now - DAY <= order.received <= now:
                standing, lines = order.standing, tuple(self.as_stored(order))
                self._restate(self.shops[order.shop], order, replace(order.said, lines=lines), now)
                order.standing = standing

    def as_stored(self, order: Order) -> list[tuple[str, int, int, str]]:
        """The order's lines as they stand, by when they were first named."""
        rows = sorted(order.lines.items(), key=lambda item: item[1].born)
        return [(name, line.amount, line.refunded, line.category) for name, line in rows]

    def lock_due(self, now: dt.datetime) -> None:
        for shop in self.shops.values():
            for order in list(shop.to_lock.values()):
                decided = order.status != "pending" and not order.disputed
                answered = order.reversed_at is None or order.reversed_at + RESTORE <= now
                if order.locks_at and order.locks_at <= now and decided and answered:
                    self.lock(shop, order)

    def lock(self, shop: Shop, order: Order) -> None:
        order.locked = True
        shop.pending.pop(order.said.order, None)
        shop.to_lock.pop(order.said.order, None)
        self.moved[order.number] = order
