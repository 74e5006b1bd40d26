"""A merchant's side of readers' reports."""

from __future__ import annotations

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Offer, Suspension, Ticket
from affiliates.catalogue.services.problems import report_problem
from affiliates.catalogue.services.suspensions import suspend_shop
from tests.factories.catalogue import make_offer
from tests.factories.community import make_user
from tests.factories.parties import make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return make_offer()


@pytest.fixture
def ticket(offer: Offer) -> Ticket:
    return report_problem(offer=offer, kind="gone", country="", user=None, now=timezone.now())


def member(client: Client, offer: Offer, role: str = "manager") -> Client:
    person = make_user()
    make_member(offer.merchant, person, role=role)
    client.force_login(person)
    return client


def test_a_member_sees_reports_with_their_deadline(client: Client, ticket: Ticket) -> None:
    page = member(client, ticket.offer, "viewer").get("/brands/problems/").content.decode()
    assert ticket.offer.external_id in page and "answer by" in page


def test_another_brand_sees_nothing_of_it(client: Client, ticket: Ticket) -> None:
    page = member(client, make_offer()).get("/brands/problems/").content.decode()
    assert ticket.offer.external_id not in page


def test_a_stranger_is_told_nothing(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/brands/problems/").status_code == 404


def test_an_anonymous_visitor_is_asked_to_log_in(client: Client) -> None:
    assert client.get("/brands/problems/").status_code == 302


def test_a_manager_objects(client: Client, ticket: Ticket) -> None:
    member(client, ticket.offer).post(f"/brands/problems/{ticket.ref}/", {"objection": "It is there"})
    ticket.refresh_from_db()
    assert (ticket.objection, ticket.state) == ("It is there", "person")


def test_a_viewer_does_not_object(client: Client, ticket: Ticket) -> None:
    answer = member(client, ticket.offer, "viewer").post(f"/brands/problems/{ticket.ref}/", {"objection": "No"})
    assert answer.status_code == 404


def test_another_brands_manager_does_not_object(client: Client, ticket: Ticket) -> None:
    answer = member(client, make_offer()).post(f"/brands/problems/{ticket.ref}/", {"objection": "No"})
    assert answer.status_code == 404


def test_an_empty_objection_names_the_field(client: Client, ticket: Ticket) -> None:
    answer = member(client, ticket.offer).post(f"/brands/problems/{ticket.ref}/", {"objection": ""})
    assert (answer.status_code, "This field is required" in answer.content.decode()) == (422, True)


def test_a_manager_objects_to_a_suspension(client: Client, offer: Offer) -> None:
    suspend_shop(merchant=offer.merchant, reason="Fakes", by=None, now=timezone.now())
    member(client, offer).post("/brands/problems/suspension/", {"objection": "Here are the invoices"})
    assert Suspension.objects.get().objection == "Here are the invoices"


def test_a_suspended_shop_reads_why_and_until_when(client: Client, offer: Offer) -> None:
    suspend_shop(merchant=offer.merchant, reason="Two fakes", by=None, now=timezone.now())
    page = member(client, offer).get("/brands/problems/").content.decode()
    assert "Two fakes" in page and "You may object until" in page
