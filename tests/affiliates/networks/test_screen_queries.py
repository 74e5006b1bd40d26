"""The lists of networks' reports ask the database as often for many rows as for few."""

from __future__ import annotations

import itertools

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from tests.affiliates.networks.reports import as_json, awin, bring
from tests.factories.community import make_bare_creator, make_finance
from tests.factories.earnings import Shop, make_shop

pytestmark = pytest.mark.django_db
_numbers = itertools.count(1)


def grow() -> Shop:
    """Another shop's file, with orders that we know and others that we do not."""
    shop = make_shop(creator=make_bare_creator())
    for number in (1, 2):
        shop.order(f"A-{number}", click=shop.click())
    bring(shop, as_json(*(awin(n, id=next(_numbers)) for n in (1, 2, 3))))
    return shop


@pytest.mark.parametrize("path", ["/cms/network-reports/", "/cms/network-reports/differences/"])
def test_a_list_of_reports_asks_as_often_for_many_as_for_few(db: None, path: str) -> None:
    client = Client()
    client.force_login(make_finance())

    def queries() -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(path).status_code == 200
        return len(caught)

    grow()
    few = queries()
    grow()
    grow()
    assert queries() == few
