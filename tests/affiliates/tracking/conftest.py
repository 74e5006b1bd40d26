"""A merchant with a programme, a creator, and links of both."""

from __future__ import annotations

import pytest

from affiliates.parties.models import Merchant
from affiliates.tracking.models import Link
from community.models import Creator
from tests.factories.catalogue import make_offer
from tests.factories.community import make_bare_creator
from tests.factories.parties import make_merchant, make_program
from tests.factories.tracking import make_link


@pytest.fixture
def merchant(db: None) -> Merchant:
    merchant = make_merchant("acme")
    make_program(merchant, click_param="acme_ref")
    return merchant


@pytest.fixture
def creator(db: None) -> Creator:
    return make_bare_creator("alice-writes")


@pytest.fixture
def link(merchant: Merchant, creator: Creator) -> Link:
    return make_link(merchant=merchant, creator=creator, offer=make_offer(merchant=merchant))


@pytest.fixture
def house_link(merchant: Merchant) -> Link:
    return make_link(merchant=merchant, url="https://acme.example/thing?size=9")
