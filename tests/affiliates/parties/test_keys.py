from __future__ import annotations

import datetime as dt
from typing import Any

from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext

import pytest
import time_machine

from affiliates.parties.domain import SCOPES
from affiliates.parties.keys import KeyAuth, owner_filter, require_scope
from affiliates.parties.models import ApiKey
from affiliates.parties.services import create_api_key, revoke_key
from cms.core.problems import Problem
from tests.factories.community import make_creator
from tests.factories.parties import make_key, make_merchant

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def authenticate(token: str) -> ApiKey | None:
    return KeyAuth().authenticate(RequestFactory().get("/"), token)


def test_a_key_is_stored_as_prefix_and_hash_only() -> None:
    key, plaintext = make_key(merchant=make_merchant())
    stored = ApiKey.objects.filter(pk=key.pk).values()[0]
    assert plaintext not in str(stored)
    assert len(stored["key_hash"]) == 64
    assert plaintext.startswith(stored["prefix"])


def test_a_key_opens_its_owners_door() -> None:
    merchant = make_merchant()
    key, plaintext = make_key(merchant=merchant)
    found = authenticate(plaintext)
    assert found == key
    assert found is not None
    assert found.merchant == merchant


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: key[:-1] + ("A" if key[-1] != "A" else "B"),
        lambda key: key[:11] + "_" + "x" * 43,
        lambda key: key[:-1],
        lambda key: key + "x",
        lambda key: "\x00" + key[1:],
        lambda key: "é" * 55,
        lambda key: "",
    ],
)
def test_a_wrong_key_opens_nothing(spoil) -> None:
    _, plaintext = make_key(merchant=make_merchant())
    assert authenticate(spoil(plaintext)) is None


def test_a_key_of_another_with_the_same_prefix_opens_nothing() -> None:
    _, first = make_key(merchant=make_merchant())
    _, second = make_key(merchant=make_merchant())
    assert authenticate(first[:11] + second[11:]) is None


def test_a_demo_key_opens_nothing_where_the_site_can_be_reached_from_elsewhere(settings: Any) -> None:
    _key, plaintext = create_api_key(merchant=make_merchant(), is_demo=True)
    opened = authenticate(plaintext) is not None
    settings.BASE_IS_LOOPBACK = False
    assert (opened, authenticate(plaintext)) == (True, None)


def test_a_revoked_key_opens_nothing_at_once() -> None:
    key, plaintext = make_key(merchant=make_merchant())
    revoke_key(key=key)
    assert authenticate(plaintext) is None


def test_the_operator_revokes_a_key_by_its_beginning(capsys: Any) -> None:
    key, plaintext = make_key(merchant=make_merchant())
    call_command("revoke_api_key", plaintext[:11])
    assert authenticate(plaintext) is None and key.prefix in capsys.readouterr().out


@pytest.mark.parametrize("revoked", [True, False])
def test_a_key_that_is_unknown_or_revoked_is_not_revoked(revoked: bool) -> None:
    key, plaintext = make_key(merchant=make_merchant())
    if revoked:
        revoke_key(key=key)
    with pytest.raises(CommandError, match="revoked on" if revoked else "No key"):
        call_command("revoke_api_key", plaintext if revoked else "vk_nobodys0")


def test_two_keys_live_side_by_side_while_one_replaces_the_other() -> None:
    merchant = make_merchant()
    (_, old), (new_key, new) = make_key(merchant=merchant), make_key(merchant=merchant)
    assert authenticate(old) is not None
    assert authenticate(new) == new_key


def test_the_key_of_an_erased_creator_opens_nothing() -> None:
    creator = make_creator()
    _, plaintext = make_key(creator=creator)
    creator.erased_at = NOON
    creator.save()
    assert authenticate(plaintext) is None


def test_the_key_of_a_locked_creator_opens_nothing() -> None:
    creator = make_creator()
    _, plaintext = make_key(creator=creator)
    creator.user.is_active = False
    creator.user.save()
    assert authenticate(plaintext) is None


def test_use_is_noted_once_a_minute() -> None:
    key, plaintext = make_key(merchant=make_merchant())
    with time_machine.travel(NOON, tick=False) as clock:
        authenticate(plaintext)
        clock.shift(59)
        with CaptureQueriesContext(connection) as queries:
            authenticate(plaintext)
        key.refresh_from_db()
        assert (key.last_used_at, len(queries)) == (NOON, 1)
        clock.shift(1)
        authenticate(plaintext)
        key.refresh_from_db()
        assert key.last_used_at == NOON + dt.timedelta(minutes=1)


@pytest.mark.parametrize("kind", ["merchant", "creator", "operator"])
def test_without_scopes_a_key_has_all_of_its_owner(kind: str) -> None:
    owner = {"merchant": make_merchant, "creator": make_creator, "operator": lambda: True}[kind]()
    key, _ = create_api_key(**{kind: owner})
    assert key.scopes == list(SCOPES[kind])


def test_a_scope_that_the_owner_cannot_have_is_refused() -> None:
    with pytest.raises(ValueError, match="conversions:write"):
        create_api_key(creator=make_creator(), scopes=["conversions:write"])


def test_a_key_without_exactly_one_owner_is_refused() -> None:
    with pytest.raises(ValueError, match="one merchant, one creator or the operator"):
        create_api_key(merchant=make_merchant(), operator=True)


def test_the_database_refuses_a_key_of_nobody() -> None:
    with pytest.raises(IntegrityError):
        ApiKey.objects.create(prefix="vk_12345678", key_hash="0" * 64)


def test_a_missing_scope_is_forbidden_by_name() -> None:
    key, _ = make_key(merchant=make_merchant(), scopes=["reports:read"])
    request = RequestFactory().get("/")
    request.auth = key
    with pytest.raises(Problem) as caught:
        require_scope(request, "conversions:write")
    assert caught.value.status == 403
    assert "conversions:write" in caught.value.detail


def test_a_key_is_confined_to_its_own_side() -> None:
    merchant, creator = make_merchant(), make_creator()
    keys = [make_key(merchant=merchant)[0], make_key(creator=creator)[0], make_key(operator=True)[0]]
    assert [owner_filter(key) for key in keys] == [{"merchant_id": merchant.pk}, {"creator_id": creator.pk}, {}]
