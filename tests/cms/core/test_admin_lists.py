"""Wagtail's lists, set so that a phone can show them."""

from __future__ import annotations

from django.test import Client

import pytest

from tests.factories.community import make_operator
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/cms/merchants/", "/cms/users/", "/cms/groups/"])
def test_a_list_stands_in_a_named_region_that_takes_the_focus(client: Client, address: str) -> None:
    make_merchant(name="Acme")
    client.force_login(make_operator())
    page = client.get(address).content.decode()
    region = page.partition('<div class="studio-list" ')[2].partition(">")[0]
    assert 'tabindex="0" role="region" aria-label="' in region and 'aria-label=""' not in region
