"""The front page finds the page of an address."""

from __future__ import annotations

from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

import pytest

from cms.home.models import HomePage
from tests.factories.guides import make_guide, make_storefront

pytestmark = pytest.mark.django_db


def test_a_page_is_found_however_deep_it_stands(client: Client) -> None:
    assert client.get(make_guide().url).status_code == 200


def test_a_page_of_the_other_language_is_found_under_its_prefix(client: Client) -> None:
    guide = make_guide(storefront=make_storefront(language="es"))
    assert client.get(guide.url).context["page"].specific == guide


def test_a_page_is_not_found_under_another_pages_address(client: Client) -> None:
    guide, other = make_guide(), make_storefront()
    assert client.get(f"{other.url}{guide.slug}/").status_code == 404


def test_a_draft_is_not_found(client: Client) -> None:
    assert client.get(make_guide(live=False).url).status_code == 404


@pytest.mark.parametrize("address", ["/guides/nothing/", "/nothing/", "/creators/nobody/nothing/", "/home-es/"])
def test_what_is_not_there_is_not_found(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_deep_page_costs_two_queries() -> None:
    guide, home = make_guide(), HomePage.objects.get(slug="home")
    parts = guide.url.strip("/").split("/")
    with CaptureQueriesContext(connection) as captured:
        found = home.route(RequestFactory().get(guide.url), parts)
    assert (found.page, len(captured)) == (guide, 2)
