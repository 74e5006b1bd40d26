from __future__ import annotations

import io

from django.core.management import CommandError, call_command

import pytest

from affiliates.parties.keys import SHAPE
from affiliates.parties.models import ApiKey
from affiliates.parties.services import key_digest
from tests.factories.community import make_creator
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("create_api_key", *args, stdout=out)
    return out.getvalue()


def test_the_key_stands_alone_on_one_line() -> None:
    make_merchant("kaufgarten")
    printed = run("--merchant", "kaufgarten")
    assert printed.endswith("\n")
    assert SHAPE.fullmatch(printed[:-1])


def test_the_printed_key_is_the_stored_one() -> None:
    creator = make_creator("ana-diaz")
    printed = run("--creator", "ana-diaz", "--scope", "links:read", "--scope", "links:write").strip()
    key = ApiKey.objects.get(key_hash=key_digest(printed))
    assert (key.creator, key.scopes) == (creator, ["links:read", "links:write"])


def test_the_operator_has_keys_too() -> None:
    run("--operator", "--label", "nightly export")
    assert ApiKey.objects.get().is_operator


@pytest.mark.parametrize(
    "args",
    [("--merchant", "nobody"), ("--creator", "nobody"), ("--operator", "--scope", "everything")],
)
def test_an_unknown_owner_or_scope_stops_the_command(args: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(*args)
    assert not ApiKey.objects.exists()


def test_two_owners_stop_the_command() -> None:
    make_merchant("kaufgarten")
    with pytest.raises(CommandError):
        run("--merchant", "kaufgarten", "--operator")
