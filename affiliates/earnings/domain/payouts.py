"""When a balance is large enough to be sent, and what freezes a batch. `docs/money/payout.md` has
the table.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cms.core.domain.money import exponent

#: Smallest payout in whole units of the currency; others: 25.
MINIMUM_UNITS: dict[str, int] = {
    "EUR": 25, "GBP": 20, "USD": 25, "JPY": 3000, "MXN": 400, "KRW": 30000, "CLP": 20000, "KWD": 10,
}  # fmt: skip
OTHER_MINIMUM_UNITS = 25
#: Money does not follow new payment details at once: the creator has time to say that the change was not theirs.
HOLD_AFTER_CHANGE = dt.timedelta(hours=48)
#: How long whoever claimed a payout may take to call the provider, far above the call's own time limit.
CLAIM_HOLDS = dt.timedelta(minutes=15)


def minimum_minor(currency: str) -> int:
    """The smallest amount that is sent in a currency. A smaller balance waits and is carried forward."""
    return int(MINIMUM_UNITS.get(currency, OTHER_MINIMUM_UNITS) * 10 ** exponent(currency))


def batch_digest(items: Iterable[tuple[str | int, ...]]) -> str:
    """The fingerprint of a batch's items (reference, creator, currency, amount, and where it goes in which
    currency), whatever order they come in.
    """
    return hashlib.sha256(json.dumps(sorted(items), separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Run:
    """A payout of a creator in one currency: the last transfer it took in, whether it arrived, and the transfer
    that brought its money back, if it came back.
    """

    through_seq: int
    paid: bool = False
    back_seq: int | None = None


def is_paid(seq: int, runs: Sequence[Run]) -> bool:
    """Whether money that became available with a transfer has been paid. `runs` are in order of `through_seq`.

    It went out with the first payout that reaches it. Where that came back, it went out again with the first one
    after its return.
    """
    for run in runs:
        if run.through_seq < seq:
            continue
        if run.back_seq is None:
            return run.paid
        seq = run.back_seq
    return False


def spans_of(through_seq: int, runs: Sequence[Run]) -> list[tuple[int, int]]:
    """The stretches of the books (after, through) whose money went out with a payout: what became available since
    the one before it, and what earlier payouts in that stretch brought back.
    """
    ends = [0, *(run.through_seq for run in runs if run.through_seq <= through_seq)]
    after = max((end for end in ends if end < through_seq), default=0)
    found = [(after, through_seq)]
    for run in runs:
        if run.back_seq is not None and after < run.back_seq <= through_seq:
            found += spans_of(run.through_seq, runs)
    return found
