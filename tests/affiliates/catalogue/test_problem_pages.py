"""Reporting a problem as a reader does, and the queue of those who answer."""

from __future__ import annotations

from typing import Any

from django.test import Client, RequestFactory

import pytest

from affiliates.catalogue.models import Offer, OfferReport, Suspension, Ticket
from affiliates.catalogue.services.problems import report_problem
from affiliates.catalogue.services.suspensions import suspend_shop
from affiliates.catalogue.wagtail_hooks import matches_menu_item, problems_menu_item
from tests.factories.catalogue import make_offer
from tests.factories.community import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer() -> Offer:
    return make_offer()


@pytest.fixture
def address(offer: Offer) -> str:
    return f"/products/{offer.product.slug}/problem/{offer.merchant.slug}/"


def staff(client: Client, group: str) -> Client:
    client.force_login(make_user(groups=[group]))
    return client


def test_the_product_page_leads_to_the_report(client: Client, offer: Offer, address: str) -> None:
    assert address in client.get(f"/products/{offer.product.slug}/").content.decode()


def test_one_tap_without_an_account_is_enough(client: Client, address: str) -> None:
    answer = client.post(address, {"kind": "gone"}, follow=True)
    assert "Thank you" in answer.content.decode()


def test_a_report_without_a_kind_says_so_and_keeps_the_note(client: Client, address: str) -> None:
    answer = client.post(address, {"note": "It was 404"})
    assert (answer.status_code, "It was 404" in answer.content.decode()) == (422, True)


def test_wont_ship_asks_where_to(client: Client, address: str) -> None:
    answer = client.post(address, {"kind": "wont_ship"})
    assert "Say where it should be sent" in answer.content.decode()


def test_a_program_that_fills_in_what_nobody_sees_is_not_heard(client: Client, address: str) -> None:
    client.post(address, {"kind": "gone", "website": "https://spam.example"})
    assert not OfferReport.objects.exists()


def test_a_shop_that_does_not_list_it_cannot_be_reported(client: Client, offer: Offer) -> None:
    assert client.get(f"/products/{offer.product.slug}/problem/nobody/").status_code == 404


def test_only_its_own_reports_are_listed(client: Client, address: str) -> None:
    client.force_login(make_user())
    client.post(address, {"kind": "gone"})
    other = Client()
    other.force_login(make_user())
    assert "You have not reported anything" in other.get("/problems/").content.decode()


def test_a_stranger_to_the_house_has_no_list_of_reports(client: Client) -> None:
    assert client.get("/problems/").status_code == 302


def test_an_editor_answers_a_report(client: Client, address: str) -> None:
    Client().post(address, {"kind": "fake"})
    ticket = Ticket.objects.get()
    staff(client, "Editors").post(f"/cms/problems/{ticket.ref}/", {"decision": "refute", "outcome": "Genuine."})
    ticket.refresh_from_db()
    assert (ticket.state, ticket.outcome) == ("refuted", "Genuine.")


def test_an_editor_sees_the_queue(client: Client, address: str, offer: Offer) -> None:
    Client().post(address, {"kind": "fake", "note": "The seam is glued"})
    assert "The seam is glued" in staff(client, "Editors").get("/cms/problems/").content.decode()


@pytest.mark.parametrize("group", ["Finance"])
def test_others_do_not_see_the_queue(client: Client, group: str) -> None:
    assert staff(client, group).get("/cms/problems/").status_code != 200


def test_an_anonymous_visitor_does_not_see_the_queue(client: Client) -> None:
    assert client.get("/cms/problems/").status_code == 302


def test_an_editor_does_not_lift_a_suspension(client: Client, offer: Offer) -> None:
    suspend_shop(merchant=offer.merchant, reason="Fakes", by=None, now=offer.first_seen_at)
    staff(client, "Editors").post(f"/cms/problems/shops/{offer.merchant.slug}/lift/", {"because": "So"})
    assert Suspension.objects.get().lifted_at is None


def test_an_operator_suspends_and_lifts(client: Client, offer: Offer) -> None:
    operator = staff(client, "Operators")
    operator.post(f"/cms/problems/shops/{offer.merchant.slug}/suspend/", {"reason": "Fakes"})
    operator.post(f"/cms/problems/shops/{offer.merchant.slug}/lift/", {"because": "Invoices shown"})
    assert Suspension.objects.get().lifted_because == "Invoices shown"


#: Who may not send what, besides nobody at all.
CLOSED_TO = [
    ("decide", "Finance"), ("decide", ""), ("suspend", "Editors"), ("suspend", "Finance"), ("suspend", ""),
    ("lift", "Editors"), ("lift", "Finance"), ("lift", ""),
]  # fmt: skip


def sent(client: Client, offer: Offer, deed: str) -> int:
    """The answer to somebody who decides a report, suspends its shop or lifts the suspension."""
    ticket = report_problem(offer=offer, kind="fake", country="", user=None, now=offer.first_seen_at)
    shop = f"/cms/problems/shops/{offer.merchant.slug}"
    if deed == "lift":
        suspend_shop(merchant=offer.merchant, reason="Fakes", by=None, now=offer.first_seen_at)
    address, data = {
        "decide": (f"/cms/problems/{ticket.ref}/", {"decision": "confirm"}),
        "suspend": (f"{shop}/suspend/", {"reason": "So"}),
        "lift": (f"{shop}/lift/", {"because": "So"}),
    }[deed]
    return client.post(address, data).status_code


def changed(deed: str) -> bool:
    """Whether it was done."""
    if deed == "decide":
        return Ticket.objects.filter(closed_at__isnull=False).exists()
    return Suspension.objects.filter(lifted_at__isnull=deed == "suspend").exists()


@pytest.mark.parametrize(("deed", "group"), CLOSED_TO)
def test_who_has_not_the_office_decides_nothing(client: Client, offer: Offer, deed: str, group: str) -> None:
    client.force_login(make_user(groups=[group] if group else []))
    assert (sent(client, offer, deed) in {302, 403, 404}, changed(deed)) == (True, False)


@pytest.mark.parametrize("deed", ["decide", "suspend", "lift"])
def test_an_anonymous_visitor_decides_nothing(client: Client, offer: Offer, deed: str) -> None:
    assert (sent(client, offer, deed), changed(deed)) == (302, False)


@pytest.mark.parametrize(
    ("deed", "group"), [("decide", "Editors"), ("decide", "Operators"), ("suspend", "Operators"), ("lift", "Operators")]
)
def test_who_has_the_office_decides(client: Client, offer: Offer, deed: str, group: str) -> None:
    sent(staff(client, group), offer, deed)
    assert changed(deed)


@pytest.mark.parametrize(("group", "status"), [("Operators", 200), ("Editors", 302), ("Finance", 302)])
def test_only_operators_take_the_list_of_faults_away(client: Client, group: str, status: int) -> None:
    assert staff(client, group).get("/cms/reports/not-serving.csv").status_code == status


def test_a_reader_does_not_take_the_list_of_faults_away(client: Client) -> None:
    client.force_login(make_user())
    assert client.get("/cms/reports/not-serving.csv").status_code in {302, 403}


def test_an_anonymous_visitor_does_not_take_the_list_of_faults_away(client: Client) -> None:
    assert client.get("/cms/reports/not-serving.csv").status_code == 302


def test_an_editor_without_a_decision_changes_nothing(client: Client, offer: Offer) -> None:
    ticket = report_problem(offer=offer, kind="fake", country="", user=None, now=offer.first_seen_at)
    staff(client, "Editors").post(f"/cms/problems/{ticket.ref}/", {"outcome": "Hm"})
    assert not changed("decide")


def test_the_menu_counts_what_waits(rf: RequestFactory, offer: Offer) -> None:
    report_problem(offer=offer, kind="fake", country="", user=None, now=offer.first_seen_at)
    items = [problems_menu_item(), matches_menu_item()]
    assert [item.render_component(rf.get("/")).label for item in items] == ["Readers' reports (1)", "Matches to decide"]


def test_a_suspension_needs_a_reason(client: Client, offer: Offer) -> None:
    staff(client, "Operators").post(f"/cms/problems/shops/{offer.merchant.slug}/suspend/", {"reason": ""})
    assert not Suspension.objects.exists()


def test_a_hostile_note_is_text(client: Client, address: str) -> None:
    Client().post(address, {"kind": "fake", "note": "<script>alert(1)</script>"})
    assert "<script>alert(1)" not in staff(client, "Editors").get("/cms/problems/").content.decode()


def test_queries_of_the_queue_do_not_grow(client: Client, django_assert_max_num_queries: Any) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    editor = staff(client, "Editors")
    counts = []
    for _ in range(2):
        for _ in range(4):
            found = make_offer()
            Client().post(f"/products/{found.product.slug}/problem/{found.merchant.slug}/", {"kind": "fake"})
        with CaptureQueriesContext(connection) as queries:
            editor.get("/cms/problems/")
        counts.append(len(queries))
    assert counts[0] == counts[1]
