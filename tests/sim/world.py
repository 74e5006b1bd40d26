"""The site under the simulator: its people and shops, its services with crashes between any two writes, its rows."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
from collections import defaultdict
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Max

from affiliates.catalogue.models import ExchangeRate
from affiliates.earnings.models import Account, ConversionLine, PayoutProfile, Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services.adjustments import AdjustmentRefused
from affiliates.earnings.services.brand_accounts import PaymentRefused
from affiliates.earnings.services.decisions import DecisionRefused
from affiliates.earnings.services.disputes import DisputeRefused
from affiliates.earnings.services.payouts import PayoutRefused
from affiliates.earnings.services.periods import PeriodRefused
from affiliates.earnings.services.rules import RuleRefused
from affiliates.parties.models import ApiKey, Enrolment
from affiliates.parties.services.joining import join_program, leave_program
from affiliates.tracking.models import Click as ClickRow
from affiliates.tracking.models import ClickVerdict, Link
from community.models import Creator, User
from tests.factories.community import make_bare_creator, make_finance
from tests.factories.earnings import make_shop
from tests.factories.parties import make_enrolment, make_key
from tests.factories.tracking import make_link
from tests.sim.model import Model, Profile
from tests.sim.orders import Account as Place
from tests.sim.orders import Order, Shop
from tests.sim.provider import start_over
from tests.sim.terms import DAY, Click, Rule, Terms

T = TypeVar("T")
START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
REFUSALS = (
    AdjustmentRefused, DecisionRefused, DisputeRefused, PaymentRefused, PayoutRefused, PeriodRefused, RuleRefused,
    ValidationError,
)  # fmt: skip
WRITES = ("INSERT", "UPDATE", "DELETE")
MOST_CRASHES = 60


class Broken(AssertionError):
    """A promise that does not hold; the message says which."""


class Crash(Exception):
    """The process died here."""


class _Dying:
    """Counts the writes of a connection and dies before one of them."""

    def __init__(self, at: int) -> None:
        self.at, self.count = at, 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(WRITES):
            self.count += 1
            if self.count == self.at:
                raise Crash(sql[:80])
        return execute(sql, params, many, context)


class World:
    """One site with the model beside it."""

    def __init__(self, *, restart: bool = False) -> None:
        start_over()
        self.model, self.now, self.dice = Model(), START, random.Random(0)
        #: Whether connections are closed at a crash, as a restart would; not inside a test's own transaction.
        self.restart = restart
        self.people: list[User] = [make_finance() for _ in range(3)]
        self.creators: list[Creator] = []
        self.user_of: dict[int, int] = {}
        self.rows: dict[int, Any] = {}
        self.keys: dict[int, ApiKey] = {}
        self.links: dict[tuple[int, int | None], Link] = {}
        self.codes: dict[tuple[int, str], Any] = {}
        self.places: dict[int, Place] = {}
        self.sums: dict[Place, int] = defaultdict(int)
        self.last_seq, self.chain, self.transfers = 0, hashlib.sha256(), 0
        self.made = self.crashes = 0
        self.first_at = START + 36_500 * DAY
        for _ in range(4):
            self.add_creator()

    # People and shops -------------------------------------------------------------------------------------------

    def add_creator(self) -> Creator:
        """A creator who is paid by arrangement."""
        creator = make_bare_creator()
        self.creators.append(creator)
        self.user_of[creator.pk] = creator.user_id
        PayoutProfile.objects.create(
            creator=creator, version=1, method="manual", country="DE", holder="x", details={"note": f"n{creator.pk}"},
            created_by=creator.user, created_at=LONG_AGO, told_at=LONG_AGO,
        )  # fmt: skip
        self.model.profiles[creator.pk] = Profile("manual", LONG_AGO)
        return creator

    def add_shop(self, *, currency: str, percent: str, share: str, **program: Any) -> Shop:
        """A shop with one rule for everything, and its key."""
        self.made += 1
        made = make_shop(
            f"sim{self.made}-{currency.lower()}", currency=currency, percent=percent, share=share,
            creator=self.creators[0], **program,
        )  # fmt: skip
        pk = made.merchant.pk
        self.rows[pk] = made
        self.keys[pk] = make_key(merchant=made.merchant)[0]
        self.links[pk, made.creator.pk] = made.link
        terms = Terms(
            currency=currency, share=int(Decimal(share) * 10_000), hold=made.program.hold_days,
            auto=made.program.auto_approve_days, lock=made.program.lock_days, gated=made.program.brand_pays_first,
            window=made.program.window_days, model=made.program.attribution_model, policy=made.program.coupon_policy,
            rules=[Rule(1, LONG_AGO, percent=Fraction(percent))],
        )  # fmt: skip
        shop = self.model.shops[pk] = Shop(pk, terms)
        terms.stays[made.creator.pk] = [[LONG_AGO, None]]
        for creator in self.creators[-6:]:
            if creator.pk != made.creator.pk:
                make_enrolment(made.program, creator)
                terms.stays[creator.pk] = [[LONG_AGO, None]]
        return shop

    def link(self, shop: Shop, creator: Creator | None) -> Link:
        key = shop.pk, creator.pk if creator else None
        if key not in self.links:
            self.links[key] = make_link(merchant=self.rows[shop.pk].merchant, creator=creator)
        return self.links[key]

    def click(self, shop: Shop, creator: Creator | None, *, ref: str, at: dt.datetime, visitor: str, flaw: str) -> None:
        """A stored click, as the loader leaves it."""
        row = ClickRow.objects.create(
            click_id=ref, at=at, link=self.link(shop, creator), creator=creator, merchant=self.rows[shop.pk].merchant,
            country="DE", method="GET", visitor_key=visitor,
        )  # fmt: skip
        ClickVerdict.objects.create(click=row, is_valid=not flaw, reason=flaw, rules_version=1, judged_at=at)
        click = Click(ref, at, shop.pk, creator.pk if creator else None, visitor, flaw)
        self.model.clicks[ref] = click
        self.model.visits[visitor, shop.pk].append(click)

    def join(self, shop: Shop, creator: Creator) -> None:
        """The creator is in the shop's programme from now on."""
        join_program(program=self.rows[shop.pk].program, creator=creator, now=self.now)
        shop.terms.join(creator.pk, self.now)

    def leave(self, shop: Shop, creator: Creator) -> None:
        """The creator is not in the shop's programme any more."""
        enrolment = Enrolment.objects.filter(program=self.rows[shop.pk].program, creator=creator).first()
        if enrolment is not None:
            leave_program(enrolment=enrolment, now=self.now)
            shop.terms.leave(creator.pk, self.now)

    def rates(self, day: dt.date, **rates: str) -> None:
        """The central bank's rates of a day."""
        for currency, rate in rates.items():
            ExchangeRate.objects.create(currency=currency, on=day, rate_e8=int(Decimal(rate) * 10**8))
        self.model.rates[day] = {currency: Fraction(rate) for currency, rate in rates.items()}
        cache.clear()

    # Services ---------------------------------------------------------------------------------------------------

    def call(self, service: Callable[[], T], *, crash: bool = False, whole: bool = True, again: int = 0) -> T | None:
        """What a service answers; None where it refuses. With `crash` it dies before one of its writes by chance, or
        before its first, then its second, and so on, and is repeated; `whole` says that it must have done nothing.
        """
        before = (Transfer.objects.aggregate(last=Max("seq"))["last"] or 0) if crash else 0
        every = self.dice.random() < 0.1
        at = 0 if not crash else 1 if every else self.dice.choice([1, 2, 3, 4, 5, 6, 7, 9, 11, 14])
        while 0 < at < MOST_CRASHES:
            try:
                with connection.execute_wrapper(_Dying(at)):
                    return service()
            except REFUSALS:
                return None
            except Crash as died:
                self.crashes += 1
                if not self.restart and connection.needs_rollback:
                    # Inside a test's transaction: the statement was never sent, so nothing is wrong with it.
                    connection.set_rollback(False)
                if whole and Transfer.objects.filter(seq__gt=before).exists():
                    raise Broken(f"M4: died before {died} and left transfers behind") from died
                if self.restart and at % 8 == 1:
                    connection.close()
                self.now += dt.timedelta(minutes=again)
                at = at + 1 if every else 0
        try:
            return service()
        except REFUSALS:
            return None

    # What is stored ---------------------------------------------------------------------------------------------

    def read_transfers(self) -> None:
        """Add the transfers since the last step to the sums; each must be sound."""
        rows = Transfer.objects.filter(seq__gt=self.last_seq).order_by("seq").values_list(*COLUMNS)
        for row in rows:
            seq, debit, credit, amount, currency, at = row[:6]
            if missing := {debit, credit} - self.places.keys():
                for pk, kind, merchant, creator, of in Account.objects.filter(pk__in=missing).values_list(
                    "pk", "kind", "merchant_id", "creator_id", "currency"
                ):
                    self.places[pk] = (kind, merchant or creator or 0, of)
            out, into = self.places[debit], self.places[credit]
            if amount <= 0 or out == into or {out[2], into[2]} != {currency}:
                raise Broken(f"M1: transfer {seq} moves {amount} {currency} from {out} to {into}")
            self.sums[out] -= amount
            self.sums[into] += amount
            self.model.touched |= {out, into}
            self.chain.update(repr(row).encode())
            self.last_seq, self.transfers = seq, self.transfers + 1
            self.first_at = min(self.first_at, at)

    def check_step(self) -> None:
        """What the last command touched is as the model says. Two queries."""
        self.read_transfers()
        model = self.model
        if model.moved:
            check_orders(model.moved.values())
            model.moved.clear()
        for place in model.touched:
            if self.sums.get(place, 0) != model.balances.get(place, 0):
                raise Broken(f"M3: {place} holds {self.sums.get(place, 0)}, should hold {model.balances.get(place, 0)}")
        model.touched.clear()

    def audit(self) -> None:
        """`check_ledger`, every transfer as it was when it was booked, and every account as the model has it."""
        self.read_transfers()
        if faults := [str(fault) for _, fault in zip(range(5), violations(), strict=False)]:
            raise Broken("check_ledger: " + "; ".join(faults))
        chain = hashlib.sha256()
        for row in Transfer.objects.order_by("seq").values_list(*COLUMNS).iterator(chunk_size=5000):
            chain.update(repr(row).encode())
        if chain.digest() != self.chain.digest():
            raise Broken("M2: a transfer is not what it was when it was booked")
        wrong = {p for p in {*self.sums, *self.model.balances} if self.sums.get(p, 0) != self.model.balances.get(p, 0)}
        if wrong:
            raise Broken(f"M3: {sorted(wrong)} do not hold what they should")


COLUMNS = (
    "seq", "debit_id", "credit_id", "amount_minor", "currency", "effective_at", "kind", "source_key", "conversion_id",
    "payout_id", "created_at",
)  # fmt: skip


def check_orders(orders: Iterable[Order]) -> None:
    """The orders' rows are as the model says. One query."""
    wanted = {order.said.order: order for order in orders}
    found: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
    heads: dict[str, tuple[Any, ...]] = {}
    paid: dict[str, int] = defaultdict(int)
    for row in ConversionLine.objects.filter(conversion__order_id__in=wanted).values_list(
        "conversion__order_id", "line_id", "amount_minor", "refunded_minor", "commission_minor", "creator_minor",
        "platform_minor", "paid_minor", "conversion__status", "conversion__creator_id", "conversion__currency",
        "conversion__released_at", "conversion__locked_at", "conversion__version", "conversion__available_on",
    ):  # fmt: skip
        name = row[0]
        found[name][row[1]] = row[2:7]
        paid[name] += row[7]
        heads[name] = (*row[8:11], row[11] is not None, row[12] is not None, row[13], row[14])
    for name, order in wanted.items():
        creator = order.credit.creator if not order.credit.reason else None
        currency = order.said.currency
        head = (order.status, creator, currency, order.released, order.locked, order.version, order.available_on)
        if heads.get(name) != head:
            raise Broken(f"order {name} is {heads.get(name)}, should be {head} ({order.credit})")
        lines = {
            line_id: (line.amount, line.refunded, line.net, line.creators, line.net - line.creators)
            for line_id, line in order.lines.items()
        }
        if found[name] != lines:
            raise Broken(f"M6/M7: order {name} has lines {found[name]}, should have {lines}")
        due = order.paid.get((creator or 0, currency), 0)
        if paid[name] != due:
            raise Broken(f"M3: of order {name} {paid[name]} count as paid, should be {due}")


def day(moment: dt.datetime) -> dt.datetime:
    """The beginning of a moment's day."""
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


__all__ = ["DAY", "Broken", "Crash", "World", "check_orders", "day"]
