"""What a brand's people may do about orders, statements and disputes, and what strangers may not."""

from __future__ import annotations

import csv
import datetime as dt
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.earnings.models import BrandStatement, Conversion, Dispute, SaleClaim
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.services.brand_accounts import issue_statement
from affiliates.earnings.services.claims import claim_sale
from affiliates.earnings.services.decisions import reverse_order
from affiliates.earnings.services.disputes import open_dispute
from tests.factories.community import make_user
from tests.factories.earnings import NOON, Shop, make_shop
from tests.factories.parties import make_member

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def shop() -> Shop:
    return make_shop("acme")


@pytest.fixture
def order(shop: Shop) -> Conversion:
    return shop.order(click=shop.click())


@pytest.fixture
def dispute(shop: Shop, order: Conversion) -> Dispute:
    reverse_order(conversion=order, reason="returned", now=NOON)
    return open_dispute(conversion=order, creator=shop.creator, evidence="Kept it", now=timezone.now())


@pytest.fixture
def claim(shop: Shop) -> SaleClaim:
    shop.click()
    return claim_sale(
        creator=shop.creator,
        merchant=shop.merchant,
        order_id="LOST",
        ordered_on=NOON.date(),
        evidence="Receipt",
        now=timezone.now(),
    )


@pytest.fixture
def statement(shop: Shop) -> BrandStatement:
    shop.order("A-1", click=shop.click(), status="approved")
    made = issue_statement(merchant=shop.merchant, currency="EUR", ends_at=NOON + DAY, now=NOON + 2 * DAY)
    assert made
    return made


def member(shop: Shop, role: str = "manager") -> Client:
    client, person = Client(), make_user()
    make_member(shop.merchant, person, role=role)
    client.force_login(person)
    return client


def stranger() -> Client:
    client = Client()
    client.force_login(make_user())
    return client


PAGES = ["/brands/decisions/", "/brands/statements/", "/brands/disputes/"]


@pytest.mark.parametrize("path", PAGES)
def test_a_viewer_may_look(shop: Shop, path: str) -> None:
    assert member(shop, "viewer").get(path).status_code == 200


@pytest.mark.parametrize("path", PAGES)
def test_a_stranger_finds_nothing(path: str) -> None:
    assert stranger().get(path).status_code == 404


@pytest.mark.parametrize("path", PAGES)
def test_an_anonymous_visitor_logs_in_first(client: Client, path: str) -> None:
    assert client.get(path).status_code == 302


ACTS = [
    ("/brands/decisions/", {"decision": "approve", "order": "A-1"}),
    ("/brands/decisions/order/A-1/", {"decision": "approve"}),
    ("/brands/decisions/file/", {}),
]


@pytest.mark.parametrize(("path", "data"), ACTS)
def test_only_a_manager_decides(shop: Shop, order: Conversion, path: str, data: dict[str, str]) -> None:
    others = (member(shop, "viewer"), stranger(), member(make_shop()))
    named = f"{path}?merchant=acme"
    assert [other.post(named, data).status_code for other in others] == [404, 404, 404]
    order.refresh_from_db()
    assert (order.status, Client().post(path, data).status_code) == ("pending", 302)


def test_a_manager_approves_an_order(shop: Shop, order: Conversion) -> None:
    member(shop).post("/brands/decisions/order/A-1/", {"decision": "approve"})
    order.refresh_from_db()
    assert (order.status, order.changes.last().channel) == ("approved", "portal")


def test_a_manager_reverses_an_order_with_a_reason(shop: Shop, order: Conversion) -> None:
    member(shop).post("/brands/decisions/order/A-1/", {"decision": "decline", "reason": "fraud"})
    order.refresh_from_db()
    assert (order.status, order.reason_code) == ("reversed", "fraud")


def test_a_reversal_without_a_reason_names_the_field(shop: Shop, order: Conversion) -> None:
    answer = member(shop).post("/brands/decisions/order/A-1/", {"decision": "decline"})
    assert (answer.status_code, "Choose why" in answer.content.decode()) == (422, True)


def test_a_locked_order_refuses_with_a_sentence(shop: Shop, order: Conversion) -> None:
    Conversion.objects.update(locked_at=NOON)
    page = member(shop).post("/brands/decisions/order/A-1/", {"decision": "approve"}, follow=True).content.decode()
    assert "locked on 10 March 2026" in page


def test_an_orders_page_tells_its_dates_and_changes(shop: Shop, order: Conversion) -> None:
    page = member(shop, "viewer").get("/brands/orders/A-1/").content.decode()
    assert "Has no lock date" in page and "Every change" in page and "Approve this order" not in page


def test_ticked_orders_are_decided_and_each_reports(shop: Shop, order: Conversion) -> None:
    shop.order("A-2", click=shop.click())
    Conversion.objects.filter(order_id="A-2").update(locked_at=NOON)
    answer = member(shop).post("/brands/decisions/", {"decision": "approve", "order": ["A-1", "A-2", "NONE"]})
    assert "1 done, 2 refused." in answer.content.decode()


def test_all_that_match_are_decided(shop: Shop, order: Conversion) -> None:
    shop.order("B-1", click=shop.click())
    member(shop).post("/brands/decisions/?status=pending&q=B", {"decision": "approve", "which": "all"})
    assert list(Conversion.objects.filter(status="approved").values_list("order_id", flat=True)) == ["B-1"]


def test_nothing_ticked_says_so(shop: Shop, order: Conversion) -> None:
    answer = member(shop).post("/brands/decisions/", {"decision": "approve"})
    assert (answer.status_code, "Tick at least one order." in answer.content.decode()) == (422, True)


def send(shop: Shop, text: str) -> str:
    file = SimpleUploadedFile("d.csv", text.encode(), "text/csv")
    return member(shop).post("/brands/decisions/file/", {"file": file}).content.decode()


def test_a_files_rows_stand_each_for_itself(shop: Shop, order: Conversion) -> None:
    shop.order("A-2", click=shop.click())
    page = send(
        shop,
        "order_id,action,reason,line_id,refunded\nA-1,approve,,,\nA-2,amend,,1,25.00\nA-2,amend,,1,abc\n"
        "A-2,decline,,,\nNONE,approve,,,\nA-2,eat,,,\n",
    )
    amounts = dict(Conversion.objects.values_list("order_id", "lines__commission_minor"))
    assert ("2 done, 4 refused." in page, amounts) == (True, {"A-1": 1000, "A-2": 750})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("order_id\nA-1\n", "The column action is missing"),
        ("order_id,action,colour\nA-1,approve,red\n", "colour"),
        ("order_id,action\nA-1\n", "Row 2 does not have"),
    ],
)
def test_a_file_of_another_shape_changes_nothing(shop: Shop, order: Conversion, text: str, words: str) -> None:
    assert words in send(shop, text)
    order.refresh_from_db()
    assert order.status == "pending"


def test_a_brand_decides_nothing_about_anothers_order(shop: Shop, order: Conversion) -> None:
    other = make_shop()
    page = member(other).post("/brands/decisions/", {"decision": "approve", "order": ["A-1"]}).content.decode()
    order.refresh_from_db()
    assert ("You have no order of this number." in page, order.status) == (True, "pending")


def test_a_statement_on_the_screen_is_the_file_is_the_ledger(shop: Shop, statement: BrandStatement) -> None:
    client = member(shop, "viewer")
    page = client.get(f"/brands/statements/{statement.ref}/").content.decode()
    body = b"".join(client.get(f"/brands/statements/{statement.ref}.csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    lines = list(csv.reader(io.StringIO(body)))[2:]
    assert ("€10.00" in page, [line[4] for line in lines]) == (True, ["10.00", "10.00"])
    assert creator_balances(shop.creator.pk)[0].approved_minor == 700


@pytest.mark.parametrize("end", ["/", ".csv"])
def test_another_brand_does_not_see_a_statement(statement: BrandStatement, end: str) -> None:
    path = f"/brands/statements/{statement.ref}{end}"
    assert (member(make_shop()).get(path).status_code, stranger().get(path).status_code) == (404, 404)
    assert Client().get(path).status_code == 302


def test_a_manager_undoes_a_disputed_reversal(shop: Shop, dispute: Dispute) -> None:
    member(shop).post(f"/brands/disputes/{dispute.ref}/", {"granted": "yes"})
    assert (Conversion.objects.get().status, Dispute.objects.get().state) == ("pending", "granted")


def test_a_refused_dispute_needs_words(shop: Shop, dispute: Dispute) -> None:
    page = member(shop).post(f"/brands/disputes/{dispute.ref}/", {"granted": "no"}, follow=True).content.decode()
    assert ("Say in words why not." in page, Dispute.objects.get().state) == (True, "open")


def test_a_manager_grants_a_claim_with_its_worth(shop: Shop, claim: SaleClaim) -> None:
    member(shop).post(f"/brands/claims/{claim.ref}/", {"granted": "yes", "amount": "80.00"})
    assert Conversion.objects.get().creator_minor == 560


def test_a_claims_amount_that_is_none_names_the_field(shop: Shop, claim: SaleClaim) -> None:
    answer = member(shop).post(f"/brands/claims/{claim.ref}/", {"granted": "yes", "amount": "much"})
    assert (answer.status_code, "such as 12.50" in answer.content.decode()) == (422, True)


def test_only_a_manager_answers(shop: Shop, dispute: Dispute, claim: SaleClaim) -> None:
    for path in (f"/brands/disputes/{dispute.ref}/", f"/brands/claims/{claim.ref}/"):
        others = (member(shop, "viewer"), stranger(), member(make_shop()))
        assert [other.post(path, {"granted": "yes"}).status_code for other in others] == [404, 404, 404]
        assert Client().post(path, {"granted": "yes"}).status_code == 302


def test_few_orders_and_many_cost_the_same(shop: Shop) -> None:
    client = member(shop)
    client.get("/brands/decisions/")
    counts = []
    for number in range(12):
        shop.order(f"A-{number}", click=shop.click())
        if number in (1, 11):
            with CaptureQueriesContext(connection) as caught:
                client.get("/brands/decisions/")
            counts.append(len(caught))
    assert counts[0] == counts[1]


def test_a_statements_page_costs_the_same_for_few_lines_and_many(shop: Shop) -> None:
    client, counts = member(shop), []
    for day, orders in enumerate((1, 9)):
        for number in range(orders):
            shop.order(f"{day}-{number}", click=shop.click(), status="approved", now=NOON + day * DAY)
        end = NOON + day * DAY + DAY / 2
        made = issue_statement(merchant=shop.merchant, currency="EUR", ends_at=end, now=end + DAY)
        assert made
        client.get(f"/brands/statements/{made.ref}/")
        with CaptureQueriesContext(connection) as caught:
            client.get(f"/brands/statements/{made.ref}/")
        counts.append(len(caught))
    assert counts[0] == counts[1]


def test_the_disputes_page_costs_the_same_for_few_and_many(shop: Shop) -> None:
    client, counts = member(shop), []
    for number in range(6):
        order = shop.order(f"A-{number}", click=shop.click())
        reverse_order(conversion=order, reason="returned", now=NOON)
        open_dispute(conversion=order, creator=shop.creator, evidence="Kept it", now=timezone.now())
        if number in (0, 5):
            client.get("/brands/disputes/")
            with CaptureQueriesContext(connection) as caught:
                client.get("/brands/disputes/")
            counts.append(len(caught))
    assert counts[0] == counts[1]
