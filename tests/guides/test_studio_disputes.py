"""A creator disputes reversals of their own orders and claims missing sales; nobody else can."""

from __future__ import annotations

from django.core import mail
from django.test import Client
from django.utils import timezone

import pytest

from affiliates.earnings.models import CreatorNotice, Dispute, SaleClaim
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.notices import mail_notices, write_notices
from tests.factories.community import make_creator, make_user
from tests.factories.earnings import NOON, Shop, make_shop
from tests.factories.tracking import make_click

pytestmark = pytest.mark.django_db
DISPUTE = "/cms/earnings/disputes/acme/A-1/"
CLAIMS = "/cms/earnings/claims/"
SALE = {"merchant": "acme", "order_id": "LOST", "ordered_on": NOON.date().isoformat(), "evidence": "A receipt"}


@pytest.fixture
def shop() -> Shop:
    made = make_shop("acme", creator=make_creator())
    order = made.order(click=make_click(link=made.link, placement=made.placement, at=NOON))
    reverse_order(conversion=order, reason="returned", now=NOON)
    return made


@pytest.fixture
def owner(shop: Shop) -> Client:
    client = Client()
    client.force_login(shop.creator.user)
    return client


def test_a_creator_disputes_a_reversal(owner: Client) -> None:
    page = owner.post(DISPUTE, {"evidence": "I kept it"}, follow=True).content.decode()
    assert ("The brand has until" in page, Dispute.objects.get().state) == (True, "open")


def test_a_dispute_without_evidence_names_the_field(owner: Client) -> None:
    answer = owner.post(DISPUTE, {"evidence": ""})
    assert (answer.status_code, "This field is required" in answer.content.decode()) == (422, True)


def test_a_reversals_reason_is_told(owner: Client) -> None:
    assert "The goods came back" in owner.get("/cms/earnings/orders/acme/A-1/").content.decode()


def test_another_creator_disputes_nothing(shop: Shop) -> None:
    client = Client()
    client.force_login(make_creator().user)
    assert (client.post(DISPUTE, {"evidence": "Mine"}).status_code, Dispute.objects.count()) == (404, 0)


@pytest.mark.parametrize("path", [DISPUTE, CLAIMS])
def test_strangers_and_anonymous_visitors_are_sent_away(shop: Shop, path: str) -> None:
    client = Client()
    client.force_login(make_user())
    assert client.post(path, SALE).status_code in {302, 403, 404}
    assert Client().post(path, SALE).status_code == 302


def test_a_creator_claims_a_sale(owner: Client, shop: Shop) -> None:
    page = owner.post(CLAIMS, SALE, follow=True).content.decode()
    assert ("LOST" in page, SaleClaim.objects.get().creator) == (True, shop.creator)


def test_a_claim_without_a_click_says_so(owner: Client) -> None:
    page = owner.post(CLAIMS, {**SALE, "ordered_on": "2025-01-01"}).content.decode()
    assert ("There is no click on your links" in page, SaleClaim.objects.count()) == (True, 0)


def test_a_creator_does_not_see_anothers_claims(owner: Client) -> None:
    owner.post(CLAIMS, SALE)
    client = Client()
    client.force_login(make_creator().user)
    assert "LOST" not in client.get(CLAIMS).content.decode()


def test_a_creator_is_told_of_first_sale_and_reversal_once(shop: Shop, owner: Client) -> None:
    counts = [(write_notices(now=NOON), mail_notices(now=timezone.now())) for _ in range(2)]
    assert (counts, sorted(letter.subject for letter in mail.outbox)) == (
        [(2, 2), (0, 0)],
        ["Order A-1 was reversed", "Your first sale, at Acme"],
    )
    assert "Your first sale" in owner.get("/cms/earnings/").content.decode()


def test_a_reversals_mail_says_why(shop: Shop) -> None:
    write_notices(now=NOON)
    mail_notices(now=NOON)
    assert any("The goods came back" in letter.body and DISPUTE[-9:] in letter.body for letter in mail.outbox)
    assert CreatorNotice.objects.filter(mailed_at__isnull=True).count() == 0
