"""The site's payment provider, and one for tests and the demo that pays nobody."""

from __future__ import annotations

import json
import os
from pathlib import Path

from django.conf import settings
from django.utils.module_loading import import_string

from affiliates.earnings.domain.payout_providers import Answer, Order, Outcome, Provider


def provider() -> Provider | None:
    """The provider that `PAYOUT_PROVIDER` names; None without one."""
    dotted = settings.PAYOUT_PROVIDER
    return import_string(dotted)() if dotted else None


class FakeProvider:
    """Keeps a file of what it was asked to pay. It pays whatever it is asked, also twice: that it is not asked twice is
    for others to see to.

    The account says how it behaves: `fail…` is refused, `return…` accepted and then comes back, `slow…` accepted
    and later paid, `silent…` accepted without an answer, `lost…` neither accepted nor answered; all others are paid.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or Path(settings.DATA_DIR) / "fake-provider.jsonl"

    def asked(self) -> list[Order]:
        """Everything it accepted, in order."""
        if not self.path.exists():
            return []
        return [Order(**json.loads(line)) for line in self.path.read_text(encoding="utf-8").splitlines()]

    def send(self, order: Order) -> Answer:
        """See the class."""
        if order.account.startswith("fail"):
            return Answer(Outcome.REFUSED, reason="account closed")
        if order.account.startswith("lost"):
            raise TimeoutError
        line = json.dumps({name: getattr(order, name) for name in order.__slots__}) + "\n"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        if order.account.startswith("silent"):
            raise TimeoutError
        if order.account.startswith(("return", "slow")):
            return Answer(Outcome.ACCEPTED, f"fake-{order.ref}")
        return Answer(Outcome.PAID, f"fake-{order.ref}")

    def query(self, ref: str) -> Answer:
        """What became of a reference it accepted."""
        known = next((order for order in self.asked() if order.ref == ref), None)
        if known is None:
            return Answer(Outcome.UNKNOWN_REF)
        if known.account.startswith("return"):
            return Answer(Outcome.RETURNED, f"fake-{ref}", "no such account")
        return Answer(Outcome.PAID, f"fake-{ref}")
