"""Runs commands one after the other and says which one broke what."""

from __future__ import annotations

import dataclasses
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.sim.orders import Order, Said, Shop
from tests.sim.world import Broken, World

#: name → (weight, command). A command does something and says what; None where there was nothing to do it to.
Command = Callable[["Sim", random.Random], "str | None"]
COMMANDS: dict[str, tuple[int, Command]] = {}
TAIL = 12


def command(weight: int) -> Callable[[Command], Command]:
    """Register a command; it is drawn in proportion to its weight."""

    def register(one: Command) -> Command:
        COMMANDS[one.__name__] = (weight, one)
        return one

    return register


@dataclass
class Failure:
    """What broke, at which step, and what led to it."""

    step: int
    why: str
    tail: list[str]

    @property
    def kind(self) -> str:
        """What sort of fault it is: the same while steps are thinned out."""
        return self.why.partition(":")[2].strip()[:4]


@dataclass
class Result:
    """How a run went."""

    steps: int = 0
    seconds: float = 0
    transfers: int = 0
    audits: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    crashes: int = 0
    races: int = 0
    #: The steps that were taken.
    done: list[int] = field(default_factory=list)
    failure: Failure | None = None


class Sim(World):
    """A world with what its commands share: messages on their way, orders to pick from, how much there is."""

    def __init__(self, *, restart: bool = False, races: bool = False) -> None:
        super().__init__(restart=restart)
        self.races, self.raced = races, 0
        self.step = 0
        self.extra = 0
        self.trying = ""
        self.number = 0
        self.outbox: list[tuple[Shop, Said]] = []
        self.latest: deque[tuple[Shop, str]] = deque(maxlen=60)
        self.waiting: deque[Order] = deque(maxlen=300)
        self.active: list[Shop] = []
        self.users = [person.pk for person in self.people]
        self.last_heavy: dict[str, int] = {}
        self.clicks: deque[str] = deque(maxlen=80)
        #: Orders that were paid for.
        self.paid: deque[Order] = deque(maxlen=40)

    def name(self, prefix: str) -> str:
        """A name that was never used."""
        self.number += 1
        return f"{prefix}.{self.number}"

    def is_time(self, what: str, *, every: int, growth: float = 0.25) -> bool:
        """Whether something that costs the more the more is stored may be done again."""
        last = self.last_heavy.get(what, 0)
        if self.step - last < max(every, growth * last):
            return False
        self.last_heavy[what] = self.step
        return True

    def some_order(self, rng: random.Random, wanted: Callable[[Order], bool] = lambda order: True) -> Order | None:
        """A recent order, or one from anywhere in an active shop; None where none fits."""
        if not self.active:
            return None
        for _ in range(8):
            if self.latest and rng.random() < 0.75:
                shop, name = self.latest[rng.randrange(len(self.latest))]
            else:
                shop = rng.choice(self.active)
                if not shop.orders:
                    continue
                name = self.nth(shop, rng)
            order = shop.orders.get(name)
            if order is not None and wanted(order):
                return order
        return None

    def some_paid(self, rng: random.Random) -> Order | None:
        """An order whose money has arrived, where there is one."""
        found = [order for order in self.paid if any(order.paid.values()) and not order.locked]
        return rng.choice(found) if found else None

    def some_capped(self, rng: random.Random) -> Order | None:
        """An order that a capped rule prices, where one is found."""
        return self.some_order(
            rng, lambda one: any(line.rule is not None and line.rule.capped for line in one.lines.values())
        )

    def nth(self, shop: Shop, rng: random.Random) -> str:
        """An order of a shop by chance, in constant time."""
        names = self.listed.setdefault(shop.pk, [])
        if len(names) < len(shop.orders):
            names.extend(list(shop.orders)[len(names) :])
        return names[rng.randrange(len(names))]

    @property
    def listed(self) -> dict[int, list[str]]:
        return self.__dict__.setdefault("_listed", {})


def run(
    seed: int,
    steps: int,
    *,
    restart: bool = False,
    at_once: bool = False,
    audit_every: int = 500,
    only: Iterable[int] | None = None,
    progress: Callable[[int, Result], None] | None = None,
) -> Result:
    """So many steps from a seed, on an empty site. A failure is in the result."""
    from tests.sim import commands_money, commands_orders, commands_payouts, races  # noqa: F401 - they register themselves

    result, tail = Result(), deque[str](maxlen=TAIL)
    started = time.perf_counter()
    random.seed(seed)
    sim = Sim(restart=restart, races=at_once)
    names, weights = list(COMMANDS), [weight for weight, _ in COMMANDS.values()]
    next_audit, chosen = audit_every, set(only) if only is not None else None
    sim.step = 0
    while sim.step < steps:
        sim.step += 1
        rng, begun = random.Random(f"{seed}:{sim.step}"), sim.step
        sim.dice = random.Random(f"{seed}:{sim.step}:dice")
        if chosen is not None and sim.step not in chosen:
            continue
        try:
            did, name = _one(sim, rng, names, weights)
            tail.append(f"{sim.step:>7}  {sim.now:%Y-%m-%d %H:%M}  {did}")
            result.counts[name] += 1
            result.done.append(begun)
            if did.endswith("refused"):
                result.refused[name] += 1
            sim.step += sim.extra
            sim.extra = 0
            sim.check_step()
            if sim.step >= next_audit:
                result.audits += 1
                next_audit = sim.step + max(audit_every, sim.step // 2)
                tail.append(f"{sim.step:>7}  audit")
                sim.audit()
            if result.failure is None and len(result.done) > 200_000:
                del result.done[:100_000]
        except Exception as error:  # noqa: BLE001 - whatever it is, the run ends here and says so
            result.done.append(begun)
            why = str(error) if isinstance(error, Broken) else f"{type(error).__name__}: {error}"
            result.failure = Failure(sim.step, f"{sim.trying}: {why}", list(tail))
            if not isinstance(error, Broken):
                result.failure.tail.append(_where(error))
            break
        if progress is not None and sim.step % 50 < 1 + sim.extra:
            result.steps, result.seconds = sim.step, time.perf_counter() - started
            progress(sim.step, result)
    else:
        try:
            result.audits += 1
            sim.audit()
        except Exception as error:  # noqa: BLE001
            result.failure = Failure(sim.step, f"at the end: {error}", list(tail))
    result.steps, result.seconds, result.transfers = sim.step, time.perf_counter() - started, sim.transfers
    result.crashes, result.races = sim.crashes, sim.raced
    return result


def _where(error: BaseException) -> str:
    trace, last = error.__traceback__, ""
    while trace is not None:
        code = trace.tb_frame.f_code
        if "/tests/sim/" in code.co_filename or "/affiliates/" in code.co_filename:
            last += f" < {code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}"
        trace = trace.tb_next
    return "         raised at" + last


def _one(sim: Sim, rng: random.Random, names: list[str], weights: list[int]) -> tuple[str, str]:
    """One command that had something to do."""
    for _ in range(50):
        name = rng.choices(names, weights)[0]
        sim.trying = name
        did = COMMANDS[name][1](sim, rng)
        if did is not None:
            return f"{name}: {did}", name
    raise Broken("no command had anything to do")


def shrink(failing: Callable[[set[int]], bool], steps: list[int], *, seconds: float) -> list[int]:
    """The fewest steps found within the time that still fail. `failing` runs the simulator with these steps alone."""
    ends, kept, size = time.monotonic() + seconds, list(steps), len(steps) // 2
    while size and time.monotonic() < ends:
        at = 0
        while at < len(kept) and time.monotonic() < ends:
            tried = kept[:at] + kept[at + size :]
            if tried and failing(set(tried)):
                kept = tried
            else:
                at += size
        size //= 2
    return kept


def reworded(said: Said, **changes: Any) -> Said:
    """The same report with something else in it."""
    return dataclasses.replace(said, **changes)
