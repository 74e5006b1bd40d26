"""One order as its creator, its brand and finance read it: the same figures, click, rule version and explanation."""

from __future__ import annotations

from html import unescape

from django.test import Client

import pytest

from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.explanations import explain
from community.models import User
from tests.affiliates.earnings.books import amounts_of, follow
from tests.factories.community import make_creator, make_finance, make_user
from tests.factories.earnings import NOON, make_rule, make_shop
from tests.factories.parties import make_member

pytestmark = pytest.mark.django_db
LINES = [
    {"line_id": "1", "name": "Kettle", "amount": "100.00", "refunded": "40.00"},
    {"line_id": "2", "name": "Lamp", "amount": "20.00", "category": "lamps"},
]


@pytest.fixture
def views() -> tuple[Conversion, dict[str, tuple[Client, str]]]:
    """An order with a refund and two rules, and who reads it where."""
    shop = make_shop("acme", creator=make_creator("maria"))
    make_rule(shop.program, percent="25", category="lamps")
    brand = make_user()
    make_member(shop.merchant, brand)
    order = shop.order("A-1", click=shop.click(country="DE"), now=NOON, status="approved", lines=LINES)

    def client(person: User) -> Client:
        made = Client()
        made.force_login(person)
        return made

    return order, {
        "creator": (client(shop.creator.user), "/cms/earnings/orders/acme/A-1/"),
        "brand": (client(brand), "/brands/orders/A-1/"),
        "finance": (client(make_finance()), "/cms/orders/acme/A-1/"),
    }


def _pages(views: dict[str, tuple[Client, str]]) -> dict[str, str]:
    return {who: unescape(client.get(address).content.decode()) for who, (client, address) in views.items()}


def test_all_three_read_the_same_explanation(views: tuple[Conversion, dict[str, tuple[Client, str]]]) -> None:
    sentences = [sentence for sentence in explain(views[0]).sentences if sentence]
    missing = {who: [s for s in sentences if s not in page] for who, page in _pages(views[1]).items()}
    assert len(sentences) == 4 and missing == {"creator": [], "brand": [], "finance": []}


def test_all_three_read_the_same_click_and_rule_versions(
    views: tuple[Conversion, dict[str, tuple[Client, str]]],
) -> None:
    order, pages = views[0], _pages(views[1])
    assert order.click
    facts = [order.click.click_id, "Germany", "10 % of a line", "25 % of a line", "lamps", "Acme Partners"]
    assert {who: [fact for fact in facts if fact not in page] for who, page in pages.items()} == {
        "creator": [], "brand": [], "finance": [],
    }  # fmt: skip


def test_all_three_lead_to_transfers_that_agree(views: tuple[Conversion, dict[str, tuple[Client, str]]]) -> None:
    sums: dict[str, list[str]] = {}
    for who, (client, address) in views[1].items():
        found = amounts_of(client.get(address).content.decode())
        assert all(follow(client, behind) == (shown, shown) for behind, shown in found)
        sums[who] = [shown for _address, shown in found]
    # 10 % of what is left of 100.00, and 25 % of 20.00; the creator gets 70 % of both.
    assert sums == {"finance": ["€11.00", "€7.70", "€3.30"], "creator": ["€7.70"], "brand": ["€11.00"]}


def test_a_transfer_leads_back_to_both_accounts_and_the_order(
    views: tuple[Conversion, dict[str, tuple[Client, str]]],
) -> None:
    client, _address = views[1]["finance"]
    transfer = views[0].transfers.earliest("seq")
    page = unescape(client.get(f"/cms/money/ledger/transfers/{transfer.seq}/").content.decode())
    assert "/cms/orders/acme/A-1/" in page and "account=merchant_receivable" in page and "creator=maria" in page
