"""A merchant tries the API out: answered as a real order is, and nothing real is touched."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from affiliates.earnings.models import Conversion, SandboxOrder
from affiliates.earnings.services.notices import write_notices
from affiliates.earnings.services.sandbox import KEPT_FOR
from affiliates.parties.models import ApiKey
from tests.affiliates.earnings.test_api import Api, body_of
from tests.factories.community import make_bare_creator
from tests.factories.earnings import Shop, make_rule

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(shop: Shop) -> Api:
    return Api(merchant=shop.merchant)


@pytest.fixture
def sandbox(shop: Shop) -> Api:
    return Api(merchant=shop.merchant, is_sandbox=True)


def rows() -> dict[str, int]:
    """How many rows each table has, the sandbox's own and the kept answers left out."""
    models = [
        model for label in ("earnings", "tracking", "parties") for model in apps.get_app_config(label).get_models()
    ]
    kept = {"sandboxorder", "idempotentanswer"}
    return {m._meta.db_table: m._default_manager.count() for m in models if m._meta.model_name not in kept}


def without(answer: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in names}


def test_the_answer_is_that_of_a_real_order_and_says_that_it_is_not(shop: Shop, api: Api, sandbox: Api) -> None:
    body = body_of(shop)
    tried = sandbox.post(body)
    real = api.post(body)
    assert tried.status_code == real.status_code == 201
    assert tried.json()["sandbox"] is True
    assert without(tried.json(), "sandbox") == real.json()


def test_a_batch_is_answered_item_by_item_as_a_real_one(shop: Shop, api: Api, sandbox: Api) -> None:
    batch = [body_of(shop, "A-1"), {"order_id": "A-2"}, body_of(shop, "A-1", status="approved")]
    tried, real = sandbox.post(batch), api.post(batch)
    assert tried.status_code == real.status_code == 207
    assert tried.json() == {**real.json(), "sandbox": True}


def test_a_malformed_order_is_refused_alike(shop: Shop, api: Api, sandbox: Api) -> None:
    body = body_of(shop, lines=[("1", "ten")])
    tried, real = sandbox.post(body), api.post(body)
    assert (tried.status_code, tried.json()) == (real.status_code, real.json())
    assert tried.status_code == 400


def test_no_table_of_orders_clicks_or_money_gets_or_loses_a_row(shop: Shop, sandbox: Api) -> None:
    body = body_of(shop)
    before = rows()
    for status in ("pending", "approved", "reversed"):
        assert sandbox.post({**body, "status": status}).status_code in {200, 201}
    assert rows() == before


def test_a_real_order_of_the_same_number_stays_as_it_is(shop: Shop, api: Api, sandbox: Api) -> None:
    body = body_of(shop)
    api.post(body)
    before = Conversion.objects.values().get()
    assert sandbox.post({**body, "status": "reversed"}).status_code == 201
    assert Conversion.objects.values().get() == before


def test_a_cap_is_reckoned_with_and_not_used_up(shop: Shop, api: Api, sandbox: Api) -> None:
    make_rule(shop.program, percent="10", budget_minor=1500)
    body = body_of(shop, lines=[("1", "100.00")])
    for number in range(5):
        assert sandbox.post({**body, "order_id": f"S-{number}"}).json()["commission"]["total"] == "10.00"
    assert api.post(body).json()["commission"]["total"] == "10.00"
    assert sandbox.post({**body, "order_id": "S-9"}).json()["commission"]["total"] == "5.00"


def test_nobody_is_told_of_a_first_sale(shop: Shop, sandbox: Api) -> None:
    sandbox.post(body_of(shop))
    assert write_notices(now=timezone.now() + dt.timedelta(minutes=1)) == 0


def test_a_restatement_meets_what_it_restates(shop: Shop, sandbox: Api) -> None:
    body = body_of(shop, lines=[("1", "100.00")], version=1)
    sandbox.post(body)
    half = {**body, "version": 2, "lines": [{"line_id": "1", "amount": "100.00", "refunded": "50.00"}]}
    again = sandbox.post(half)
    assert (again.status_code, again.json()["commission"]["total"]) == (200, "5.00")
    older = sandbox.post(body)
    assert (older.status_code, older.json()["refunded"]) == (200, "50.00")


def test_two_contents_of_one_version_are_refused_as_in_earnest(shop: Shop, api: Api, sandbox: Api) -> None:
    body = body_of(shop, version=1)
    for one in (api, sandbox):
        one.post(body)
    other = {**body, "status": "approved"}
    real, tried = api.post(other), sandbox.post(other)
    assert (tried.status_code, tried.json()) == (409, {**real.json(), "sandbox": True})


def test_an_idempotency_key_gives_the_same_answer_again(shop: Shop, sandbox: Api) -> None:
    body = body_of(shop)
    key = {"Idempotency-Key": "once"}
    first, again = sandbox.post(body, **key), sandbox.post(body, **key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert sandbox.post({**body, "status": "approved"}, **key).status_code == 422


def test_what_was_tried_can_be_read_with_that_key_alone(shop: Shop, api: Api, sandbox: Api) -> None:
    tried = sandbox.post(body_of(shop)).json()
    assert sandbox.get("conversions/A-1").json() == tried
    assert api.get("conversions/A-1").status_code == 404
    assert Api(merchant=shop.merchant, is_sandbox=True).get("conversions/A-1").status_code == 404


def test_a_sandbox_key_reads_no_real_order(shop: Shop, api: Api, sandbox: Api) -> None:
    api.post(body_of(shop))
    assert sandbox.get("conversions/A-1").status_code == 404


def test_a_sandbox_key_reads_no_real_report(sandbox: Api) -> None:
    assert sandbox.get("reports/commissions").status_code == 403


def test_reports_are_forgotten_after_a_month(shop: Shop, sandbox: Api) -> None:
    body = body_of(shop)
    sandbox.post(body)
    SandboxOrder.objects.update(at=timezone.now() - KEPT_FOR)
    assert sandbox.get("conversions/A-1").status_code == 404
    assert sandbox.post(body).status_code == 201
    assert SandboxOrder.objects.count() == 1


def test_a_batch_costs_the_same_queries_for_few_and_many(shop: Shop, sandbox: Api) -> None:
    def queries(first: int, many: int) -> int:
        batch = [body_of(shop, f"B-{number}") for number in range(first, first + many)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert sandbox.post(batch).status_code == 207
        return len(seen)

    queries(0, 1)
    assert queries(1, 2) == queries(3, 20)


def test_the_command_makes_a_sandbox_key(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_api_key", "--merchant", "acme", "--sandbox")
    assert capsys.readouterr().out.startswith("vk_")
    assert ApiKey.objects.get().is_sandbox


def test_a_creators_key_is_never_a_sandboxs() -> None:
    creator = make_bare_creator()
    with pytest.raises(CommandError, match="only a merchant's key"):
        call_command("create_api_key", "--creator", creator.handle, "--sandbox")
