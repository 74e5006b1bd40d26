"""Lists of merchants and programmes: filtered, exported, and what is done to those that were ticked."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

import pytest

from affiliates.catalogue.models import Suspension
from affiliates.parties.models import Merchant, Program
from tests.factories.community import make_creator, make_editor, make_operator
from tests.factories.parties import make_merchant, make_program

pytestmark = pytest.mark.django_db
PATHS = {
    "suspend": "/cms/bulk/parties/merchant/suspend/",
    "resume": "/cms/bulk/parties/merchant/resume/",
    "open": "/cms/bulk/parties/program/open/",
    "close": "/cms/bulk/parties/program/close/",
}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


@pytest.fixture
def program() -> Program:
    return make_program(make_merchant("acme"))


def do(client: Client, action: str, *rows: Any, **said: str) -> Any:
    ids = "&".join(f"id={row if isinstance(row, str) else row.pk}" for row in rows)
    return client.post(f"{PATHS[action]}?next=/cms/&{ids}", said)


def suspended() -> set[str]:
    return set(Suspension.objects.filter(lifted_at__isnull=True).values_list("merchant__slug", flat=True))


@pytest.mark.parametrize("action", PATHS)
@pytest.mark.parametrize("make_person", [make_editor, lambda: make_creator().user])
def test_only_operators_do_it(client: Client, program: Program, action: str, make_person: Any) -> None:
    client.force_login(make_person())
    row = program.merchant if action in {"suspend", "resume"} else program
    answers = [do(client, action, row, reason="Mine now"), client.get(f"{PATHS[action]}?id={row.pk}")]
    assert {answer.status_code for answer in answers} <= {302, 403, 404}
    program.refresh_from_db()
    assert (suspended(), program.is_open) == (set(), True)


@pytest.mark.parametrize("action", PATHS)
def test_strangers_are_asked_to_log_in(client: Client, program: Program, action: str) -> None:
    answer = do(client, action, program, reason="x")
    assert (answer.status_code, "login" in answer["Location"]) == (302, True)


def test_the_ticked_merchants_are_named_before_they_are_suspended(operator: Client, program: Program) -> None:
    html = operator.get(f"{PATHS['suspend']}?id={program.merchant_id}").content.decode()
    assert program.merchant.name in html and "Suspend merchants" in html and 'name="reason"' in html


def test_the_ticked_merchants_are_suspended_with_one_reason(operator: Client) -> None:
    first, second, _third = (make_merchant(slug) for slug in ("one", "two", "three"))
    do(operator, "suspend", first, second, reason="Fakes")
    assert suspended() == {"one", "two"}
    assert set(Suspension.objects.values_list("reason", flat=True)) == {"Fakes"}


def test_a_merchant_that_is_suspended_already_keeps_its_reason(operator: Client, program: Program) -> None:
    do(operator, "suspend", program.merchant, reason="Fakes")
    do(operator, "suspend", program.merchant, reason="Other")
    assert Suspension.objects.get().reason == "Fakes"


@pytest.mark.parametrize("action", ["suspend", "resume"])
def test_without_a_reason_nothing_happens(operator: Client, program: Program, action: str) -> None:
    Suspension.objects.all().delete()
    answer = do(operator, action, program.merchant, reason=" ")
    assert (answer.status_code, suspended()) == (200, set())


def test_the_ticked_merchants_are_resumed(operator: Client) -> None:
    first, second = make_merchant("one"), make_merchant("two")
    do(operator, "suspend", first, second, reason="Fakes")
    do(operator, "resume", first, reason="They were real")
    assert suspended() == {"two"}
    assert Suspension.objects.get(merchant=first).lifted_because == "They were real"


@pytest.mark.parametrize("ticked", ["all", "x", "9" * 30])
def test_what_was_not_ticked_by_itself_is_left_alone(operator: Client, program: Program, ticked: str) -> None:
    answer = do(operator, "suspend", ticked, reason="Fakes")
    assert (answer.status_code, suspended()) == (200, set())


def test_programmes_are_closed_and_opened(operator: Client, program: Program) -> None:
    other = make_program()
    do(operator, "close", program, other)
    assert not Program.objects.filter(is_open=True).exists()
    do(operator, "open", program)
    assert list(Program.objects.filter(is_open=True)) == [program]


@pytest.mark.parametrize("name", ["parties_merchants", "parties_programs"])
def test_the_list_has_boxes_and_the_actions(operator: Client, program: Program, name: str) -> None:
    html = operator.get(reverse(f"{name}:index")).content.decode()
    paths = [PATHS[action] for action in (("suspend", "resume") if name.endswith("merchants") else ("open", "close"))]
    assert "data-bulk-action-checkbox" in html and all(path in html for path in paths)


def test_merchants_are_filtered_by_having_a_programme(operator: Client, program: Program) -> None:
    make_merchant("lonely")
    address = reverse("parties_merchants:index")
    found = {value: operator.get(address, {"has_program": value}).content.decode() for value in ("true", "false")}
    assert ["lonely" in found["true"], "lonely" in found["false"], ">acme<" in found["false"]] == [False, True, False]


def test_programmes_are_filtered_by_being_open(operator: Client, program: Program) -> None:
    Program.objects.filter(pk=make_program(name="Shut").pk).update(is_open=False)
    html = operator.get(reverse("parties_programs:index"), {"is_open": "false"}).content.decode()
    assert ["Shut" in html, program.name in html] == [True, False]


def test_merchants_are_exported_and_no_cell_is_a_formula(operator: Client) -> None:
    merchant = make_merchant("acme")
    Merchant.objects.filter(pk=merchant.pk).update(name="=1+1")
    answer = operator.get(reverse("parties_merchants:index"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert "acme,'=1+1,DE,EUR" in text and merchant.postback_secret not in text


def test_programmes_are_exported_with_their_merchants_short_name(operator: Client, program: Program) -> None:
    answer = operator.get(reverse("parties_programs:index"), {"export": "csv"})
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert f"acme,{program.name},direct,EUR" in text


@pytest.mark.parametrize("name", ["parties_merchants", "parties_programs"])
@pytest.mark.parametrize("make_person", [make_editor, lambda: make_creator().user])
def test_nobody_else_gets_an_export(client: Client, program: Program, name: str, make_person: Any) -> None:
    client.force_login(make_person())
    assert client.get(reverse(f"{name}:index"), {"export": "csv"}).status_code in {302, 403, 404}
