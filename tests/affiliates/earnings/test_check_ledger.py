"""`check_ledger` finds what was tampered with, and nothing where nothing was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.core.management import CommandError, call_command
from django.db import connection

import pytest

from affiliates.earnings.models import Account
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts
from tests.factories.community import make_finance, make_operator
from tests.factories.earnings import NOON, Shop, without_guards

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(days=20)


@pytest.fixture
def busy(shop: Shop) -> Shop:
    """A shop with a refunded, a reversed, an uncredited and a paid order."""
    shop.order("pending", click=shop.click())
    shop.order("part", click=shop.click(), status="approved", lines=[("1", "90.00", "30.00"), ("2", "10.00")])
    shop.order("gone", click=shop.click(), status="reversed")
    shop.order("nobody")
    shop.order("big", click=shop.click(), status="approved", now=LATER, lines=[("1", "5000.00")])
    batch = propose_payouts(by=make_finance(), currency="EUR", now=LATER)
    assert batch
    approve_batch(batch=batch, by=make_operator(), now=LATER)
    mark_batch_sent(batch=batch, by=batch.proposed_by, now=LATER)
    return shop


@pytest.fixture
def tamper() -> Callable[[str], None]:
    """Runs SQL with the triggers dropped, as somebody with the database's password could."""

    def run(sql: str) -> None:
        with without_guards(), connection.cursor() as cursor:
            cursor.execute(sql)

    return run


def promises() -> set[str]:
    return {violation.promise for violation in violations()}


def test_honest_books_hold(busy: Shop, capsys) -> None:
    call_command("check_ledger")
    out = capsys.readouterr().out
    assert "The ledger holds." in out
    assert "EUR: 5 orders" in out and "paid 350.00" in out


def test_no_books_hold() -> None:
    call_command("check_ledger")


TAMPERING = [
    ("UPDATE earnings_transfer SET amount_minor = amount_minor + 1 WHERE kind = 'accrual'", "M3"),
    ("DELETE FROM earnings_transfer WHERE seq = (SELECT min(seq) FROM earnings_transfer)", "M3"),
    ("UPDATE earnings_transfer SET debit_id = credit_id, credit_id = debit_id WHERE kind = 'accrual'", "M3"),
    ("UPDATE earnings_rawreport SET sha256 = 'x' WHERE id = (SELECT min(id) FROM earnings_rawreport)", "M2"),
    ("DELETE FROM earnings_reportoutcome WHERE id = (SELECT min(id) FROM earnings_reportoutcome)", "M4"),
    ("UPDATE earnings_conversion SET status = 'approved' WHERE order_id = 'pending'", "M3"),
    ("UPDATE earnings_conversion SET creator_id = NULL WHERE order_id = 'pending'", "M8"),
    ("UPDATE earnings_conversionline SET commission_minor = commission_minor + 1, "
     "platform_minor = platform_minor + 1 WHERE amount_minor = 500000", "M6"),
    ("UPDATE earnings_conversionline SET refunded_minor = 0 WHERE refunded_minor > 0", "M3"),
    ("UPDATE earnings_conversionline SET paid_minor = 5 WHERE amount_minor = 500000", "M3"),
    ("UPDATE earnings_commissionrule SET percent = 20", "M8"),
    ("UPDATE earnings_payout SET amount_minor = 1", "M10"),
    ("UPDATE earnings_payoutbatch SET total_minor = 1", "M10"),
    ("UPDATE earnings_payoutbatch SET sent_at = NULL", "M10"),
    ("DELETE FROM earnings_attribution", "M8"),
]  # fmt: skip


@pytest.mark.parametrize(("sql", "promise"), TAMPERING)
def test_tampering_is_named(busy: Shop, tamper: Callable[[str], None], sql: str, promise: str) -> None:
    tamper(sql)
    found = promises()
    assert promise in found or (promise == "M3" and found & {"M6", "M7"})
    with pytest.raises(CommandError):
        call_command("check_ledger")


def test_a_missing_trigger_is_named(busy: Shop) -> None:
    with without_guards():
        assert promises() == {"M2"}


def test_every_account_is_named_once_in_the_totals(busy: Shop) -> None:
    assert sum(account.balance_minor for account in Account.objects.with_balance()) == 0
