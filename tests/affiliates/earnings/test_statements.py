"""What a creator's statement of a month says, and that it goes on saying so."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.domain.statements import STAGES, Step, account_for, stage_of_account
from affiliates.earnings.domain.taxes import Party, Rule, tax_on
from affiliates.earnings.models import Statement, StatementParty, TaxIdentity, TaxRule
from affiliates.earnings.selectors.audit import violations
from affiliates.earnings.selectors.statement_pages import statement_page
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.payouts import approve_batch, mark_batch_sent, propose_payouts
from affiliates.earnings.services.periods import close_period
from cms.core.domain.money import parse_amount
from community.services.accounts import erase_person, export_person
from tests.affiliates.earnings.worked_tables import rows
from tests.factories.community import make_finance, make_operator
from tests.factories.earnings import NOON, Shop, make_profile, make_rates, make_shop, without_guards

MARCH, APRIL = Month(2026, 3), Month(2026, 4)
LATE_MARCH = NOON + dt.timedelta(days=18)
GERMAN_RULES = [
    Rule("DE", "DE", True, "domestic_vat", Decimal(16), "", dt.date(2020, 7, 1), dt.date(2020, 12, 31)),
    Rule("DE", "DE", True, "domestic_vat", Decimal(19), "", dt.date(2021, 1, 1)),
    Rule("DE", "DE", False, "none", Decimal(0), "", dt.date(2007, 1, 1)),
    Rule("DE", "ES", True, "reverse_charge", Decimal(0), "Reverse charge", dt.date(2010, 1, 1)),
]


def minor(text: str) -> int:
    return parse_amount(text.lstrip("-"), "EUR") * (-1 if text.startswith("-") else 1)


def close(month: Month) -> list[Statement]:
    period = close_period(month=month, by=make_finance(), now=month.ends_at + dt.timedelta(days=1))
    return list(period.statements.order_by("pk"))


def test_each_transfer_moves_the_columns_as_the_table_says() -> None:
    steps: list[Step] = []
    for row in rows("periods", "statement"):
        (debit, _to, credit), amount = row["transfer"].split()[:3], int(row["transfer"].split()[3])
        cause = "payout" if "payout" in row["transfer"] else "order"
        steps.append(Step(stage_of_account(debit), stage_of_account(credit), amount, cause))
        made = account_for((0, 0, 0, 0), steps)
        columns = [int(row[name.replace("in_transit", "on its way")]) for name in STAGES]
        assert (list(made.closing), made.earned_minor, made.paid_minor, made.closing_minor) == (
            columns, int(row["earned"]), int(row["paid"]), int(row["total"]),
        )  # fmt: skip


@pytest.mark.parametrize("row", rows("periods", "documents"), ids=str)
def test_what_was_approved_less_what_was_taken_back_makes_the_document(row: dict[str, str]) -> None:
    made = account_for(
        (0, 0, 0, 0),
        [
            Step("pending", "approved", int(row["approved"]), "order"),
            Step("available", "", int(row["taken back"]), "order"),
        ],
    )
    assert (made.document, made.net_minor) == (row["document"], int(row["net"]))


@pytest.mark.parametrize("row", rows("periods", "tax"), ids=str)
def test_the_row_that_is_valid_at_the_months_end_decides_the_tax(row: dict[str, str]) -> None:
    tax = tax_on(
        minor(row["net"]),
        platform=Party(row["platform"], True),
        creator=Party(row["creator"], row["tax number"] == "yes"),
        rules=GERMAN_RULES,
        on=dt.date.fromisoformat(row["month ends"]),
    )
    assert (tax.treatment, tax.percent, tax.tax_minor, tax.gross_minor) == (
        row["treatment"], Decimal(row["percent"]), minor(row["tax"]), minor(row["gross"]),
    )  # fmt: skip
    assert tax.missing == ("" if row["treatment"] else "rule")


@pytest.mark.django_db
def test_pending_money_stands_on_the_statement_and_is_not_billed(shop: Shop) -> None:
    shop.order(click=shop.click())
    (statement,) = close(MARCH)
    assert (statement.closing_minor, statement.document, statement.number) == (700, "", None)


@pytest.mark.django_db
def test_a_movement_names_order_shop_and_guide(shop: Shop) -> None:
    shop.order(click=shop.click())
    (movement,) = close(MARCH)[0].content["movements"]
    assert (movement["order"], movement["merchant"], movement["title"], movement["amount"]) == (
        "A-1", "Acme", "The best of acme", 700,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_refund_in_the_next_month_makes_a_credit_note_that_names_the_invoice(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved")
    (invoice,) = close(MARCH)
    shop.order(status="reversed", now=APRIL.starts_at)
    (note,) = close(APRIL)
    assert (invoice.full_number, note.full_number, note.net_minor) == ("SB-000001", "CN-000001", -700)
    assert note.content["originals"] == [{"number": "SB-000001", "month": "2026-03"}]
    assert [one["since"] for one in note.content["movements"]] == ["2026-03"]


@pytest.mark.django_db
def test_a_statement_says_why_something_was_taken_back(shop: Shop) -> None:
    conversion = shop.order(click=shop.click(), status="approved")
    reverse_order(conversion=conversion, reason="other", note="Parcel came back", now=NOON)
    page = statement_page(close(MARCH)[0])
    assert [line.note for line in page.lines if line.note] == ["Parcel came back"]


@pytest.mark.django_db
def test_an_opening_is_the_last_closing_and_a_payout_leaves(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved", lines=[("1", "1000.00")], now=LATE_MARCH)
    close(MARCH)
    one, other = make_finance(), make_operator()
    batch = propose_payouts(by=one, currency="EUR", now=APRIL.starts_at)
    assert batch
    approve_batch(batch=batch, by=other, now=APRIL.starts_at)
    mark_batch_sent(batch=batch, by=one, now=APRIL.starts_at)
    (april,) = close(APRIL)
    assert (april.opening_minor, april.paid_minor, april.closing_minor) == (7000, 7000, 0)
    assert [str(fault) for fault in violations()] == []


@pytest.mark.django_db
def test_numbers_of_a_month_have_no_gaps(shop: Shop) -> None:
    for each in (shop, make_shop(), make_shop()):
        each.order(click=each.click(), status="approved")
    assert [one.number for one in close(MARCH)] == [1, 2, 3]


@pytest.mark.django_db
def test_a_statement_keeps_the_titles_it_was_frozen_with(shop: Shop) -> None:
    shop.order(click=shop.click())
    (statement,) = close(MARCH)
    type(shop.merchant).objects.filter(pk=shop.merchant.pk).update(name="Renamed")
    type(shop.placement).objects.filter(pk=shop.placement.pk).update(title="Renamed")
    assert "Renamed" not in Statement.objects.get(pk=statement.pk).body


@pytest.mark.django_db
def test_erasing_a_person_leaves_every_figure_and_no_name(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved")
    name, handle = shop.creator.display_name, shop.creator.handle
    (statement,) = close(MARCH)
    before = (statement.body, statement.digest)
    erase_person(user=shop.creator.user)
    after = Statement.objects.get(pk=statement.pk)
    assert (after.body, after.digest) == before and name not in after.body and handle not in after.body
    assert not StatementParty.objects.exists() and list(violations()) == []


@pytest.mark.django_db
def test_a_statement_shows_the_tax_of_its_configuration(shop: Shop) -> None:
    day = dt.date(2021, 1, 1)
    for creator in (None, shop.creator):
        TaxIdentity.objects.create(
            creator=creator, legal_name="A", address="B", country="DE", tax_number="DE1", valid_from=day
        )
    TaxRule.objects.create(
        platform_country="DE", creator_country="DE", has_tax_number=True, treatment="domestic_vat", percent=19,
        valid_from=day,
    )  # fmt: skip
    shop.order(click=shop.click(), status="approved")
    (statement,) = close(MARCH)
    assert (statement.net_minor, statement.tax_minor, statement.gross_minor) == (700, 133, 833)
    assert statement.content["tax"]["percent"] == "19"


@pytest.mark.django_db
def test_nothing_is_charged_where_the_configuration_is_missing(shop: Shop) -> None:
    shop.order(click=shop.click(), status="approved")
    (statement,) = close(MARCH)
    assert (statement.tax_minor, statement.tax_missing) == (0, "platform")


@pytest.mark.django_db
def test_a_statement_whose_figures_were_altered_is_found(shop: Shop) -> None:
    shop.order(click=shop.click())
    (statement,) = close(MARCH)
    with without_guards():
        Statement.objects.update(earned_minor=701, closing_minor=701)
    assert [str(fault) for fault in violations()] == [
        f"M11: statement {statement.ref}: its figures are not those of its transfers"
    ]


@pytest.mark.django_db
def test_a_person_takes_their_statements_along(shop: Shop) -> None:
    shop.order(click=shop.click())
    close(MARCH)
    exported = export_person(user=shop.creator.user)["statements"]
    assert [(one["month"], one["content"]["earned"]) for one in exported] == [("2026-03", 700)]


def test_money_on_its_way_in_another_currency_stands_on_a_statement(shop: Shop) -> None:
    make_profile(shop.creator, currency="USD")
    make_rates(LATE_MARCH.date(), USD="1.0917")
    shop.order(click=shop.click(), now=LATE_MARCH, status="approved", lines=[("1", "1000.00")])
    propose_payouts(by=make_finance(), currency="EUR", now=LATE_MARCH)
    assert {one.currency: one.closing_minor for one in close(MARCH)} == {"EUR": 0, "USD": 7642}
