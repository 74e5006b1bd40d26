"""Two orders of one creator's month at once: without the row's lock it goes wrong, with it it does not. On PostgreSQL,
with real transactions.
"""

from __future__ import annotations

from typing import Any

import pytest

from affiliates.earnings.models import VolumeBonus
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services import volume_tiers
from affiliates.earnings.services.decisions import approve_order
from affiliates.earnings.services.volume_tiers import release_bonuses
from tests.affiliates.earnings.test_races import LATER, at_once, committed, meet_in
from tests.affiliates.earnings.test_volume_tiers import APRIL, DAY, MARCH, make_tiers, sell
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.postgres
__all__ = ["committed"]


def approve_two(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Two orders of 900.00 of a month with 10.00 are approved at once, above 1,000.00 pays 2 %."""
    make_tiers(shop)
    sell(shop, "first", "10.00")
    orders = [sell(shop, name, "900.00", status="pending") for name in ("A", "B")]
    meet_in(monkeypatch, volume_tiers, "sales_of")
    return at_once(*[lambda order=order: approve_order(conversion=order, by=None, now=NOON) for order in orders])


def test_without_the_lock_two_orders_at_once_lose_the_bonus(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(volume_tiers, "lock_bonuses", lambda *, pks: None)
    approve_two(committed, monkeypatch)
    assert VolumeBonus.objects.get().bonus_minor == 0
    assert "M3" in {violation.promise for violation in violations()}


def test_two_orders_at_once_earn_the_bonus_together(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    results = approve_two(committed, monkeypatch)
    assert not [result for result in results if isinstance(result, Exception)]
    assert (VolumeBonus.objects.get().sales_minor, VolumeBonus.objects.get().bonus_minor) == (181000, 1620)
    assert [str(fault) for fault in violations()] == []


def test_two_first_orders_at_once_make_one_row(committed: Shop) -> None:
    make_tiers(committed)
    orders = [sell(committed, name, "900.00", status="pending") for name in ("A", "B")]
    at_once(*[lambda order=order: approve_order(conversion=order, by=None, now=NOON) for order in orders])
    assert VolumeBonus.objects.get().bonus_minor == 1600
    assert [str(fault) for fault in violations()] == []


def test_a_bonus_released_while_an_order_is_approved_ends_right(committed: Shop) -> None:
    make_tiers(committed)
    sell(committed, "first", "3000.00")
    order = sell(committed, "A", "900.00", status="pending")
    later = LATER + 30 * DAY
    results = at_once(lambda: release_bonuses(now=later), lambda: approve_order(conversion=order, by=None, now=later))
    assert not [result for result in results if isinstance(result, Exception)]
    assert VolumeBonus.objects.get().released_at
    assert [str(fault) for fault in violations()] == []


def test_two_versions_at_once_are_one_in_a_month(committed: Shop) -> None:
    at_once(*[lambda: make_tiers(committed, starts=APRIL)] * 2)
    assert committed.program.volume_tiers.in_force("2026-05").count() == 1
    assert not committed.program.volume_tiers.in_force(str(MARCH)).exists()
