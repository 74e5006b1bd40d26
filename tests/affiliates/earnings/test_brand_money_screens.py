"""Finance's screens about brands' money, disputes and adjustments."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.earnings.models import Adjustment, BrandPayment, BrandStatement, Conversion, Dispute
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.disputes import escalate_due, open_dispute
from tests.factories.community import make_finance
from tests.factories.earnings import NOON, Shop

pytestmark = pytest.mark.django_db
PAGES = ["/cms/brand-money/", "/cms/disputes/", "/cms/adjustments/"]


def finance() -> Client:
    client = Client()
    client.force_login(make_finance())
    return client


@pytest.fixture
def order(shop: Shop) -> Conversion:
    return shop.order(click=shop.click(), status="approved")


@pytest.fixture
def dispute(shop: Shop, order: Conversion) -> Dispute:
    reverse_order(conversion=order, reason="returned", now=NOON)
    made = open_dispute(conversion=order, creator=shop.creator, evidence="Kept it", now=NOON)
    escalate_due(now=made.answer_by)
    return made


@pytest.mark.parametrize("path", PAGES)
def test_finance_sees_the_page(path: str, dispute: Dispute) -> None:
    assert finance().get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_creator_does_not(path: str, shop: Shop) -> None:
    client = Client()
    client.force_login(shop.creator.user)
    assert client.get(path).status_code in {302, 403, 404}


@pytest.mark.parametrize("path", PAGES)
def test_an_anonymous_visitor_logs_in_first(path: str, db: None) -> None:
    assert Client().get(path).status_code == 302


PAYMENT = {"merchant": "", "currency": "EUR", "amount": "10.00", "reference": "B-1", "paid_on": "2026-03-12"}


def test_finance_books_a_brands_payment(shop: Shop, order: Conversion) -> None:
    finance().post("/cms/brand-money/", {**PAYMENT, "merchant": shop.merchant.pk})
    assert BrandPayment.objects.get().amount_minor == 1000


@pytest.mark.parametrize(("field", "value"), [("amount", "ten"), ("paid_on", ""), ("reference", ""), ("amount", "0")])
def test_a_payment_that_makes_no_sense_is_refused(shop: Shop, order: Conversion, field: str, value: str) -> None:
    answer = finance().post("/cms/brand-money/", {**PAYMENT, "merchant": shop.merchant.pk, field: value})
    assert (answer.status_code, BrandPayment.objects.count()) == (422, 0)


def test_finance_issues_a_statement(shop: Shop, order: Conversion) -> None:
    data = {"statement_merchant": shop.merchant.pk, "statement_currency": "EUR"}
    page = finance().post("/cms/brand-money/statement/", data, follow=True).content.decode()
    assert (BrandStatement.objects.get().total_minor, order.order_id in page) == (1000, True)


def test_finance_decides_what_the_brand_did_not(dispute: Dispute) -> None:
    finance().post(f"/cms/disputes/{dispute.ref}/", {"granted": "yes"})
    assert (Conversion.objects.get().status, Dispute.objects.get().state) == ("approved", "granted")


def test_finance_waits_for_the_brands_answer(dispute: Dispute) -> None:
    Dispute.objects.update(escalated_at=None, answer_by=timezone.now() + dt.timedelta(days=1))
    assert finance().post(f"/cms/disputes/{dispute.ref}/", {"granted": "yes"}).status_code == 404


ADJUSTMENT = {
    "debit_kind": "platform_margin", "credit_kind": "creator_available", "currency": "EUR", "amount": "5.00",
    "reason": "Goodwill",
}  # fmt: skip


def test_two_people_make_an_adjustment(shop: Shop) -> None:
    first = finance()
    first.post("/cms/adjustments/", {**ADJUSTMENT, "creator": shop.creator.handle})
    made = Adjustment.objects.get()
    first.post(f"/cms/adjustments/{made.ref}/", {"decision": "approve"})
    assert Adjustment.objects.get().state == "proposed"
    finance().post(f"/cms/adjustments/{made.ref}/", {"decision": "approve"})
    assert Adjustment.objects.get().state == "approved"


def test_an_adjustment_between_the_houses_own_accounts_names_the_field(shop: Shop) -> None:
    data = {**ADJUSTMENT, "creator": shop.creator.handle, "credit_kind": "suspense"}
    answer = finance().post("/cms/adjustments/", data)
    assert (answer.status_code, "One of the two is" in answer.content.decode()) == (422, True)


@pytest.mark.parametrize("path", ["/cms/disputes/x/", "/cms/disputes/claims/x/", "/cms/adjustments/x/"])
def test_nobody_else_decides(shop: Shop, path: str) -> None:
    client = Client()
    client.force_login(shop.creator.user)
    answers = {client.post(path).status_code, Client().post(path).status_code}
    assert answers <= {302, 403, 404}


def test_an_orders_page_shows_every_change(shop: Shop, dispute: Dispute) -> None:
    page = finance().get(f"/cms/orders/acme/{dispute.conversion.order_id}/").content.decode()
    assert "Every change" in page and "The goods came back" in page and "disputed" in page
