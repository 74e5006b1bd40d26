"""What programmes, finance and time do: rules, codes, brands' payments, adjustments, months, people who go."""

from __future__ import annotations

import contextlib
import datetime as dt
import random
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any
from unittest.mock import patch

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Adjustment as AdjustmentRow
from affiliates.earnings.models import CommissionRule, Statement
from affiliates.earnings.services.adjustments import approve_adjustment, propose_adjustment, reject_adjustment
from affiliates.earnings.services.brand_accounts import issue_statement, record_brand_payment
from affiliates.earnings.services.clockwork import lock_orders
from affiliates.earnings.services.coupons import create_coupon, hand_over_coupon
from affiliates.earnings.services.periods import close_period
from affiliates.earnings.services.rules import add_rule, end_rule
from affiliates.earnings.services.seals import seal_books
from community.services.accounts import erase_person
from tests.sim.commands_orders import CATEGORIES
from tests.sim.driver import Sim, command
from tests.sim.model import Adjustment, No
from tests.sim.orders import Shop
from tests.sim.terms import DAY, Coupon, Rule
from tests.sim.world import Broken, day

CURRENCIES = ("EUR", "USD", "JPY", "KWD", "EUR", "EUR")


def agree(what: str, may: bool, stored: Any, *, crash: bool = False) -> str:
    """Compare whether something was done."""
    if (stored is not None) != may:
        raise Broken(f"{what} was {'refused' if stored is None else 'done'}, should not have been")
    return "" if may else " refused"


# Shops and their programmes -------------------------------------------------------------------------------------


@command(2)
def new_shop(sim: Sim, rng: random.Random) -> str | None:
    """A merchant joins; the oldest one falls silent. A creator joins now and then."""
    if len(sim.active) >= 3 and not sim.is_time("shop", every=1500, growth=0):
        return None
    currency = CURRENCIES[len(sim.model.shops) % len(CURRENCIES)]
    auto = rng.choice([None, 0, 10, 30])
    shop = sim.add_shop(
        currency=currency, percent=rng.choice(["10", "7.5", "12.3456"]),
        share=rng.choice(["70", "33.3333", "100", "50"]),
        hold_days=rng.choice([0, 14, 30]), auto_approve_days=auto, lock_days=rng.choice([None, 40, 60]),
        brand_pays_first=rng.random() < 0.4, window_days=rng.choice([7, 30]),
        attribution_model=rng.choice(["last_click", "first_click"]),
        coupon_policy=rng.choice(["code", "click", "exclusive"]),
    )  # fmt: skip
    sim.active.append(shop)
    if len(sim.active) > 4:
        sim.active.pop(0)
        creator = sim.add_creator()
        for one in sim.active:
            sim.join(one, creator)
    return f"{shop.pk} {currency}"


@command(2)
def edit_program(sim: Sim, rng: random.Random) -> str | None:
    """A programme's terms change; orders that came before keep theirs."""
    if not sim.active:
        return None
    shop = rng.choice(sim.active)
    program, terms = sim.rows[shop.pk].program, shop.terms
    what = rng.choice(["share", "hold", "gated", "window", "model", "policy"])
    if what == "share":
        share = rng.choice(["70", "60", "33.3333", "0"])
        program.creator_share_percent, terms.share = Decimal(share), int(Decimal(share) * 10_000)
    elif what == "hold":
        program.hold_days = terms.hold = rng.choice([0, 3, 14, 30])
    elif what == "gated":
        program.brand_pays_first = terms.gated = not terms.gated
    elif what == "window":
        program.window_days = terms.window = rng.choice([1, 7, 30, 60])
    elif what == "model":
        program.attribution_model = terms.model = rng.choice(["last_click", "first_click"])
    else:
        program.coupon_policy = terms.policy = rng.choice(["code", "click", "exclusive"])
    program.save()
    return f"{what} of {shop.pk}"


@command(2)
def enrolment(sim: Sim, rng: random.Random) -> str | None:
    """A creator leaves a programme, or joins it again."""
    if not sim.active:
        return None
    shop, creator = rng.choice(sim.active), rng.choice(sim.creators[-6:])
    joins = rng.random() < 0.6
    (sim.join if joins else sim.leave)(shop, creator)
    return f"{creator.pk} {'joins' if joins else 'leaves'} {shop.pk}"


@command(4)
def rule_change(sim: Sim, rng: random.Random) -> str | None:
    """A new version of what a programme pays: a rate, a condition, a boost, a cap or a budget."""
    if not sim.active:
        return None
    shop = rng.choice(sim.active)
    if len(shop.terms.rules) > 60:
        return None
    starts = sim.now + dt.timedelta(hours=rng.choice([0, 0, 5, 100, -2000]))
    made = Rule(max(rule.version for rule in shop.terms.rules) + 1, starts)
    given: dict[str, Any] = {}
    if rng.random() < 0.75:
        percent = rng.choice(["5", "8", "12.5", "10", "3.3333", "100"])
        made.percent, given["percent"] = Fraction(percent), Decimal(percent)
    else:
        made.flat = given["flat_minor"] = rng.choice([150, 500, 7])
    what = rng.choice(
        ["all", "category", "creator", "customer", "coupon", "country", "basket", "budget", "cap", "boost"]
    )
    if what == "category":
        made.category = given["category"] = rng.choice(CATEGORIES[1:])
    elif what == "creator":
        creator = rng.choice(sim.creators[-6:])
        made.creator, given["creator"] = creator.pk, creator
    elif what == "customer":
        made.customer = given["customer"] = rng.choice(["new", "returning", "unknown"])
    elif what == "coupon" and shop.terms.coupons:
        made.coupon = given["coupon"] = rng.choice(list(shop.terms.coupons))
    elif what == "country":
        made.country = given["country"] = "ES"
    elif what == "basket":
        made.least = given["basket_min_minor"] = rng.choice([5_000, 20_000])
    elif what == "budget":
        made.budget = given["budget_minor"] = rng.choice([3_000, 20_000])
        made.category = given["category"] = rng.choice(CATEGORIES)
    elif what == "cap":
        made.monthly = given["creator_month_minor"] = rng.choice([2_000, 9_000])
        made.per_order = given["order_minor"] = rng.choice([700, 2_000])
    elif what == "boost":
        made.effect = given["effect"] = rng.choice(["adds", "replaces"])
        made.ends = given["ends_at"] = starts + rng.choice([2, 20]) * DAY
    same = [rule for rule in shop.terms.rules if rule.same == made.same]
    later = [rule for rule in same if rule.starts >= starts]
    open_end = [rule for rule in same if rule.ends is None or rule.ends > starts]
    may = not later and not (same and starts < sim.now)
    stored = sim.call(
        lambda: add_rule(program=sim.rows[shop.pk].program, starts_at=starts, now=sim.now, **given),
        crash=rng.random() < 0.05,
    )
    told = agree(f"rule {what}", may, stored)
    if may:
        for rule in open_end:
            if rule.starts <= starts:
                rule.ends = starts
        shop.terms.rules.append(made)
    return f"{what} v{made.version} of {shop.pk} from {starts:%m-%d %H:%M}{told}"


@command(1)
def rule_end(sim: Sim, rng: random.Random) -> str | None:
    """A rule ends, now or later; never earlier than now."""
    if not sim.active:
        return None
    shop = rng.choice(sim.active)
    rule = rng.choice(shop.terms.rules)
    at = sim.now + dt.timedelta(hours=rng.choice([-5, 0, 50]))
    may = at >= sim.now and (rule.ends is None or at <= rule.ends)
    row = CommissionRule.objects.get(program=sim.rows[shop.pk].program, version=rule.version)
    told = agree("the end of a rule", may or rule.ends == at, sim.call(lambda: end_rule(rule=row, at=at, now=sim.now)))
    if may:
        rule.ends = max(at, rule.starts)
    return f"v{rule.version} of {shop.pk}{told}"


@command(2)
def coupon(sim: Sim, rng: random.Random) -> str | None:
    """A code is given out, handed on, or withdrawn."""
    if not sim.active:
        return None
    shop, creator = rng.choice(sim.active), rng.choice(sim.creators[-6:])
    if len(shop.terms.coupons) < 4:
        code, exclusive = f"Code{len(shop.terms.coupons)}", rng.random() < 0.5
        since = sim.now - rng.choice([0, 5, 60]) * DAY
        sim.call(
            lambda: create_coupon(
                merchant=sim.rows[shop.pk].merchant, code=code, creator=creator, exclusive=exclusive, from_at=since,
                until_at=None, by=sim.people[0], now=sim.now,
            ),
            crash=rng.random() < 0.1,
        )  # fmt: skip
        shop.terms.coupons[code.casefold()] = Coupon(exclusive, [(since, creator.pk)])
        sim.codes[shop.pk, code.casefold()] = sim.rows[shop.pk].merchant.coupons.get(folded=code.casefold())
        return f"{code} of {shop.pk} to {creator.pk}"
    folded = rng.choice(list(shop.terms.coupons))
    held, to = shop.terms.coupons[folded], rng.choice([creator, creator, None])
    at = sim.now + dt.timedelta(hours=rng.choice([0, 0, 30, -24 * 90]))
    begun = [since for since, _ in held.holders if since <= sim.now]
    may = not begun or at >= max(begun)
    stored = sim.call(
        lambda: (
            hand_over_coupon(coupon=sim.codes[shop.pk, folded], creator=to, from_at=at, by=sim.people[0], now=sim.now)
            or True
        ),
        crash=rng.random() < 0.1,
    )
    told = agree("handing on a code", may, stored)
    if may:
        held.holders = [one for one in held.holders if one[0] <= sim.now and one[0] != at]
        held.holders.append((at, to.pk if to else None))
    return f"{folded} of {shop.pk} to {to.pk if to else 'nobody'}{told}"


# Time -----------------------------------------------------------------------------------------------------------


@command(10)
def time_passes(sim: Sim, rng: random.Random) -> str:
    """Minutes to days go by; new days have new rates, mostly."""
    before = sim.now
    slow = max(1, sim.step // 4000)
    hours = rng.choice([0.1, 0.5, 2, 7, 20, 60] + ([200] if rng.random() < 1 / slow else []))
    sim.now = before + dt.timedelta(hours=hours if slow == 1 else max(0.1, hours / slow))
    if sim.now.date() not in sim.model.rates and rng.random() < 0.8:
        rates = {"USD": f"1.{rng.randrange(1000, 2000)}", "JPY": str(rng.randrange(140, 180)), "KWD": "0.3412"}
        if rng.random() < 0.03:
            del rates["KWD"]
        sim.rates(sim.now.date(), **rates)
        for old in [on for on in sim.model.rates if on < sim.now.date() - 9 * DAY]:
            del sim.model.rates[old]
    return f"{hours} hours"


@command(1)
def lock_older(sim: Sim, rng: random.Random) -> str | None:
    """Finance locks a shop's old orders."""
    if not sim.active or not sim.is_time("lock", every=100):
        return None
    shop, before = rng.choice(sim.active), sim.now - 44 * DAY
    for order in list(shop.orders.values()):
        if order.said.at < before and not order.locked and not order.disputed:
            sim.model.lock(shop, order)
    sim.call(lambda: lock_orders(merchant=sim.rows[shop.pk].merchant, before=before, now=sim.now))
    return f"{shop.pk}"


# Brands and finance ---------------------------------------------------------------------------------------------


def some_account(sim: Sim, rng: random.Random) -> tuple[Shop, str]:
    shop = rng.choice(sim.active)
    return shop, shop.terms.currency if rng.random() < 0.85 else rng.choice(CURRENCIES)


@command(3)
def brand_statement(sim: Sim, rng: random.Random) -> str | None:
    """Finance states to a brand what it owes."""
    if not sim.active:
        return None
    shop, currency = some_account(sim, rng)
    ends = sim.now - dt.timedelta(minutes=rng.choice([1, 5, 60, 1500]))
    try:
        total, may = sim.model.state(shop, currency, ends, sim.now), True
    except No:
        total, may = None, False
    made: list[Any] = []

    def service() -> bool:
        made.append(issue_statement(merchant=sim.rows[shop.pk].merchant, currency=currency, ends_at=ends, now=sim.now))
        return True

    told = agree("a brand's statement", may, sim.call(service, crash=rng.random() < 0.08))
    stored = made[-1].total_minor if made and made[-1] is not None else None
    if stored != total:
        raise Broken(f"M11: the statement of {shop.pk} says {stored} {currency}, should say {total}")
    if stored is not None:
        lines = [(a, s is not None) for a, s in made[-1].lines.order_by("pk").values_list("amount_minor", "settled_at")]
        want = [(line[1], line[2]) for line in sim.model.brands[shop.pk, currency].stated[-1].lines]
        if lines != want:
            raise Broken(f"M11: the statement's lines are {lines}, should be {want}")
    return f"{shop.pk} {currency} {total}{told}"


@command(4)
def brand_payment(sim: Sim, rng: random.Random) -> str | None:
    """A brand pays: what is stated, a part, too much, or with a reference that was recorded before."""
    if not sim.active:
        return None
    shop, currency = some_account(sim, rng)
    account = sim.model.brands[shop.pk, currency]
    owed = sum(line[1] for stated in account.stated for line in stated.lines) - account.paid  # type: ignore[misc]
    amount = rng.choice([max(owed, 1), max(owed, 1), max(owed // 2, 1), max(owed, 0) + 700, 0])
    old = [ref for pk, ref in sim.model.references if pk == shop.pk]
    reference = rng.choice(sorted(old)) if old and rng.random() < 0.15 else sim.name("bank")
    may = True
    try:
        sim.model.brand_pays(shop, currency, amount, reference, sim.now)
    except No:
        may = False
    stored = sim.call(
        lambda: record_brand_payment(
            merchant=sim.rows[shop.pk].merchant, currency=currency, amount_minor=amount, reference=reference,
            paid_on=sim.now.date(), by=sim.people[0], now=sim.now,
        ),
        crash=rng.random() < 0.08,
    )  # fmt: skip
    return f"{shop.pk} {amount} {currency} of {owed}" + agree("a brand's payment", may, stored)


@command(3)
def adjustment(sim: Sim, rng: random.Random) -> str | None:
    """Finance proposes to move money by hand, and somebody else agrees or does not."""
    open_ones = [one for one in sim.model.adjustments[-12:] if one.state == "proposed" or rng.random() < 0.1]
    if not open_ones or rng.random() < 0.4:
        creator, by = rng.choice(sim.creators[-6:]), rng.choice(sim.people)
        ways = [("creator_available", other) for other in ("platform_margin", "suspense", "clawback_loss")]
        debit, credit = rng.choice(ways)
        if rng.random() < 0.5:
            debit, credit = credit, debit
        if rng.random() < 0.1:
            debit, credit = "bank", "creator_available"
        currency, amount = rng.choice(CURRENCIES), rng.choice([0, 25, 700, 4000])
        may = amount > 0 and debit != "bank"
        stored = sim.call(
            lambda: propose_adjustment(
                creator=creator, currency=currency, debit_kind=debit, credit_kind=credit, amount_minor=amount,
                reason="because", by=by, now=sim.now,
            )
        )  # fmt: skip
        told = agree("a proposal", may, stored)
        if stored is not None:
            sim.model.adjustments.append(Adjustment(creator.pk, currency, debit, credit, amount, by.pk, pk=stored.pk))
        return f"{amount} {currency} {debit} > {credit}{told}"
    one, by = rng.choice(open_ones), rng.choice(sim.people)
    row = AdjustmentRow.objects.get(pk=one.pk)
    if rng.random() < 0.15:
        may = one.state == "proposed"
        one.state = "rejected" if may else one.state
        return f"reject {one.pk}" + agree(
            "a rejection", may, sim.call(lambda: reject_adjustment(adjustment=row, by=by, now=sim.now))
        )
    may = True
    try:
        sim.model.adjust(one, by.pk, sim.now, user_of=sim.user_of)
    except No:
        may = False
    stored = sim.call(lambda: approve_adjustment(adjustment=row, by=by, now=sim.now), crash=rng.random() < 0.1)
    return f"approve {one.pk}" + agree("an adjustment", may, stored)


@command(2)
def clear_suspense(sim: Sim, rng: random.Random) -> str | None:
    """What stands in suspense is explained: it goes back to a creator, or comes from one."""
    for (kind, _whose, currency), amount in sorted(sim.model.balances.items()):
        if kind != "suspense" or not amount:
            continue
        creator, (first, second) = rng.choice(sim.creators[-6:]), rng.sample(sim.people, 2)
        ways = ("suspense", "creator_available") if amount > 0 else ("creator_available", "suspense")
        row = propose_adjustment(
            creator=creator, currency=currency, debit_kind=ways[0], credit_kind=ways[1], amount_minor=abs(amount),
            reason="explained", by=first, now=sim.now,
        )  # fmt: skip
        one = Adjustment(creator.pk, currency, *ways, abs(amount), first.pk, pk=row.pk)
        sim.model.adjustments.append(one)
        sim.model.adjust(one, second.pk, sim.now, user_of=sim.user_of)
        approving = partial(approve_adjustment, adjustment=row, by=second, now=sim.now)
        sim.call(approving, crash=rng.random() < 0.2)
        return f"{amount} {currency}"
    return None


# Months ---------------------------------------------------------------------------------------------------------


@command(4)
def close_month(sim: Sim, rng: random.Random) -> str | None:
    """Finance closes the oldest open month, or tries to close one that is not over."""
    if not sim.transfers or not sim.is_time("close", every=120):
        return None
    start = sim.model.months[-1] if sim.model.months else day(sim.first_at).replace(day=1)
    end = (start + 32 * DAY).replace(day=1)
    before = len(sim.model.months)
    with contextlib.suppress(No):
        sim.model.close_month(start, end, sim.now)
    may = len(sim.model.months) > before
    month = Month(start.year, start.month)
    stored = sim.call(
        lambda: close_period(month=month, by=sim.people[0], now=sim.now), crash=rng.random() < 0.1, whole=False
    )
    told = agree(f"closing {month}", may, stored)
    if may:
        check_statements(sim, str(month), start, end)
    return f"{month}{told}"


def check_statements(sim: Sim, month: str, start: dt.datetime, end: dt.datetime) -> None:
    """Each statement opens and closes with what its creator had."""
    stated = {
        (creator, currency): (opening, closing)
        for creator, currency, opening, closing in Statement.objects.filter(period__month=month).values_list(
            "creator_id", "currency", "opening_minor", "closing_minor"
        )
    }
    for key, rows in sim.model.columns.items():
        want = sim.model.had(key, start), sim.model.had(key, end)
        moved = any(start <= at < end for at, _ in rows)
        if stated.get(key, (0, 0)) != want or (moved and key not in stated):
            raise Broken(f"M11: the statement of {key} for {month} says {stated.get(key)}, should say {want}")


@command(1)
def seal(sim: Sim, rng: random.Random) -> str | None:
    """The worker seals the books."""
    if not sim.is_time("seal", every=60, growth=0.02):
        return None
    return f"{sim.call(lambda: seal_books(now=sim.now), crash=rng.random() < 0.2, whole=False)} transfers"


@command(1)
def person_goes(sim: Sim, rng: random.Random) -> str | None:
    """A creator is erased; every figure stays, and nothing is paid to nobody."""
    if len(sim.creators) < 5 or not sim.is_time("erase", every=300, growth=0.1):
        return None
    creator = rng.choice(sim.creators[-6:])
    profile = sim.model.profiles[creator.pk]
    with patch("django.utils.timezone.now", lambda: sim.now):
        sim.call(lambda: erase_person(user=creator.user), crash=rng.random() < 0.3)
    for shop in sim.model.shops.values():
        shop.terms.leave(creator.pk, sim.now)
    if profile is not None:
        profile.replaced = True
    sim.model.profiles[creator.pk] = None
    return f"{creator.pk}"
