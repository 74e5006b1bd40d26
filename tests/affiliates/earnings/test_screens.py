"""Finance's screens: who sees them, and what can be done there."""

from __future__ import annotations

import datetime as dt

from django.test import Client

import pytest

from affiliates.earnings.models import PayoutBatch
from affiliates.earnings.services.payouts import propose_payouts
from tests.factories.community import make_finance, make_operator
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.django_db
LATER = NOON + dt.timedelta(days=20)


@pytest.fixture
def batch(shop: Shop) -> PayoutBatch:
    shop.order(click=shop.click(), status="approved", now=LATER, lines=[("1", "1000.00")])
    made = propose_payouts(by=make_finance(email="proposer@example.org"), currency="EUR", now=LATER)
    assert made
    return made


@pytest.fixture
def finance() -> Client:
    client = Client()
    client.force_login(make_finance())
    return client


def decide(client: Client, batch: PayoutBatch, **data: str) -> str:
    answer = client.post(f"/cms/payouts/{batch.ref}/decide/", data, follow=True)
    batch.refresh_from_db()
    return answer.content.decode()


PAGES = [
    "/cms/payouts/",
    "/cms/payouts/{ref}/",
    "/cms/payouts/{ref}/csv/",
    "/cms/orders/",
    "/cms/orders/{shop}/{order}/",
]


@pytest.mark.parametrize("path", PAGES)
def test_finance_sees_everybodys_money(batch: PayoutBatch, finance: Client, path: str) -> None:
    order = batch.payouts.get().creator.conversions.get()
    address = path.format(ref=batch.ref, shop=order.merchant.slug, order=order.order_id)
    assert finance.get(address).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_creator_sees_none_of_it(batch: PayoutBatch, shop: Shop, path: str) -> None:
    client = Client()
    client.force_login(shop.creator.user)
    order = shop.creator.conversions.get()
    answer = client.get(path.format(ref=batch.ref, shop=shop.merchant.slug, order=order.order_id))
    assert answer.status_code in {302, 403, 404}


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_is_asked_to_log_in(batch: PayoutBatch, path: str) -> None:
    assert Client().get(path.format(ref=batch.ref, shop="acme", order=1)).status_code == 302


def test_a_batch_is_approved_and_sent(batch: PayoutBatch, finance: Client) -> None:
    decide(finance, batch, decision="approve")
    assert batch.state == "approved"
    decide(finance, batch, decision="sent", reference="SEPA-9")
    assert (batch.state, batch.payouts.get().sent_reference) == ("sent", "SEPA-9")


def test_a_batch_is_not_sent_without_the_banks_reference(batch: PayoutBatch, finance: Client) -> None:
    decide(finance, batch, decision="approve")
    assert "Bank&#x27;s reference" in decide(finance, batch, decision="sent", reference=" ")
    assert batch.state == "approved"


@pytest.mark.parametrize(("decision", "field", "length"), [("sent", "reference", 81), ("reject", "reason", 201)])
def test_what_was_typed_stays_beside_what_is_wrong_with_it(
    batch: PayoutBatch, finance: Client, decision: str, field: str, length: int
) -> None:
    decide(finance, batch, decision="approve")
    page = decide(finance, batch, decision=decision, **{field: "x" * length})
    assert f'value="{"x" * length}"' in page and f'aria-describedby="id_{field}_error"' in page
    assert batch.state == "approved"


def test_a_decision_is_not_asked_for_by_an_address(batch: PayoutBatch, finance: Client) -> None:
    assert finance.get(f"/cms/payouts/{batch.ref}/decide/").status_code == 405


def test_a_creator_decides_nothing(batch: PayoutBatch, shop: Shop) -> None:
    client = Client()
    client.force_login(shop.creator.user)
    client.post(f"/cms/payouts/{batch.ref}/decide/", {"decision": "approve"})
    batch.refresh_from_db()
    assert batch.state == "proposed"


def test_a_refusal_says_why(batch: PayoutBatch) -> None:
    client = Client()
    client.force_login(batch.proposed_by)
    assert "somebody else has to approve it" in decide(client, batch, decision="approve")
    assert batch.state == "proposed"


def test_a_rejection_needs_a_reason(batch: PayoutBatch, finance: Client) -> None:
    assert "Say why" in decide(finance, batch, decision="reject")
    decide(finance, batch, decision="reject", reason="wrong account")
    assert (batch.state, batch.rejection) == ("rejected", "wrong account")


def test_a_batch_is_proposed_from_the_screen(shop: Shop, finance: Client) -> None:
    shop.order(click=shop.click(), status="approved", now=LATER, lines=[("1", "1000.00")])
    finance.post("/cms/payouts/propose/", {"currency": "EUR"})
    assert PayoutBatch.objects.get().total_minor == 7000


def test_the_waiting_batch_is_named_in_the_menu(batch: PayoutBatch) -> None:
    client = Client()
    client.force_login(make_operator())
    assert "Payouts (1)" in client.get("/cms/payouts/").content.decode()


def test_an_orders_page_explains_its_money(shop: Shop, finance: Client) -> None:
    order = shop.order(click=shop.click(), lines=[{"line_id": "1", "name": "Kettle", "amount": "100.00"}])
    page = finance.get(f"/cms/orders/{order.merchant.slug}/{order.order_id}/").content.decode()
    assert "10 % of" in page and "rule version 1" in page


def test_a_list_of_many_orders_costs_no_more_queries(
    shop: Shop, finance: Client, django_assert_max_num_queries
) -> None:
    for number in range(12):
        shop.order(f"A-{number}", click=shop.click())
    finance.get("/cms/orders/")
    with django_assert_max_num_queries(25):
        finance.get("/cms/orders/")
