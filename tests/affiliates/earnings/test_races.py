"""Two at once, in pairs: without the guard it goes wrong, with it it does not. On PostgreSQL, with real
transactions.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction

import pytest

from affiliates.earnings.models import Conversion, Payout, PayoutBatch
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services import caps, conversions, payout_sending, payouts
from affiliates.earnings.services.clockwork import release_holds
from affiliates.earnings.services.conversions import Fate
from affiliates.earnings.services.payout_ends import confirm_payout, reject_payout
from affiliates.earnings.services.payout_providers import FakeProvider
from community.models import Creator, User
from tests.affiliates.earnings.payday import FAKE, earn, handed
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop, make_rule, make_shop

pytestmark = pytest.mark.postgres
LATER = NOON + dt.timedelta(days=20)


@pytest.fixture
def committed(django_db_setup: None, django_db_blocker: Any) -> Iterator[Shop]:
    """A shop that other connections see; afterwards the database is as it was."""
    with django_db_blocker.unblock():
        before = User.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        # Bare rows: the services would give the creator pages and pictures, which only clutter here.
        user = User.objects.create(email="racer@example.org")
        creator = Creator.objects.create(user=user, handle="racer", display_name="Racer")
        try:
            yield make_shop("racing", creator=creator)
        finally:
            with transaction.atomic(), connection.cursor() as cursor:
                _empty(cursor, before)


def _empty(cursor: Any, before: int) -> None:
    """Delete what the test wrote, triggers switched off. The owner of the tables may do so; no superuser is needed."""
    ours = [
        model._meta.db_table
        for label in ("earnings", "tracking", "catalogue", "parties")
        for model in apps.get_app_config(label).get_models()
    ]
    ours.sort(key=lambda table: table != "earnings_transfer")
    for table in ours:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table in (*ours, "community_creator", "account_emailaddress"):
        cursor.execute(f"DELETE FROM {table}")
    cursor.execute("DELETE FROM community_user_groups WHERE user_id > %s", [before])
    cursor.execute("DELETE FROM community_user WHERE id > %s", [before])
    cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for table in ours:
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Run actions in threads of their own; each result or the error it ended in."""
    results: list[Any] = [None] * len(actions)

    def run(index: int, action: Callable[[], Any]) -> None:
        try:
            results[index] = action()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            results[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return results


def meet_in(monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
    """Let two threads wait for each other after having read; one that is kept away is not waited for long."""
    barrier, real = threading.Barrier(2), getattr(module, name)

    def meeting(*args: Any, **kwargs: Any) -> Any:
        found = real(*args, **kwargs)
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(timeout=1)
        return found

    monkeypatch.setattr(module, name, meeting)


def report_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    report = shop.report(click=shop.click())
    meet_in(monkeypatch, conversions, "products_by_sku")
    return at_once(*[lambda: shop.accept(report).fate] * 2)


def test_without_the_lock_an_order_reported_twice_at_once_fails(
    committed: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conversions, "lock_merchant", lambda *, merchant: None)
    assert any(isinstance(result, Exception) for result in report_twice(committed, monkeypatch))


def test_an_order_reported_twice_at_once_is_one_order(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sorted(report_twice(committed, monkeypatch)) == [Fate.CREATED, Fate.KNOWN]
    assert (Conversion.objects.count(), list(violations())) == (1, [])


def propose_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    shop.order(click=shop.click(), now=LATER, status="approved", lines=[("1", "1000.00")])
    finance = make_finance()
    meet_in(monkeypatch, payouts, "available_balances")
    return at_once(*[lambda: payouts.propose_payouts(by=finance, currency="EUR", now=LATER)] * 2)


def test_without_the_lock_two_payout_runs_pay_twice(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payouts, "lock_accounts", lambda *, accounts: None)
    propose_twice(committed, monkeypatch)
    assert PayoutBatch.objects.count() == 2
    assert {violation.promise for violation in violations()} == {"M10"}


def test_two_payout_runs_at_once_pay_once(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    batches = [batch for batch in propose_twice(committed, monkeypatch) if batch]
    assert [batch.total_minor for batch in batches] == [7000]
    assert list(violations()) == []


def send_twice(shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> FakeProvider:
    settings.PAYOUT_PROVIDER, settings.DATA_DIR = FAKE, tmp_path
    earn(shop)
    handed(shop, method="provider")
    meet_in(monkeypatch, payout_sending, "Order")
    at_once(*[lambda: payout_sending.send_due_payouts(now=LATER)] * 2)
    return FakeProvider()


def test_without_the_claim_two_senders_pay_twice(
    committed: Shop, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    monkeypatch.setattr(payout_sending, "claim", lambda payout, *, now: True)
    assert len(send_twice(committed, monkeypatch, settings, tmp_path).asked()) == 2


def test_two_senders_at_once_pay_once(
    committed: Shop, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    assert len(send_twice(committed, monkeypatch, settings, tmp_path).asked()) == 1
    assert Payout.objects.get().state == "paid"
    assert list(violations()) == []


def test_a_payout_that_is_confirmed_and_returned_at_once_ends_once(committed: Shop) -> None:
    earn(committed)
    payout, finance = handed(committed)
    at_once(
        lambda: reject_payout(payout=payout, by=finance, now=LATER, reason="x"),
        lambda: confirm_payout(payout=payout, by=finance, now=LATER),
    )
    assert Payout.objects.get().state in {"paid", "rejected"}
    assert list(violations()) == []


def test_a_hold_released_while_the_order_is_restated_ends_right(committed: Shop) -> None:
    click = committed.click()
    committed.order(click=click, status="approved")
    results = at_once(
        lambda: release_holds(now=LATER),
        lambda: committed.order(click=click, now=LATER, status="approved", lines=[("1", "100.00", "50.00")]),
        lambda: committed.order(click=click, now=LATER, status="pending"),
    )
    assert not [result for result in results if isinstance(result, Exception)]
    assert list(violations()) == []


def test_many_orders_of_many_merchants_at_once_all_hold(committed: Shop) -> None:
    shops = [committed, make_shop("second", creator=committed.creator)]
    clicks = {shop.merchant.slug: shop.click() for shop in shops}

    def work(shop: Shop) -> Callable[[], None]:
        def run() -> None:
            for number in range(8):
                status = ("pending", "approved")[number % 2]
                shop.order(f"o{number % 3}", click=clicks[shop.merchant.slug], now=LATER, status=status)

        return run

    results = at_once(*[work(shop) for shop in shops for _ in range(2)])
    assert results == [None] * 4
    assert list(violations()) == []


def sell_twice_at_the_edge(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> int:
    """Two orders at once that want 10.00 each of a budget of 15.00, and what they got together."""
    make_rule(shop.program, percent="10", budget_minor=1500)
    reports = [shop.report(name, click=shop.click()) for name in ("A", "B")]
    monkeypatch.setattr(conversions, "lock_merchant", lambda *, merchant: None)
    meet_in(monkeypatch, conversions, "room_of")
    accepted = at_once(*[lambda report=report: shop.accept(report) for report in reports])
    assert not [result for result in accepted if isinstance(result, Exception)]
    return sum(conversion.commission_minor for conversion in Conversion.objects.all())


def test_without_the_lock_two_orders_overdraw_a_budget(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caps, "lock_rules", lambda *, rule_ids: None)
    assert sell_twice_at_the_edge(committed, monkeypatch) == 2000
    assert {violation.promise for violation in violations()} == {"M8"}


def test_two_orders_at_once_pay_exactly_the_budget(committed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sell_twice_at_the_edge(committed, monkeypatch) == 1500
    assert list(violations()) == []
