"""Two at once: the same command twice from two connections, each of which has read before the other has written."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

from django.db import connection

from affiliates.earnings.services import (
    adjustments,
    brand_accounts,
    conversions,
    decisions,
    payout_ends,
    payout_sending,
    payouts,
)
from tests.sim import commands_money, commands_orders, commands_payouts
from tests.sim.driver import Sim, command
from tests.sim.world import REFUSALS, Broken

PATIENCE = 0.4


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run actions in threads with connections of their own; what each answers, or the refusal it ended in."""
    results: list[Any] = [None] * len(actions)

    def run(place: int, action: Callable[[], Any]) -> None:
        try:
            results[place] = action()
        except Exception as error:  # noqa: BLE001 - the race is judged by whoever started it
            results[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    faults = [one for one in results if isinstance(one, Exception) and not isinstance(one, REFUSALS)]
    if faults:
        raise Broken(f"two at once: one ended in {type(faults[0]).__name__}: {faults[0]}")
    return results


@contextlib.contextmanager
def meeting(module: Any, name: str) -> Iterator[None]:
    """Two threads wait for each other after having called this; one that is kept away by a lock is not waited for."""
    barrier, real = threading.Barrier(2), getattr(module, name)

    def met(*args: Any, **given: Any) -> Any:
        found = real(*args, **given)
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=PATIENCE)
        return found

    with patch.object(module, name, met):
        yield


#: The services that commands call, by the name they have there, and where two of them meet.
PAIRS: dict[str, tuple[Any, str, Any, str]] = {
    "sale": (commands_orders, "receive_orders", conversions, "products_by_sku"),
    "restate": (commands_orders, "receive_orders", conversions, "booked_for"),
    "propose": (commands_payouts, "propose_payouts", payouts, "available_balances"),
    "provider_turn": (commands_payouts, "send_due_payouts", payout_sending, "Order"),
    "payout_ends": (commands_payouts, "confirm_payout", payout_ends, "close_batch"),
    "brand_statement": (commands_money, "issue_statement", brand_accounts, "due_by_order"),
    "brand_payment": (commands_money, "record_brand_payment", brand_accounts, "Slot"),
    "adjustment": (commands_money, "approve_adjustment", adjustments, "book"),
    "reverse": (commands_orders, "reverse_order", decisions, "booked_for"),
    "refund_by_hand": (commands_orders, "amend_refund", decisions, "booked_for"),
}


def doubled(service: Callable[..., Any], module: Any, name: str) -> Callable[..., Any]:
    """The service called twice at once; answers as the one of the two that did something."""

    def twice(**given: Any) -> Any:
        with meeting(module, name):
            results = at_once(*[lambda: service(**given)] * 2)
        refused = [one for one in results if isinstance(one, Exception)]
        if len(refused) == 2:
            raise refused[0]
        answers = [one for one in results if not isinstance(one, Exception)]
        created = [one for one in answers if getattr(one, "status", 0) == 201]
        done = [one for one in answers if one is not None]
        if service.__name__ == "propose_payouts" and len(done) > 1:
            raise Broken("M10: two runs at once proposed the same money twice")
        return (created or done or [None])[0]

    return twice


@command(2)
def two_at_once(sim: Sim, rng: random.Random) -> str | None:
    """A command whose service is called twice at the same moment."""
    from tests.sim.driver import COMMANDS

    if not sim.races:
        return None
    name = rng.choice(list(PAIRS))
    where, service, module, meets = PAIRS[name]
    with patch.object(where, service, doubled(getattr(where, service), module, meets)):
        did = COMMANDS[name][1](sim, rng)
    if did is not None:
        sim.raced += 1
    return did and f"{name} {did}"
