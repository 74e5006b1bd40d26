from __future__ import annotations

from django.test import Client

import pytest

from tests.factories.community import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo_person(client: Client) -> Client:
    client.force_login(make_user("operator@demo.vitrina.test"))
    return client


def test_a_demo_log_in_is_nobody_on_a_public_site(demo_person: Client, settings: object) -> None:
    settings.BASE_IS_LOOPBACK = settings.DEMO_FORCED = False
    assert demo_person.get("/account/profile/").status_code == 302


def test_a_demo_log_in_works_where_the_operator_forces_it(demo_person: Client, settings: object) -> None:
    settings.BASE_IS_LOOPBACK, settings.DEMO_FORCED = False, True
    assert demo_person.get("/account/profile/").status_code == 200
