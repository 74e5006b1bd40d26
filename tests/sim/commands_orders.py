"""What merchants, readers and brands do: clicks, reports in every order and multiplicity, decisions, disputes."""

from __future__ import annotations

import datetime as dt
import json
import random
from typing import Any

from affiliates.earnings.models import Conversion, Dispute
from affiliates.earnings.services.clockwork import (
    approve_due,
    credit_late_clicks,
    lock_due,
    release_holds,
)
from affiliates.earnings.services.decisions import amend_refund, approve_order, reverse_order
from affiliates.earnings.services.disputes import answer_dispute, escalate_due, open_dispute
from affiliates.earnings.services.intake import receive_orders
from tests.sim.driver import Sim, command, reworded
from tests.sim.model import No
from tests.sim.orders import Order, Said, Shop
from tests.sim.terms import DIGITS
from tests.sim.world import Broken

HOUR = dt.timedelta(hours=1)
CATEGORIES = ("", "Shoes", "Shoes > Boots", "Hats", "Home > Kitchen")
STATUS = {"created": 201, "changed": 200, "known": 200, "older": 200, "locked": 409, "conflict": 409}


def written(minor: int, currency: str) -> str:
    """An amount as the API takes it."""
    digits = DIGITS[currency]
    if not digits:
        return str(minor)
    sign, whole = "-" if minor < 0 else "", str(abs(minor)).rjust(digits + 1, "0")
    return f"{sign}{whole[:-digits]}.{whole[-digits:]}"


def body_of(said: Said) -> dict[str, Any]:
    """A report as the API takes it."""
    found: dict[str, Any] = {
        "order_id": said.order,
        "click_id": said.click or None,
        "coupon": said.coupon or None,
        "status": said.status,
        "currency": said.currency,
        "occurred_at": said.at.isoformat(),
        "customer": said.customer or None,
        "country": said.country,
        "lines": [
            {
                "line_id": name, "category": category, "amount": written(amount, said.currency),
                "refunded": written(refunded, said.currency),
            }
            for name, amount, refunded, category in said.lines
        ],
    }  # fmt: skip
    if said.version is not None:
        found["version"] = said.version
    if said.channel:
        found["channel"] = said.channel
    return found


def send(sim: Sim, shop: Shop, messages: list[Said], rng: random.Random, *, crash: bool = False) -> str:
    """Deliver messages of one shop in one request, and compare what is answered."""
    fates = []
    for said in messages:
        if said.order not in shop.orders:
            sim.number += 1
        fates.append(sim.model.report(shop, said, sim.number, sim.now))
        order = shop.orders[said.order]
        sim.latest.append((shop, said.order))
        if order.credit.awaits:
            sim.waiting.append(order)
    whole: Any = [body_of(said) for said in messages]
    body = json.dumps(whole if len(messages) > 1 else whole[0]).encode()
    key = sim.name("key") if rng.random() < 0.3 or crash else ""

    def deliver() -> Any:
        return receive_orders(
            api_key=sim.keys[shop.pk], merchant=sim.rows[shop.pk].merchant, body=body, now=sim.now, idempotency_key=key
        )

    reply = sim.call(deliver, crash=crash)
    results = json.loads(reply.body)["results"] if len(messages) > 1 else [None]
    for said, fate, result in zip(messages, fates, results, strict=True):
        status = reply.status if result is None else result["status"]
        if status != STATUS[fate]:
            raise Broken(f"{said.order} was answered {status}, should be {fate}: {reply.body[:300]}")
        if status < 300:
            check_answer(sim, shop, said, json.loads(reply.body) if result is None else result["conversion"])
    if key and rng.random() < 0.5:
        again = deliver()
        if (again.status, again.body) != (reply.status, reply.body):
            raise Broken("M4: the same request with its key is answered otherwise")
    sim.extra += len(messages) - 1
    return f"{len(messages)} to {shop.pk}: " + ", ".join(
        f"{said.order} {said.status} v{said.version} {fate}" for said, fate in zip(messages, fates, strict=True)
    )


def check_answer(sim: Sim, shop: Shop, said: Said, answer: dict[str, Any]) -> None:
    """What the API says the order earns is what it should earn."""
    order = shop.orders[said.order]
    currency, whole, cut = order.said.currency, order.commission, order.creators
    want = {"total": written(whole, currency), "creator": written(cut, currency),
            "platform": written(whole - cut, currency)}  # fmt: skip
    if answer["commission"] != want or answer["status"] != order.status:
        raise Broken(f"{said.order}: the answer says {answer['commission']}, {answer['status']}; should be {want}")


def new_said(sim: Sim, rng: random.Random, shop: Shop) -> Said:
    """A sale as its shop would first report it."""
    terms = shop.terms
    currency = terms.currency if rng.random() < 0.93 else rng.choice([c for c in DIGITS if c != terms.currency])
    age = rng.choice([0, 0, 1, 5, 12, 20, 33, 45, 45]) * 24 + rng.random() * 23
    at = (sim.now - dt.timedelta(hours=age)).replace(microsecond=0)
    ref = sim.clicks[rng.randrange(len(sim.clicks))] if sim.clicks and rng.random() < 0.85 else ""
    if ref:
        click = sim.model.clicks[ref]
        if click.shop != shop.pk and rng.random() < 0.95:
            mine = [one for one in sim.clicks if sim.model.clicks[one].shop == shop.pk]
            ref = rng.choice(mine) if mine else ""
        if ref and rng.random() < 0.8:
            at = min(sim.now, sim.model.clicks[ref].at + dt.timedelta(minutes=rng.randrange(600)))
    elif rng.random() < 0.1:
        ref = sim.name("late")
    coupon = ""
    if rng.random() < 0.25:
        known = list(terms.coupons)
        coupon = rng.choice(known).upper() if known and rng.random() < 0.85 else "NOBODYS"
    size = 10 ** DIGITS[currency]
    lines = tuple(
        (
            str(n),
            rng.choice([rng.randrange(1, 90_000), rng.randrange(1, 900) * size, rng.randrange(1, 900) * size, 5, 0]),
            0,
            rng.choice(CATEGORIES),
        )
        for n in range(1, rng.choice([1, 1, 2, 3]) + 1)
    )
    return Said(
        order=sim.name("o"), status=rng.choice(["pending"] * 3 + ["approved"] * 3 + ["reversed"]),
        currency=currency, at=at, lines=lines, click=ref, coupon=coupon,
        customer=rng.choice(["", "", "new", "returning"]), country=rng.choice(["DE", "DE", "ES"]),
        channel="paid_search" if rng.random() < 0.02 else "", version=1 if rng.random() < 0.5 else None,
    )  # fmt: skip


def restated(sim: Sim, rng: random.Random, order: Order) -> tuple[str, Said]:
    """A report on a known order with one thing in it changed."""
    said = reworded(order.said, lines=tuple(sim.model.as_stored(order)))
    if order.version is not None:
        said = reworded(said, version=order.version + rng.choice([1, 1, 1, 2, 0, -1]))
        if said.version == 0:
            said = reworded(said, version=1)
    lines = list(said.lines)
    place = rng.randrange(len(lines))
    name, amount, refunded, category = lines[place]
    what = rng.choice(
        ["status", "status", "amount", "refund", "refund", "full", "unrefund", "line", "drop", "category", "coupon",
         "click", "time", "customer", "currency", "channel"]
    )  # fmt: skip
    if what == "status":
        return what, reworded(said, status=rng.choice(["pending", "approved", "approved", "reversed"]))
    if what == "amount":
        amount = max(0, amount + rng.randrange(-amount // 2 - 1, amount // 2 + 50))
        lines[place] = (name, amount, min(refunded, amount), category)
    elif what == "refund":
        lines[place] = (name, amount, rng.randint(0, amount), category)
    elif what == "full":
        lines = [(n, a, a, c) for n, a, _r, c in lines]
    elif what == "unrefund":
        lines = [(n, a, 0, c) for n, a, _r, c in lines]
    elif what == "line":
        lines.append((sim.name("x"), rng.randrange(1, 20_000), 0, rng.choice(CATEGORIES)))
    elif what == "drop" and len(lines) > 1:
        del lines[place]
    elif what == "category":
        lines[place] = (name, amount, refunded, rng.choice(CATEGORIES))
    elif what == "coupon":
        return what, reworded(said, coupon=rng.choice([*list(sim.model.shops[order.shop].terms.coupons)[:4], ""]))
    elif what == "click" and sim.clicks:
        return what, reworded(said, click=sim.clicks[rng.randrange(len(sim.clicks))])
    elif what == "time":
        at = said.at + dt.timedelta(hours=rng.randrange(-60, 60))
        return what, reworded(said, at=min(at, sim.now.replace(microsecond=0)))
    elif what == "customer":
        return what, reworded(said, customer=rng.choice(["", "new", "returning"]))
    elif what == "currency":
        return what, reworded(said, currency=rng.choice(list(DIGITS)))
    elif what == "channel" and rng.random() < 0.3:
        return what, reworded(said, channel=rng.choice(["", "affiliate", "email"]))
    return what, reworded(said, lines=tuple(lines))


@command(9)
def sale(sim: Sim, rng: random.Random) -> str | None:
    """A new order, by the API."""
    shop = rng.choice(sim.active) if sim.active else None
    if shop is None:
        return None
    return send(sim, shop, [new_said(sim, rng, shop)], rng, crash=rng.random() < 0.12)


@command(9)
def restate(sim: Sim, rng: random.Random) -> str | None:
    """A known order is reported with something changed."""
    order = sim.some_order(rng)
    if order is None:
        return None
    what, said = restated(sim, rng, order)
    shop = sim.model.shops[order.shop]
    return f"{what} " + send(sim, shop, [said], rng, crash=rng.random() < 0.12)


@command(6)
def say_later(sim: Sim, rng: random.Random) -> str | None:
    """A shop's message gets stuck on its way."""
    if not sim.active or len(sim.outbox) > 80:
        return None
    order = sim.some_order(rng)
    if order is None or rng.random() < 0.5:
        shop = rng.choice(sim.active)
        sim.outbox.append((shop, new_said(sim, rng, shop)))
    else:
        sim.outbox.append((sim.model.shops[order.shop], restated(sim, rng, order)[1]))
    return f"{sim.outbox[-1][1].order} waits"


@command(5)
def deliver_shuffled(sim: Sim, rng: random.Random) -> str | None:
    """Messages that were stuck arrive at once in any order, some twice."""
    if not sim.outbox:
        return None
    shop = sim.outbox[rng.randrange(len(sim.outbox))][0]
    mine = [said for of, said in sim.outbox if of is shop]
    rng.shuffle(mine)
    batch, seen = [], set()
    for said in mine[: rng.choice([1, 3, 10, 30])]:
        if said.order not in seen:
            seen.add(said.order)
            batch.append(said)
    sim.outbox = [(of, said) for of, said in sim.outbox if of is not shop or all(said is not one for one in batch)]
    if rng.random() < 0.3:
        sim.outbox += [(shop, said) for said in batch[:3]]
    return send(sim, shop, batch, rng, crash=rng.random() < 0.15)


@command(9)
def batch(sim: Sim, rng: random.Random) -> str | None:
    """A shop reports many orders in one request: new ones, and changes of known ones."""
    if not sim.active:
        return None
    shop = rng.choice(sim.active)
    messages = [new_said(sim, rng, shop) for _ in range(rng.choice([2, 4, 8, 16]))]
    seen: set[str] = set()
    for _ in range(rng.choice([0, 4, 10, 30])):
        order = sim.some_order(rng, lambda one: one.shop == shop.pk)
        if order is not None and order.said.order not in seen:
            seen.add(order.said.order)
            messages.append(restated(sim, rng, order)[1])
    rng.shuffle(messages)
    return send(sim, shop, messages, rng, crash=rng.random() < 0.12)


@command(5)
def duplicate(sim: Sim, rng: random.Random) -> str | None:
    """The report that stands arrives again."""
    order = sim.some_order(rng)
    if order is None or order.standing is None:
        return None
    shop = sim.model.shops[order.shop]
    return send(sim, shop, [order.standing] * rng.choice([1, 1, 3]), rng)


@command(22)
def click(sim: Sim, rng: random.Random) -> str | None:
    """A reader follows a link; sometimes a click that an order waits for turns up."""
    if not sim.active:
        return None
    shop = rng.choice(sim.active)
    creator = rng.choice([*sim.creators[-6:], None])
    flaw = rng.choice([*[""] * 12, "bot", "repeat", "self"])
    awaited = [order for order in sim.waiting if order.credit.awaits and order.said.click not in sim.model.clicks]
    if awaited and rng.random() < 0.3:
        order = rng.choice(awaited)
        ref, at = order.said.click, order.said.at - dt.timedelta(minutes=rng.randrange(1, 500))
        shop = sim.model.shops[order.shop]
    else:
        ref, at = sim.name("c"), sim.now - dt.timedelta(minutes=rng.randrange(0, 60 * 24 * rng.choice([1, 3, 20, 45])))
    visitor = f"v{sim.step // 40}-{rng.randrange(6)}"
    sim.click(shop, creator, ref=ref, at=at.replace(microsecond=0), visitor=visitor, flaw=flaw)
    sim.clicks.append(ref)
    return f"{ref} of {creator.pk if creator else 'the house'} at {shop.pk} {flaw}"


def row_of(order: Order) -> Conversion:
    """The order as it is stored."""
    return Conversion.objects.get(merchant_id=order.shop, order_id=order.said.order)


def decided(sim: Sim, order: Order, what: str, expected: bool, call: Any, *, crash: bool) -> str:
    """Compare whether a decision was taken."""
    done = sim.call(call, crash=crash) is not None
    if done != expected:
        raise Broken(f"{what} {order.said.order} was {'taken' if done else 'refused'}, should not have been")
    return f"{order.said.order}" + ("" if done else " refused")


@command(7)
def approve(sim: Sim, rng: random.Random) -> str | None:
    """A brand approves an order by hand."""
    order = sim.some_order(rng)
    if order is None:
        return None
    may = not order.locked and order.status != "reversed"
    if may:
        sim.model.decide(order, "approved", sim.now)
    row = row_of(order)
    return decided(
        sim, order, "approval of", may, lambda: approve_order(conversion=row, by=sim.people[0], now=sim.now),
        crash=rng.random() < 0.15,
    )  # fmt: skip


@command(6)
def reverse(sim: Sim, rng: random.Random) -> str | None:
    """A brand reverses an order with a reason."""
    order = (sim.some_paid(rng) if rng.random() < 0.3 else None) or sim.some_order(rng)
    if order is None:
        return None
    may, row = not order.locked, row_of(order)
    if may:
        sim.model.decide(order, "reversed", sim.now)
    return decided(
        sim, order, "reversal of", may,
        lambda: reverse_order(conversion=row, reason="returned", by=sim.people[0], now=sim.now),
        crash=rng.random() < 0.15,
    )  # fmt: skip


@command(6)
def refund_by_hand(sim: Sim, rng: random.Random) -> str | None:
    """A brand sets what was refunded of a line, up or down."""
    order = (sim.some_capped(rng) if rng.random() < 0.3 else None) or sim.some_order(rng)
    if order is None:
        return None
    name = rng.choice(list(order.lines))
    amount, row = order.lines[name].amount, row_of(order)
    refunded = rng.choice([0, amount, rng.randint(0, amount), amount + 1])
    may = not order.locked and refunded <= amount
    if may:
        sim.model.refund(order, name, refunded, sim.now)
    return decided(
        sim, order, "refund of", may,
        lambda: amend_refund(conversion=row, line_id=name, refunded_minor=refunded, by=sim.people[0], now=sim.now),
        crash=rng.random() < 0.15,
    ) + f" line {name} {refunded}/{amount}"  # fmt: skip


@command(4)
def dispute(sim: Sim, rng: random.Random) -> str | None:
    """A creator objects to a reversal."""
    order = sim.some_order(rng, lambda one: one.status == "reversed" and one.credit.creator is not None)
    if order is None:
        return None
    creator = next(c for c in sim.creators if c.pk == order.credit.creator)
    if rng.random() < 0.1:
        creator = rng.choice(sim.creators)
    try:
        made = sim.model.dispute(order, creator.pk, sim.now)
    except No:
        made = None
    row = row_of(order)
    stored = sim.call(
        lambda: open_dispute(conversion=row, creator=creator, evidence="see", now=sim.now), crash=rng.random() < 0.15
    )
    if (stored is None) != (made is None):
        raise Broken(f"a dispute of {order.said.order} was {'refused' if stored is None else 'taken'}")
    if made is not None and stored is not None:
        made.pk = stored.pk
    return order.said.order + ("" if made else " refused")


@command(4)
def answer(sim: Sim, rng: random.Random) -> str | None:
    """A brand, or finance where it is late, answers a dispute."""
    cases = sim.model.disputes[-30:]
    if not cases:
        return None
    case, granted, finance = rng.choice(cases), rng.random() < 0.6, rng.random() < 0.4
    row = Dispute.objects.get(pk=case.pk)
    try:
        sim.model.answer(case, granted, finance, sim.now)
        may = True
    except No:
        may = False
    return decided(
        sim, case.order, "an answer about", may,
        lambda: answer_dispute(
            dispute=row, granted=granted, answer="because", by=sim.people[0], channel="admin" if finance else "portal",
            now=sim.now,
        ),
        crash=rng.random() < 0.15,
    ) + f" granted {granted}"  # fmt: skip


@command(8)
def worker(sim: Sim, rng: random.Random) -> str | None:
    """Orders approve themselves, holds end, late clicks are found, locks fall, disputes escalate."""
    what, now = rng.choice(["approve", "release", "clicks", "lock", "escalate", "all"]), sim.now
    if what in ("approve", "all"):
        sim.model.approve_due(now)
        sim.call(lambda: approve_due(now=now), crash=rng.random() < 0.12)
    if what in ("release", "all"):
        sim.model.release_holds(now)
        sim.call(lambda: release_holds(now=now), crash=rng.random() < 0.12)
    if what in ("clicks", "all"):
        waiting = sorted(sim.waiting, key=lambda order: order.number)
        sim.model.late_clicks(now, waiting)
        sim.call(lambda: credit_late_clicks(now=now), crash=rng.random() < 0.12, whole=False)
    if what in ("lock", "all"):
        sim.model.lock_due(now)
        sim.call(lambda: lock_due(now=now))
    if what in ("escalate", "all"):
        sim.model.escalate(now)
        sim.call(lambda: escalate_due(now=now))
    return what
