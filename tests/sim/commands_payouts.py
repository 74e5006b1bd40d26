"""What finance, banks and the provider do with payouts, and creators with their payment details."""

from __future__ import annotations

import random
from typing import Any

from affiliates.earnings.models import Payout, PayoutBatch
from affiliates.earnings.services.payout_ends import confirm_payout, reject_payout, return_payout
from affiliates.earnings.services.payout_outcomes import OutcomeFaults, record_outcomes
from affiliates.earnings.services.payout_profiles import set_payout_profile
from affiliates.earnings.services.payout_sending import hand_over_batch, send_due_payouts
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts, reject_batch
from tests.sim.commands_money import CURRENCIES, agree
from tests.sim.driver import Sim, command
from tests.sim.model import Batch, No, Paying, Profile
from tests.sim.provider import LEDGER, WAYS
from tests.sim.world import Broken


@command(3)
def propose(sim: Sim, rng: random.Random) -> str | None:
    """Somebody proposes a batch of all that is available in a currency."""
    currency = rng.choice(CURRENCIES)
    if not sim.is_time(f"payout {currency}", every=25, growth=0.002):
        return None
    by = rng.choice(sim.people)
    try:
        wanted, may = sim.model.propose(by.pk, currency, sim.now), True
    except No:
        wanted, may = None, False
    crash, made = rng.random() < 0.1, []

    def service() -> bool:
        made.append(propose_payouts(by=by, currency=currency, now=sim.now))
        return True

    stored = sim.call(service, crash=crash)
    told = agree(f"a batch of {currency}", may, stored)
    rows = [one for one in made if one is not None]
    if bool(rows) != (wanted is not None) or len(rows) > 1:
        raise Broken(f"M10: {len(rows)} batches of {currency}, should be {int(wanted is not None)}")
    if wanted is not None:
        name_batch(wanted, rows[0])
    return f"{currency}: {len(wanted.payouts) if wanted else 0} payouts{told}"


def name_batch(batch: Batch, row: PayoutBatch) -> None:
    """Note the references, and hold the items against those that should be in it."""
    batch.ref = row.ref
    stored = {payout.creator_id: payout for payout in row.payouts.all()}
    have = {pk: (one.amount_minor, one.pay_currency, one.pay_minor) for pk, one in stored.items()}
    want = {one.creator: (one.amount, one.into, one.pays) for one in batch.payouts}
    if have != want:
        raise Broken(f"M10: the batch pays {have}, should pay {want}")
    for one in batch.payouts:
        one.ref = stored[one.creator].ref


def some_batch(sim: Sim, rng: random.Random) -> Batch | None:
    latest = sim.model.batches[-8:]
    going = [batch for batch in latest if any(one.open for one in batch.payouts)]
    return rng.choice(going if going and rng.random() < 0.75 else latest) if latest else None


@command(7)
def payout_step(sim: Sim, rng: random.Random) -> str | None:
    """A batch is approved, handed over, marked as sent or rejected; what may not be is tried too."""
    batch = some_batch(sim, rng)
    if batch is None:
        return None
    what = rng.choice(["approve", "hand", "sent", "reject"])
    if rng.random() < 0.85 and not (batch.sent or batch.rejected):
        what = "sent" if batch.handed and rng.random() < 0.2 else "hand" if batch.approved_by else "approve"
    row, by, model, now = PayoutBatch.objects.get(ref=batch.ref), rng.choice(sim.people), sim.model, sim.now
    steps: dict[str, tuple[Any, Any]] = {
        "approve": (lambda: model.approve(batch, by.pk, sim.user_of), lambda: approve_batch(batch=row, by=by, now=now)),
        "hand": (lambda: model.hand_over(batch, now), lambda: hand_over_batch(batch=row, by=by, now=now)),
        "sent": (lambda: model.mark_sent(batch, now), lambda: mark_batch_sent(batch=row, by=by, now=now)),
        "reject": (lambda: model.reject(batch, now), lambda: reject_batch(batch=row, by=by, reason="no", now=now)),
    }
    may = True
    try:
        steps[what][0]()
    except No:
        may = False
    stored = sim.call(steps[what][1], crash=rng.random() < 0.1)
    return f"{what} {batch.ref}" + agree(f"{what} of a batch", may, stored)


def some_payout(sim: Sim, rng: random.Random) -> tuple[Batch, Paying] | None:
    batch = some_batch(sim, rng)
    return (batch, rng.choice(batch.payouts)) if batch else None


def remember(sim: Sim, one: Paying) -> None:
    """What happens to the orders behind a payout now matters more."""
    for order, _part in one.parts[-8:]:
        sim.latest.append((sim.model.shops[order.shop], order.said.order))
        sim.paid.append(order)


@command(7)
def payout_ends(sim: Sim, rng: random.Random) -> str | None:
    """The bank says what became of a payout: paid, returned (also after it was paid) or rejected."""
    found = some_payout(sim, rng)
    if found is None:
        return None
    batch, one = found
    how = rng.choice(["paid"] * 5 + ["returned", "returned", "rejected"])
    row, by, now = Payout.objects.get(ref=one.ref), rng.choice(sim.people), sim.now
    may = True
    try:
        sim.model.end_by(batch, one, how, now)
    except No:
        may = False
    remember(sim, one)
    ends: dict[str, Any] = {
        "paid": lambda: confirm_payout(payout=row, by=by, now=now),
        "returned": lambda: return_payout(payout=row, by=by, now=now, reason="closed"),
        "rejected": lambda: reject_payout(payout=row, by=by, now=now, reason="closed"),
    }
    if rng.random() < 0.3:
        body = f"payout,status,reason\n{one.ref},{how},closed\n".encode()
        batch_row = row.batch

        def by_list() -> Any:
            try:
                return record_outcomes(batch=batch_row, body=body, by=by, now=now)
            except OutcomeFaults:
                return None

        return f"{how} {one.ref} by list" + agree(f"{how} of a payout", may, by_list())
    stored = sim.call(ends[how], crash=rng.random() < 0.1)
    return f"{how} {one.ref}" + agree(f"{how} of a payout", may, stored)


@command(4)
def provider_turn(sim: Sim, rng: random.Random) -> str | None:
    """The worker sends the provider's payouts and asks about those whose end is unknown."""
    waiting = [
        (batch, one)
        for batch in sim.model.batches[-30:]
        if batch.handed
        for one in batch.payouts
        if one.open and one.profile.method == "provider"
    ]
    if not waiting:
        return None
    asked, said = len(LEDGER.asked), len(LEDGER.said)
    # Whoever dies between the provider's answer and our note of it asks again a quarter of an hour later.
    sim.call(lambda: send_due_payouts(now=sim.now), crash=rng.random() < 0.2, whole=False, again=16)
    by_ref = {one.ref: (batch, one) for batch, one in waiting}
    for _batch, one in waiting:
        remember(sim, one)
    for ref in LEDGER.asked[asked:]:
        if ref not in by_ref:
            raise Broken(f"M10: payout {ref} was sent, though it was not to be")
        by_ref[ref][1].handed = True
    missing = [ref for ref, (_batch, one) in by_ref.items() if not one.handed]
    if missing or LEDGER.twice:
        raise Broken(f"M10: not sent {missing}, sent twice {LEDGER.twice}")
    for ref, how in LEDGER.said[said:]:
        if ref in by_ref and by_ref[ref][1].open:
            sim.model.end_by(*by_ref[ref], how, sim.now, by_hand=False)
    return f"{len(waiting)} waiting"


@command(3)
def new_details(sim: Sim, rng: random.Random) -> str | None:
    """A creator changes how and in which currency to be paid."""
    creator = rng.choice(sim.creators[-6:])
    profile = sim.model.profiles[creator.pk]
    if profile is None and creator.pk % 2:
        return None
    method, currency = rng.choice(["manual", "provider", "provider"]), rng.choice(["", "", "EUR", "USD", "JPY"])
    note = sim.name(f"{rng.choice(WAYS)}-{creator.pk}").replace(".", "-")
    details = {"account": note} if method == "provider" else {"note": note}
    sim.call(
        lambda: set_payout_profile(
            creator=creator, method=method, country="DE", holder="Somebody", details=details, by=creator.user,
            now=sim.now, currency=currency,
        ),
        crash=rng.random() < 0.1,
    )  # fmt: skip
    if profile is not None:
        profile.replaced = True
    sim.model.profiles[creator.pk] = Profile(method, sim.now, currency)
    return f"{creator.pk} {method} {note} {currency}"
