"""A payment provider that pays nobody, forgets nothing, and answers as its accounts' names say."""

from __future__ import annotations

from affiliates.earnings.domain.payout_providers import Answer, Order, Outcome

#: How accounts begin, and what happens to what is sent there.
WAYS = ("pays", "refuses", "slow", "silent", "lost", "returns")


class Ledger:
    """What the provider was asked and what it said, for one run of the simulator."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.accepted: dict[str, Order] = {}
        self.twice: list[str] = []
        self.said: list[tuple[str, str]] = []

    def accept(self, order: Order) -> None:
        """Take the money."""
        if order.ref in self.accepted:
            self.twice.append(order.ref)
        self.accepted[order.ref] = order

    def say(self, ref: str, outcome: Outcome) -> Answer:
        """Answer, and remember what was said."""
        ends = {Outcome.PAID: "paid", Outcome.REFUSED: "rejected", Outcome.RETURNED: "returned"}
        if outcome in ends:
            self.said.append((ref, ends[outcome]))
        return Answer(outcome, f"sim-{ref}", "as its name says")


LEDGER = Ledger()


def start_over() -> None:
    """Forget what another run did."""
    LEDGER.__init__()  # type: ignore[misc]


class SimProvider:
    """What `PAYOUT_PROVIDER` names while the simulator runs."""

    def send(self, order: Order) -> Answer:
        """See WAYS."""
        way, before = order.account.partition("-")[0], LEDGER.asked.count(order.ref)
        LEDGER.asked.append(order.ref)
        if way == "refuses":
            return LEDGER.say(order.ref, Outcome.REFUSED)
        if way == "lost" and not before:
            raise TimeoutError
        LEDGER.accept(order)
        if way == "silent":
            raise TimeoutError
        if way in ("slow", "returns"):
            return LEDGER.say(order.ref, Outcome.ACCEPTED)
        return LEDGER.say(order.ref, Outcome.PAID)

    def query(self, ref: str) -> Answer:
        """What became of a reference."""
        order = LEDGER.accepted.get(ref)
        if order is None:
            known = (ref, "rejected") in LEDGER.said
            return LEDGER.say(ref, Outcome.REFUSED if known else Outcome.UNKNOWN_REF)
        return LEDGER.say(ref, Outcome.RETURNED if order.account.startswith("returns") else Outcome.PAID)
