"""When a balance is large enough to be sent, and what freezes a batch. `docs/money/payout.md` has
the table.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable

from cms.core.domain.money import exponent

#: Smallest payout in whole units of the currency; others: 25.
MINIMUM_UNITS: dict[str, int] = {
    "EUR": 25, "GBP": 20, "USD": 25, "JPY": 3000, "MXN": 400, "KRW": 30000, "CLP": 20000, "KWD": 10,
}  # fmt: skip
OTHER_MINIMUM_UNITS = 25


def minimum_minor(currency: str) -> int:
    """The smallest amount that is sent in a currency. A smaller balance waits and is carried forward."""
    return int(MINIMUM_UNITS.get(currency, OTHER_MINIMUM_UNITS) * 10 ** exponent(currency))


def batch_digest(items: Iterable[tuple[str, str, str, int]]) -> str:
    """The fingerprint of a batch's items (reference, creator, currency, amount), whatever order
    they come in.
    """
    return hashlib.sha256(json.dumps(sorted(items), separators=(",", ":")).encode()).hexdigest()
