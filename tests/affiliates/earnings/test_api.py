"""Orders over HTTP: what is answered, to whom, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import time
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.earnings.domain.postbacks import signature
from affiliates.earnings.models import Conversion, RawReport, ReportOutcome, Transfer
from affiliates.earnings.services.clockwork import lock_orders
from affiliates.parties.services import create_api_key
from tests.factories.earnings import Shop, make_rule, make_shop

pytestmark = pytest.mark.django_db
URL = "/api/v1/conversions"


class Api:
    """A client with a key."""

    def __init__(self, **owner: Any) -> None:
        self.headers = {"Authorization": f"Bearer {create_api_key(**owner)[1]}"}
        self.client = Client()

    def post(self, data: Any, **headers: str) -> Any:
        body = data if isinstance(data, (bytes, str)) else json.dumps(data)
        return self.client.post(URL, body, content_type="application/json", headers={**self.headers, **headers})

    def get(self, path: str, query: dict[str, str] | None = None, **headers: str) -> Any:
        return self.client.get(f"/api/v1/{path}", query, headers={**self.headers, **headers})


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(merchant=shop.merchant)


def body_of(shop: Shop, order_id: str = "A-1", **fields: Any) -> dict[str, Any]:
    now = timezone.now()
    fields.setdefault("occurred_at", now.isoformat())
    return shop.body(order_id, click=fields.pop("click", None) or shop.click(at=now - dt.timedelta(hours=1)), **fields)


def test_an_order_is_answered_with_its_commission_and_why(shop: Shop, api: Api) -> None:
    body = body_of(shop, lines=[{"line_id": "1", "amount": "89.01", "refunded": "0", "quantity": 2}])
    answer = api.post(body)
    data = answer.json()
    assert answer.status_code == 201
    assert data["commission"] == {"total": "8.90", "creator": "6.23", "platform": "2.67"}
    assert data["creator"] == shop.creator.handle
    assert data["attribution"]["winner"]["click_id"] == body["click_id"]
    assert data["attribution"]["touches"][0]["why"] == "winner"
    assert data["lines"] == [
        {"line_id": "1", "amount": "89.01", "refunded": "0.00", "rate": "10", "commission": "8.90"}
    ]


def test_the_same_order_again_answers_200_and_the_same(shop: Shop, api: Api) -> None:
    body = body_of(shop)
    first, again = api.post(body), api.post(body)
    assert (first.status_code, again.status_code, first.json() == again.json()) == (201, 200, True)


def test_an_order_can_be_read_back(shop: Shop, api: Api) -> None:
    posted = api.post(body_of(shop, "order/with/slashes")).json()
    assert api.get("conversions/order/with/slashes").json() == posted


def test_an_order_of_another_merchant_does_not_exist(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    assert Api(merchant=make_shop().merchant).get("conversions/A-1").status_code == 404


def test_the_operator_names_the_merchant(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    operator = Api(operator=True)
    assert operator.get("conversions/A-1").status_code == 400
    assert operator.get("conversions/A-1", {"merchant": "acme"}).json()["order_id"] == "A-1"


def test_a_creator_reads_the_orders_credited_to_them(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    assert Api(creator=shop.creator).get("conversions/A-1").status_code == 200
    assert Api(creator=make_shop().creator).get("conversions/A-1").status_code == 404


def test_without_a_key_nothing_is_taken(shop: Shop) -> None:
    answer = Client().post(URL, b"{}", content_type="application/json")
    assert (answer.status_code, answer["Content-Type"]) == (401, "application/problem+json")


def test_a_creators_key_cannot_report_orders(shop: Shop) -> None:
    assert Api(creator=shop.creator).post(body_of(shop)).status_code == 403


def test_every_fault_is_named_and_nothing_stored(shop: Shop, api: Api) -> None:
    answer = api.post({"order_id": 5, "currency": "ZZZ", "lines": [{"amount": -1}]})
    assert answer.status_code == 400
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "/order_id", "/status", "/currency", "/occurred_at", "/lines/0/line_id", "/lines/0/amount",
    }  # fmt: skip
    assert (Conversion.objects.count(), RawReport.objects.count()) == (0, 0)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[]", b"5", b"[" * 100000, b'{"order_id": NaN}'])
def test_what_is_no_order_answers_400(api: Api, body: bytes) -> None:
    assert api.post(body).status_code == 400


def test_a_fractional_number_is_no_amount(shop: Shop, api: Api) -> None:
    answer = api.post(body_of(shop, lines=[{"line_id": "1", "amount": 12.30}]))
    assert [error["pointer"] for error in answer.json()["errors"]] == ["/lines/0/amount"]


def test_a_locked_order_answers_409(shop: Shop, api: Api) -> None:
    body = body_of(shop)
    api.post(body)
    lock_orders(merchant=shop.merchant, before=timezone.now(), now=timezone.now())
    assert api.post({**body, "status": "approved"}).status_code == 409


def test_an_idempotency_key_answers_the_same_and_refuses_another_body(shop: Shop, api: Api) -> None:
    body = body_of(shop)
    first = api.post(body, **{"Idempotency-Key": "k1"})
    api.post({**body, "status": "approved"})
    again = api.post(body, **{"Idempotency-Key": "k1"})
    other = api.post({**body, "status": "reversed"}, **{"Idempotency-Key": "k1"})
    assert (again.status_code, again.content, other.status_code) == (201, first.content, 422)
    assert Conversion.objects.get().status == "approved"


def test_a_batch_answers_each_order_by_itself(shop: Shop, api: Api) -> None:
    answer = api.post([body_of(shop, "A-1"), {"order_id": "A-2"}, body_of(shop, "A-3")])
    results = answer.json()["results"]
    assert (answer.status_code, [row["status"] for row in results]) == (207, [201, 400, 201])
    assert results[1]["errors"][0]["pointer"].startswith("/1/")
    assert list(ReportOutcome.objects.order_by("index").values_list("result", flat=True)) == [
        "applied", "rejected", "applied",
    ]  # fmt: skip


def test_a_batch_of_more_than_a_thousand_is_refused(api: Api) -> None:
    assert api.post([{}] * 1001).status_code == 400


def test_taking_an_order_back_and_forth_leaves_nothing(shop: Shop, api: Api) -> None:
    body = body_of(shop, lines=[("1", "89.01")])
    for refunded in ("0", "29.67", "59.34", "89.01"):
        body["lines"][0]["refunded"] = refunded
        answer = api.post({**body, "status": "approved"})
    assert answer.json()["commission"] == {"total": "0.00", "creator": "0.00", "platform": "0.00"}


def postback(shop: Shop, secret: str | None = None, **values: str) -> Any:
    values = {
        "click_id": "", "order_id": "P-1", "amount": "50.00", "currency": "EUR", "status": "pending",
        "ts": str(int(time.time())), **values,
    }  # fmt: skip
    query = urlencode(values)
    signed = f"{query}&sig={signature(secret or shop.merchant.postback_secret, query)}"
    return Client().get(f"/api/v1/postback/{shop.merchant.slug}?{signed}")


def test_a_signed_postback_is_an_order(shop: Shop) -> None:
    click = shop.click(at=timezone.now())
    answer = postback(shop, click_id=click.click_id)
    assert (answer.status_code, answer.json()["commission"]["total"]) == (201, "5.00")


def test_a_later_postback_restates_the_order(shop: Shop) -> None:
    postback(shop)
    assert postback(shop, status="approved").json()["status"] == "approved"


def test_a_postback_heard_again_does_not_undo_a_later_one(shop: Shop) -> None:
    ts = str(int(time.time()))
    for status in ("pending", "approved", "pending"):
        answer = postback(shop, status=status, ts=ts)
    assert (answer.status_code, answer.json()["status"]) == (200, "approved")


@pytest.mark.parametrize("wrong", [{"secret": "guessed"}, {"ts": str(int(time.time()) - 400)}, {"ts": "x"}])
def test_a_postback_that_is_not_signed_now_is_refused(shop: Shop, wrong: dict[str, str]) -> None:
    assert (postback(shop, **wrong).status_code, Transfer.objects.count()) == (401, 0)


def test_a_malformed_postback_names_its_faults(shop: Shop) -> None:
    answer = postback(shop, amount="12,50")
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "?amount")


def test_programmes_say_what_they_pay(shop: Shop, api: Api) -> None:
    make_rule(shop.program, flat_minor=150, category="Books", creator=shop.creator)
    found = api.get("programs").json()["results"][0]
    assert (found["click_param"], found["creator_share_percent"]) == ("vt_click", "70")
    assert [(rule["kind"], rule["rate"]) for rule in found["rules"]] == [("percent", "10"), ("flat", "1.50")]


def test_a_creator_does_not_see_anothers_special_rate(shop: Shop) -> None:
    make_rule(shop.program, percent="50", creator=shop.creator)
    other = Api(creator=make_shop().creator)
    rates = {p["merchant"]: len(p["rules"]) for p in other.get("programs").json()["results"]}
    assert rates["acme"] == 1


def test_a_report_says_what_it_is_about(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    report = api.get("reports/commissions", {"group_by": "creator"}).json()
    today = timezone.now().date()
    assert (report["to"], report["date_basis"], report["time_zone"]) == (
        today.isoformat(),
        "occurred_at",
        "UTC",
    )
    assert report["rows"][0]["key"] == shop.creator.handle
    assert (report["totals"][0]["commission"], report["totals"][0]["pending"]) == ("10.00", "10.00")


def test_a_creators_report_divides_the_creators_part(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    total = Api(creator=shop.creator).get("reports/commissions").json()["totals"][0]
    assert (total["creator_share"], total["pending"]) == ("7.00", "7.00")


def test_a_report_of_another_merchant_is_empty(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    other = Api(merchant=make_shop().merchant)
    assert other.get("reports/commissions", {"merchant": "acme"}).json()["rows"] == []


def test_a_report_as_csv_names_its_days_in_every_row(shop: Shop, api: Api) -> None:
    api.post(body_of(shop))
    answer = api.get("reports/commissions", {"group_by": "merchant"}, Accept="text/csv")
    row = next(csv.DictReader(io.StringIO(answer.content.decode())))
    assert (row["key"], row["commission"], row["time_zone"]) == ("acme", "10.00", "UTC")


def test_a_report_names_every_fault_of_its_query(api: Api) -> None:
    answer = api.get("reports/commissions", {"from": "x", "group_by": "moon", "currency": "ZZZ", "nonsense": "1"})
    assert {error["pointer"] for error in answer.json()["errors"]} == {
        "?from",
        "?group_by",
        "?currency",
        "?nonsense",
    }
