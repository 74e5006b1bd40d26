"""The promises of docs/money/ledger.md, held by the database and through the real services."""

from __future__ import annotations

import datetime as dt
import random

from django.db import DatabaseError, connection, transaction

import pytest

from affiliates.earnings.domain.ledger import Slot
from affiliates.earnings.models import Account, CommissionRule, Conversion, Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.selectors.ties import month_tie
from affiliates.earnings.services.clockwork import approve_due, release_holds
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.ledger import LedgerConflict, ensure_accounts, transfer
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts
from tests.factories.community import make_finance, make_operator
from tests.factories.earnings import NOON, Shop, make_shop

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TABLES = ["transfer", "account", "rawreport", "reportoutcome", "attribution"]


def refuses(sql: str) -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    except DatabaseError:
        return True
    return False


@pytest.mark.parametrize("table", TABLES)
def test_what_is_written_once_cannot_be_changed_or_deleted(shop: Shop, table: str) -> None:
    shop.order(click=shop.click())
    key = "seq" if table == "transfer" else "id"
    assert refuses(f"UPDATE earnings_{table} SET {key} = {key}")
    assert refuses(f"DELETE FROM earnings_{table}")


@pytest.mark.parametrize("table", TABLES)
def test_what_is_written_once_cannot_be_replaced_or_emptied(shop: Shop, table: str) -> None:
    shop.order(click=shop.click())
    if connection.vendor == "sqlite":
        assert refuses(f"INSERT OR REPLACE INTO earnings_{table} SELECT * FROM earnings_{table} LIMIT 1")
    else:
        assert refuses(f"TRUNCATE earnings_{table} CASCADE")


def test_a_transfer_cannot_be_in_another_currency_than_its_accounts(shop: Shop) -> None:
    shop.order(click=shop.click())
    found = Transfer.objects.get(kind="accrual", credit__kind="creator_pending")
    wrong = {
        "amount_minor": 1,
        "currency": "USD",
        "source_key": "x",
        "effective_at": NOON,
        "created_at": NOON,
    }
    with pytest.raises(DatabaseError), transaction.atomic():
        Transfer.objects.create(debit=found.debit, credit=found.credit, kind="x", **wrong)
        if connection.vendor == "postgresql":
            connection.cursor().execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("change", [{"percent": 99}, {"category": "x"}, {"starts_at": NOON}, {"version": 7}])
def test_the_terms_of_a_rule_cannot_be_edited(shop: Shop, change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        CommissionRule.objects.update(**change)


def test_a_rule_can_be_ended(shop: Shop) -> None:
    assert CommissionRule.objects.update(ends_at=NOON) == 1


def test_a_transfer_is_booked_once_per_cause(shop: Shop) -> None:
    bank, loss = (Slot("bank"), "EUR"), (Slot("suspense"), "EUR")
    accounts = ensure_accounts(places=[bank, loss])

    def again(amount: int) -> Transfer:
        return transfer(
            debit=accounts[bank],
            credit=accounts[loss],
            amount_minor=amount,
            kind="test",
            source_key="k",
            now=NOON,
        )

    assert again(5) == again(5)
    with pytest.raises(LedgerConflict):
        again(6)


def balances() -> dict[tuple[str, int | None, str], int]:
    return {
        (a.kind, a.creator_id, a.currency): a.balance_minor for a in Account.objects.with_balance() if a.balance_minor
    }


def versions(shop: Shop, rng: random.Random) -> list[dict[str, object]]:
    """Reports of one order with versions: refunds, other lines, states, another click, another currency."""
    clicks = [shop.click(), shop.click(reason="bot"), None]
    return [
        {
            "version": number,
            "click": rng.choice(clicks),
            "status": rng.choice(["pending", "approved", "reversed"]),
            "currency": rng.choice(["EUR", "EUR", "USD"]),
            "occurred_at": (NOON + rng.choice([0, 1]) * DAY).isoformat(),
            "lines": [
                {
                    "line_id": str(line),
                    "amount": "90.00",
                    "refunded": f"{rng.randrange(90)}.5",
                    "category": rng.choice("ab"),
                }
                for line in range(rng.randrange(1, 4))
            ],
        }
        for number in range(4)
    ]


@pytest.mark.parametrize("seed", range(12))
def test_reports_with_versions_end_in_the_same_books_in_any_order_and_number(seed: int) -> None:
    rng = random.Random(seed)
    shop = make_shop()
    said = versions(shop, rng)
    ends = []
    for attempt in range(3):
        arrivals = said + rng.choices(said, k=attempt * 2)
        if attempt:
            rng.shuffle(arrivals)
        before = balances()
        for fields in arrivals:
            shop.accept(shop.report(f"{seed}-{attempt}", **fields), now=NOON + DAY)
        after = balances()
        ends.append({key: after.get(key, 0) - before.get(key, 0) for key in {*before, *after}})
    assert [{k: v for k, v in end.items() if v} for end in ends[1:]] == [{k: v for k, v in ends[0].items() if v}] * 2
    assert list(violations()) == []


@pytest.mark.parametrize("seed", range(10))
def test_no_history_breaks_a_promise(seed: int) -> None:
    rng = random.Random(1000 + seed)
    shops = [make_shop(auto_approve_days=3, hold_days=5), make_shop(currency="JPY", percent="7.5")]
    first, second = make_finance(), make_operator()
    clicks = {shop.merchant.pk: [shop.click() for _ in range(3)] for shop in shops}
    now = NOON
    for _step in range(60):
        now += dt.timedelta(hours=rng.randrange(1, 30))
        shop = rng.choice(shops)
        currency = shop.program.currency
        action = rng.choice(["order", "order", "order", "approve", "release", "pay", "reverse"])
        if action == "order":
            amount = rng.randrange(100, 100_000)
            lines = [
                (str(n), str(amount), str(rng.choice([0, 0, rng.randrange(amount + 1)])))
                for n in range(rng.randrange(1, 4))
            ]
            shop.order(
                f"o{rng.randrange(8)}",
                click=rng.choice([*clicks[shop.merchant.pk], None]),
                now=now,
                lines=lines,
                status=rng.choice(["pending", "approved", "approved", "reversed"]),
            )
        elif action == "pay":
            if batch := propose_payouts(by=first, currency=currency, now=now):
                approve_batch(batch=batch, by=second, now=now)
                if rng.random() < 0.7:
                    mark_batch_sent(batch=batch, by=first, now=now)
        elif action == "reverse" and (known := list(Conversion.objects.order_by("pk"))):
            reverse_order(conversion=rng.choice(known), reason="returned", now=now)
        else:
            {"approve": approve_due, "release": release_holds}.get(action, release_holds)(now=now)
    assert [str(violation) for violation in violations()] == []


def test_a_month_ties_brands_to_creators_and_platform(shop: Shop) -> None:
    shop.order("a", click=shop.click(), status="approved", lines=[("1", "33.33", "11.11"), ("2", "0.05")])
    shop.order("b", click=shop.click())
    tie = month_tie(2026, 3)[0]
    assert (tie.currency, tie.brands_minor, tie.rounding_minor) == ("EUR", 1222, 0)


def test_an_erased_creator_changes_no_total(shop: Shop) -> None:
    shop.order(click=shop.click())
    before = balances()
    type(shop.creator).objects.filter(pk=shop.creator.pk).update(display_name="", bio="", erased_at=NOON)
    assert (balances(), list(violations())) == (before, [])


def test_a_deleted_guide_changes_no_total_and_keeps_its_title(shop: Shop) -> None:
    conversion = shop.order(click=shop.click())
    before = balances()
    type(shop.placement).objects.filter(pk=shop.placement.pk).update(page=None)
    assert (balances(), conversion.attributions.get().placement_title) == (before, "The best of acme")


def test_a_creator_sees_when_money_is_expected(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved")
    balance = creator_balances(shop.creator.pk, as_of=NOON)[0]
    assert (balance.approved_minor, balance.next_expected_on, balance.next_expected_minor) == (
        700, dt.date(2026, 3, 31), 700,
    )  # fmt: skip


def test_balances_have_no_sum_over_currencies(shop: Shop) -> None:
    shop.order("a", click=shop.click())
    shop.order("b", click=shop.click(), currency="JPY", lines=[("1", "500")])
    assert [(b.currency, b.pending_minor) for b in creator_balances(shop.creator.pk)] == [
        ("EUR", 700),
        ("JPY", 35),
    ]
