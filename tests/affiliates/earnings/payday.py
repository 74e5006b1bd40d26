"""What the tests of payouts share: a day on which money is available, and batches brought to a state."""

from __future__ import annotations

import datetime as dt
from typing import Any

from affiliates.earnings.models import Payout, PayoutBatch
from affiliates.earnings.services.payout_sending import hand_over_batch
from affiliates.earnings.services.payouts import approve_batch, propose_payouts
from community.models import User
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop, make_profile

LATER = NOON + dt.timedelta(days=20)
FAKE = "affiliates.earnings.services.payout_providers.FakeProvider"


def earn(shop: Shop, order_id: str = "A-1", amount: str = "1000.00", refunded: str = "0") -> None:
    """An order whose money is available on LATER; the creator gets 7 %."""
    shop.order(order_id, click=shop.click(), now=LATER, status="approved", lines=[("1", amount, refunded)])


def approved(shop: Shop, *, now: dt.datetime = LATER) -> tuple[PayoutBatch, User]:
    """An approved batch of all that is available, and somebody of finance."""
    finance = make_finance()
    batch = propose_payouts(by=make_finance(), currency=shop.program.currency, now=now)
    assert batch
    return approve_batch(batch=batch, by=finance, now=now), finance


def handed(shop: Shop, *, now: dt.datetime = LATER, **profile: Any) -> tuple[Payout, User]:
    """The one payout of a batch that was handed over, and somebody of finance."""
    if profile:
        make_profile(shop.creator, **profile)
    batch, finance = approved(shop, now=now)
    batch = hand_over_batch(batch=batch, by=finance, now=now)
    return batch.payouts.get(), finance
