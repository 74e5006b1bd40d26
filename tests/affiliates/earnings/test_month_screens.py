"""Months, statements and tax on screen: who sees them, and what they do."""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Period, Statement, TaxIdentity, TaxRule
from affiliates.earnings.services.periods import close_period
from community.services.accounts import erase_person
from tests.factories.community import make_bare_creator, make_creator, make_finance
from tests.factories.earnings import NOON, Shop, make_shop

pytestmark = pytest.mark.django_db
MARCH = Month(2026, 3)


@pytest.fixture
def finance() -> Client:
    client = Client()
    client.force_login(make_finance())
    return client


@pytest.fixture
def owner(db: None) -> Shop:
    """A shop whose creator may open the studio."""
    return make_shop("acme", creator=make_creator("maria"))


@pytest.fixture
def statement(owner: Shop) -> Statement:
    owner.order(click=owner.click(), status="approved")
    return close(MARCH).statements.get()


def close(month: Month) -> Period:
    return close_period(month=month, by=make_finance(), now=month.ends_at)


def client_of(shop_creator: object) -> Client:
    client = Client()
    client.force_login(shop_creator.user)  # type: ignore[attr-defined]
    return client


FINANCE = [
    "/cms/money/months/",
    "/cms/money/months/2026-03/",
    "/cms/money/months/2026-03/csv/",
    "/cms/money/ledger/figures/month/?currency=EUR&month=2026-03&side=brand",
    "/cms/money/ledger/figures/month/?currency=EUR&month=2026-03&side=creator&key=maria",
    "/cms/money/statements/{ref}/",
    "/cms/money/statements/{ref}/csv/",
    "/cms/money/tax/",
]
OWN = ["/cms/earnings/statements/{ref}/", "/cms/earnings/statements/{ref}/csv/", "/cms/earnings/statements/{ref}/pdf/"]


@pytest.mark.parametrize("path", FINANCE)
def test_finance_sees_every_month(statement: Statement, finance: Client, path: str) -> None:
    assert finance.get(path.format(ref=statement.ref)).status_code == 200


@pytest.mark.parametrize("path", [*FINANCE, "/cms/money/statements/{ref}/pdf/"])
def test_a_creator_sees_none_of_finances_pages(statement: Statement, path: str) -> None:
    assert client_of(statement.creator).get(path.format(ref=statement.ref)).status_code in {302, 403, 404}


@pytest.mark.parametrize("path", [*FINANCE, *OWN, "/cms/earnings/statements/"])
def test_a_stranger_is_asked_to_log_in(statement: Statement, path: str) -> None:
    answer = Client().get(path.format(ref=statement.ref))
    assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.mark.parametrize("path", OWN)
def test_a_creator_sees_their_own_statement(statement: Statement, path: str) -> None:
    assert client_of(statement.creator).get(path.format(ref=statement.ref)).status_code == 200


@pytest.mark.parametrize("path", OWN)
def test_a_creator_does_not_see_anothers_statement(statement: Statement, path: str) -> None:
    assert client_of(make_creator("other")).get(path.format(ref=statement.ref)).status_code == 404


def test_a_creators_list_holds_their_own_statements_only(statement: Statement) -> None:
    assert statement.ref in client_of(statement.creator).get("/cms/earnings/statements/").content.decode()
    assert statement.ref not in client_of(make_creator("other")).get("/cms/earnings/statements/").content.decode()


def test_a_movement_leads_to_its_order(statement: Statement) -> None:
    page = client_of(statement.creator).get(f"/cms/earnings/statements/{statement.ref}/").content.decode()
    assert 'href="/cms/earnings/orders/acme/A-1/"' in page and "SB-000001" in page


def test_an_erased_persons_statement_names_nobody(statement: Statement, finance: Client) -> None:
    erase_person(user=statement.creator.user)
    page = finance.get(f"/cms/money/statements/{statement.ref}/").content.decode()
    assert "This person was erased." in page and "Maria" not in page and "€7.00" in page


def test_finance_closes_a_month(owner: Shop, finance: Client) -> None:
    owner.order(click=owner.click())
    answer = finance.post("/cms/money/months/close/", {"month": "2026-03"}, follow=True)
    assert "2026-03 is closed" in answer.content.decode() and Period.objects.get().month == "2026-03"


def test_a_refusal_to_close_says_why(owner: Shop, finance: Client) -> None:
    owner.order(click=owner.click())
    answer = finance.post("/cms/money/months/close/", {"month": "2026-04"}, follow=True)
    assert "2026-03 has to be closed before 2026-04" in answer.content.decode() and not Period.objects.exists()


def test_a_creator_cannot_close_a_month(owner: Shop) -> None:
    owner.order(click=owner.click())
    assert client_of(owner.creator).post("/cms/money/months/close/", {"month": "2026-03"}).status_code == 404
    assert not Period.objects.exists()


def test_the_month_end_report_ties_and_leads_to_its_transfers(statement: Statement, finance: Client) -> None:
    page = finance.get("/cms/money/months/2026-03/").content.decode()
    assert "€10.00" in page and "€7.00" in page and "€3.00" in page
    assert "key=acme&amp;month=2026-03&amp;side=brand" in page and "do not agree" not in page
    rows = finance.get("/cms/money/months/2026-03/csv/").content.decode().splitlines()
    assert "2026-03,EUR,difference,,,0.00" in rows and "2026-03,EUR,creators,,,7.00" in rows


def test_a_month_that_is_none_is_not_found(finance: Client, statement: Statement) -> None:
    assert finance.get("/cms/money/months/2026-13/").status_code == 404


def test_finance_is_told_what_is_missing_for_tax(statement: Statement, finance: Client) -> None:
    assert "1 document of the last closed month shows no tax" in finance.get("/cms/money/tax/").content.decode()


def test_finance_adds_a_rule_and_an_identity(owner: Shop, finance: Client) -> None:
    rule = {
        "rule-platform_country": "DE", "rule-creator_country": "DE", "rule-has_tax_number": "on",
        "rule-treatment": "domestic_vat", "rule-percent": "19", "rule-valid_from": "2021-01-01", "add": "rule",
    }  # fmt: skip
    identity = {
        "identity-handle": "maria", "identity-legal_name": "María López", "identity-address": "Calle 1",
        "identity-country": "ES", "identity-valid_from": "2021-01-01", "add": "identity",
    }  # fmt: skip
    assert finance.post("/cms/money/tax/", rule).status_code == 302
    assert finance.post("/cms/money/tax/", identity).status_code == 302
    assert (TaxRule.objects.get().percent, TaxIdentity.objects.get().creator) == (19, owner.creator)
    again = finance.post("/cms/money/tax/", identity)
    assert again.status_code == 400 and "There is a row from this day on already." in again.content.decode()


def test_vat_without_a_rate_is_refused_in_words(finance: Client) -> None:
    data = {
        "rule-platform_country": "DE", "rule-creator_country": "DE", "rule-treatment": "domestic_vat",
        "rule-percent": "0", "rule-valid_from": "2021-01-01", "add": "rule",
    }  # fmt: skip
    answer = finance.post("/cms/money/tax/", data)
    assert answer.status_code == 400 and "Domestic VAT needs a rate" in answer.content.decode()


def test_screens_ask_as_often_for_many_as_for_few(owner: Shop, finance: Client) -> None:
    owner.order("0", click=owner.click(), status="approved")
    few = close(MARCH).statements.get()
    for number in range(6):
        shop = make_shop(creator=make_bare_creator())
        shop.order("x", click=shop.click(), status="approved", now=MARCH.ends_at)
        owner.order(f"n{number}", click=owner.click(), status="approved", now=MARCH.ends_at)
    april = close_period(month=Month(2026, 4), by=make_finance(), now=NOON + dt.timedelta(days=60))
    many = april.statements.get(creator=owner.creator)
    creator = client_of(owner.creator)

    def count(client: Client, path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    assert count(finance, "/cms/money/months/2026-03/") == count(finance, "/cms/money/months/2026-04/")
    addresses = [f"/cms/earnings/statements/{one.ref}/" for one in (few, many)]
    assert count(creator, addresses[0]) == count(creator, addresses[1])
