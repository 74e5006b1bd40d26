"""Which product a row joins, and that nobody guesses."""

from __future__ import annotations

from django.utils import timezone

import pytest

from affiliates.catalogue.domain.feed_rows import FeedRow
from affiliates.catalogue.domain.gtin import is_restricted
from affiliates.catalogue.models import Offer, Product
from affiliates.catalogue.services.listings import apply_rows
from affiliates.parties.models import Merchant
from tests.factories.catalogue import make_policy, make_product
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db


def listed(merchant: Merchant, *rows: FeedRow) -> list[Product]:
    apply_rows(merchant=merchant, rows=rows, policy=make_policy(), now=timezone.now())
    keys = [row.external_id for row in rows]
    return [Offer.objects.get(merchant=merchant, external_id=key).product for key in keys]


def shoe(number: str, size: str = "", **fields: str) -> FeedRow:
    variant = (("size", size),) if size else ()
    return FeedRow(
        number,
        f"Shoe {number}",
        "https://acme.example/1",
        "EUR",
        100,
        brand="Acme",
        mpn="M1",
        variant=variant,
        **fields,
    )


def test_where_two_products_have_the_number_a_row_becomes_its_own() -> None:
    older = make_product("Shoe black", brand="Acme", mpn="M1", gtin="4006381333931")
    newer = make_product("Shoe white", brand="Acme", mpn="M1", gtin="4012345678901")
    [own] = listed(make_merchant("acme"), shoe("1"))
    assert own not in (older, newer)


def test_where_one_has_it_a_row_joins_that() -> None:
    only = make_product("Shoe black", brand="Acme", mpn="M1", gtin="4006381333931")
    assert listed(make_merchant("acme"), shoe("1")) == [only]


def test_two_sizes_of_one_number_are_two_products() -> None:
    small, large = listed(make_merchant("acme"), shoe("1", "40"), shoe("2", "41"))
    assert small != large


def test_another_shop_joins_the_size_it_states() -> None:
    _small, large = listed(make_merchant("acme"), shoe("1", "40"), shoe("2", "41"))
    assert listed(make_merchant("bolt"), shoe("7", "41")) == [large]


def test_the_same_rows_again_stay_with_their_products() -> None:
    rows, acme = [shoe("1", "40"), shoe("2", "41")], make_merchant("acme")
    assert listed(acme, *rows) == listed(acme, *rows)


def test_a_number_that_shops_give_themselves_joins_nothing() -> None:
    cheese, drill = (
        listed(make_merchant(shop), FeedRow("1", title, f"https://{shop}.example/1", "EUR", 100, gtin="2000000000015"))
        for shop, title in (("acme", "Cheese"), ("bolt", "Drill"))
    )
    assert cheese != drill
    assert cheese[0].gtin == ""


@pytest.mark.parametrize(
    ("gtin", "restricted"),
    [("2000000000015", True), ("0212345678903", True), ("0412345678903", True), ("20123451", True),
     ("12000000000012", True), ("4006381333931", False), ("0012345678905", False), ("96385074", False)],
)  # fmt: skip
def test_which_numbers_those_are(gtin: str, restricted: bool) -> None:
    assert is_restricted(gtin) is restricted
