"""Months are closed once and for good, and what is sealed stays as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

import pytest

from affiliates.earnings.domain.ledger import Slot
from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Period, Seal, StatementRun, Transfer
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.seals import seals_hold
from affiliates.earnings.services.ledger import ensure_accounts, transfer
from affiliates.earnings.services.periods import PeriodRefused, close_period, finish_statements
from affiliates.earnings.services.seals import seal_books, seal_chunk, seal_daily
from tests.affiliates.earnings.worked_tables import rows
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop, without_guards

pytestmark = pytest.mark.django_db
MARCH, APRIL = Month(2026, 3), Month(2026, 4)
AFTER = dt.datetime(2026, 4, 2, tzinfo=dt.UTC)


def move(at: dt.datetime, *, to: str = "suspense", amount: int = 5) -> Transfer:
    places = [(Slot("bank"), "EUR"), (Slot(to), "EUR")]
    accounts = ensure_accounts(places=places)
    return transfer(
        debit=accounts[places[0]],
        credit=accounts[places[1]],
        amount_minor=amount,
        kind="test",
        source_key=f"test:{at}:{to}",
        now=at,
    )


def close(month: Month, now: dt.datetime = AFTER) -> Period:
    return close_period(month=month, by=make_finance(), now=now)


@pytest.mark.parametrize("row", rows("periods", "months"), ids=str)
def test_a_closed_month_takes_no_transfer(shop: Shop, row: dict[str, str]) -> None:
    month = Month.parse(row["last closed month"])
    Period.objects.create(
        month=str(month), starts_at=month.starts_at, ends_at=month.ends_at, through_seq=0,
        closed_at=month.ends_at, closed_by=make_finance(),
    )  # fmt: skip
    booked = True
    try:
        with transaction.atomic():
            move(dt.datetime.fromisoformat(row["effective at"] + "+00:00"))
    except DatabaseError:
        booked = False
    assert booked == (row["booked"] == "yes")


def test_closing_again_changes_nothing(shop: Shop) -> None:
    shop.order(click=shop.click())
    first = close(MARCH)
    assert close(MARCH) == first and Period.objects.count() == 1


def test_closing_finishes_what_an_interruption_left(shop: Shop) -> None:
    shop.order(click=shop.click())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("affiliates.earnings.services.periods.issue_statements", lambda **_: 0)
        period = close(MARCH)
    assert (period.statements.count(), StatementRun.objects.count()) == (0, 0)
    finish_statements(now=AFTER)
    assert (period.statements.count(), StatementRun.objects.count()) == (1, 1)


def test_a_month_that_has_not_ended_is_not_closed(shop: Shop) -> None:
    shop.order(click=shop.click())
    with pytest.raises(PeriodRefused, match="2026-03 has not ended"):
        close(MARCH, now=NOON)


def test_the_month_before_is_closed_first(shop: Shop) -> None:
    shop.order(click=shop.click())
    with pytest.raises(PeriodRefused, match="2026-03 has to be closed before 2026-04"):
        close(APRIL, now=dt.datetime(2026, 5, 1, tzinfo=dt.UTC))


def test_a_month_with_unexplained_money_is_not_closed(shop: Shop) -> None:
    move(NOON)
    with pytest.raises(PeriodRefused, match="stands unexplained in suspense"):
        close(MARCH)


def test_a_month_is_not_closed_while_the_ledger_does_not_hold(shop: Shop) -> None:
    shop.order(click=shop.click())
    move(NOON, to="platform_margin")
    with pytest.raises(PeriodRefused, match="The ledger does not hold"):
        close(MARCH)


def test_a_later_refund_is_booked_in_the_open_month(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved")
    close(MARCH)
    conversion = shop.order(click=None, status="reversed", now=AFTER)
    taken = Transfer.objects.filter(conversion=conversion, kind="reversal")
    assert {Month.of(one.effective_at) for one in taken} == {APRIL}


@pytest.mark.parametrize("table", ["period", "seal", "statement"])
def test_what_closing_writes_is_never_changed_or_deleted(shop: Shop, table: str) -> None:
    shop.order(click=shop.click())
    close(MARCH)
    for sql in (f"UPDATE earnings_{table} SET id = id", f"DELETE FROM earnings_{table}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)


def test_seals_follow_on_each_other(shop: Shop) -> None:
    shop.order("a", click=shop.click())
    seal_books(now=NOON)
    shop.order("b", click=shop.click())
    assert seal_chunk(now=NOON, limit=1) and seal_books(now=NOON) == 1
    assert [seal.number for seal in Seal.objects.all()] == [1, 2, 3]
    assert list(seals_hold()) == []


def test_the_books_are_sealed_once_a_day(shop: Shop) -> None:
    shop.order("a", click=shop.click())
    seal_daily()
    shop.order("b", click=shop.click())
    seal_daily()
    assert Seal.objects.count() == 1


TAMPERING = {
    "changed": ("UPDATE earnings_transfer SET amount_minor = amount_minor + 1 WHERE seq = {seq}", 0),
    "deleted": ("DELETE FROM earnings_transfer WHERE seq = {seq}", 0),
    "moved": ("UPDATE earnings_transfer SET seq = {seq} + 1 WHERE seq = {seq}", 0),
}


@pytest.mark.parametrize("what", TAMPERING)
def test_the_first_transfer_that_was_tampered_with_is_named(shop: Shop, what: str) -> None:
    first = move(NOON, to="clawback_loss")
    move(NOON, to="platform_margin")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("UPDATE sqlite_sequence SET seq = seq + 5 WHERE name = 'earnings_transfer'")
        else:
            cursor.execute("SELECT setval(pg_get_serial_sequence('earnings_transfer', 'seq'), %s)", [first.seq + 6])
    last = move(NOON + dt.timedelta(hours=1), to="clawback_loss")
    seal_books(now=NOON)
    with without_guards(), connection.cursor() as cursor:
        cursor.execute(TAMPERING[what][0].format(seq=last.seq))
    assert [fault.subject for fault in seals_hold()] == [f"transfer {last.seq}"]


def test_a_transfer_put_in_between_is_refused_and_found(shop: Shop) -> None:
    first = move(NOON, to="clawback_loss")
    with without_guards(), connection.cursor() as cursor:
        cursor.execute("UPDATE earnings_transfer SET seq = seq + 5 WHERE seq = %s", [first.seq])
    seal_books(now=NOON)
    fields = {field.attname: getattr(first, field.attname) for field in Transfer._meta.fields}
    forged = {**fields, "source_key": "forged", "seq": first.seq + 2}
    with pytest.raises(DatabaseError, match="after the last seal"), transaction.atomic():
        Transfer.objects.create(**forged)
    with without_guards():
        Transfer.objects.create(**forged)
    assert [fault.subject for fault in seals_hold()] == [f"transfer {first.seq + 2}"]


def test_a_seal_that_was_altered_is_found(shop: Shop) -> None:
    shop.order(click=shop.click())
    seal_books(now=NOON)
    with without_guards():
        Seal.objects.update(digest="1" * 64)
    assert [fault.subject for fault in seals_hold()] == ["seal 1"]


def test_a_closed_month_holds(shop: Shop, django_assert_max_num_queries: Callable[..., object]) -> None:
    shop.order(click=shop.click(), status="approved")
    close(MARCH)
    assert [str(fault) for fault in violations()] == []


def test_what_was_booked_into_a_closed_month_is_found(shop: Shop) -> None:
    shop.order(click=shop.click())
    close(MARCH)
    with without_guards():
        late = move(NOON, to="clawback_loss")
    assert f"M2: transfer {late.seq}: was booked into 2026-03 after it was closed" in map(str, violations())


def test_the_command_closes_a_month_and_says_its_seal(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    shop.order(click=shop.click())
    by = make_finance()
    call_command("close_month", "2026-03", by=by.email)
    seal = Seal.objects.get().digest
    assert f"2026-03 is closed: 1 statements, seal {seal}." in capsys.readouterr().out
    call_command("check_ledger")
    assert seal in capsys.readouterr().out


@pytest.mark.parametrize(("month", "words"), [("2026-3", "not a month"), ("2026-04", "has to be closed before")])
def test_the_command_says_what_is_wrong(shop: Shop, month: str, words: str) -> None:
    shop.order(click=shop.click())
    with pytest.raises(CommandError, match=words):
        call_command("close_month", month, by=make_finance().email)


def test_the_command_is_for_finance(shop: Shop) -> None:
    with pytest.raises(CommandError, match="is nobody of finance"):
        call_command("close_month", "2026-03", by=shop.creator.user.email)
