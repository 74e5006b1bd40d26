from __future__ import annotations

from django.test import Client
from django.urls import reverse
from django.utils import timezone

import pytest

from affiliates.catalogue.models import FeedRun, Offer, Product
from tests.factories.catalogue import make_lane, make_offer, make_product
from tests.factories.community import make_creator, make_editor, make_operator, make_user
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db
OPERATORS_ONLY = ["catalogue_offers", "catalogue_lanes", "catalogue_sources", "catalogue_feed_runs"]
PRODUCT = {"slug": "kettle", "name": "Kettle", "brand": "", "gtin": "", "mpn": "", "category": "", "description": ""}


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


@pytest.mark.parametrize("name", ["catalogue_products", *OPERATORS_ONLY])
def test_an_operator_sees_the_lists(operator: Client, name: str) -> None:
    offer = make_offer()
    make_lane(offer.merchant, "DE")
    FeedRun.objects.create(merchant=offer.merchant, format="google", source="feed.tsv")
    assert operator.get(reverse(f"{name}:index")).status_code == 200


def test_an_editor_sees_products(client: Client) -> None:
    client.force_login(make_editor())
    assert client.get(reverse("catalogue_products:index")).status_code == 200


@pytest.mark.parametrize("name", OPERATORS_ONLY)
def test_an_editor_sees_nothing_else(client: Client, name: str) -> None:
    client.force_login(make_editor())
    assert client.get(reverse(f"{name}:index")).status_code in {302, 403}


@pytest.mark.parametrize("name", ["catalogue_products", *OPERATORS_ONLY])
@pytest.mark.parametrize("make_person", [make_user, lambda: make_creator().user])
def test_readers_and_creators_see_none(client: Client, name: str, make_person) -> None:
    client.force_login(make_person())
    assert client.get(reverse(f"{name}:index")).status_code in {302, 403, 404}


def test_a_product_is_found_by_its_number(operator: Client) -> None:
    make_product("Kettle", gtin="4006381333931")
    make_product("Lamp")
    shown = operator.get(reverse("catalogue_products:index"), {"q": "4006381333931"}).content.decode()
    assert "Kettle" in shown
    assert "Lamp" not in shown


def test_a_product_is_made_with_its_gtin_in_one_spelling(operator: Client) -> None:
    operator.post(reverse("catalogue_products:add"), {**PRODUCT, "gtin": "036000291452"})
    assert Product.objects.get().gtin == "0036000291452"


@pytest.mark.parametrize("gtin", ["4006381333930", "0036000291452"])
def test_a_wrong_or_taken_gtin_is_said_in_the_form(operator: Client, gtin: str) -> None:
    make_product(gtin="0036000291452")
    answer = operator.post(reverse("catalogue_products:add"), {**PRODUCT, "gtin": gtin})
    assert answer.context["form"].errors
    assert Product.objects.count() == 1


def test_the_address_of_a_product_stays(operator: Client) -> None:
    product = make_product(slug="old")
    operator.post(reverse("catalogue_products:edit", args=[product.pk]), {**PRODUCT, "slug": "new", "name": "Better"})
    product.refresh_from_db()
    assert (product.slug, product.name) == ("old", "Better")


def offer_fields(offer: Offer, **changes: object) -> dict[str, object]:
    fields = {"title": offer.title, "url": offer.url, "availability": "out_of_stock", "condition": "new"}
    return {**fields, "policy": offer.policy_id, **changes}


def test_an_offer_set_right_by_hand_is_read_anew_from_the_next_feed(operator: Client) -> None:
    offer = make_offer(row_hash="abc")
    operator.post(reverse("catalogue_offers:edit", args=[offer.pk]), offer_fields(offer))
    offer.refresh_from_db()
    assert (offer.availability, offer.row_hash) == ("out_of_stock", "")


def test_an_offer_cannot_be_led_elsewhere(operator: Client) -> None:
    make_merchant("other")
    offer = make_offer()
    fields = offer_fields(offer, url="https://other.example/x")
    answer = operator.post(reverse("catalogue_offers:edit", args=[offer.pk]), fields)
    assert "url" in answer.context["form"].errors


def test_nobody_adds_an_offer_by_hand(operator: Client) -> None:
    assert operator.get(reverse("catalogue_offers:add")).status_code in {302, 403}


def test_an_import_can_be_looked_into(operator: Client) -> None:
    faults = [{"row": 7, "id": "A-7", "field": "price", "reason": "is missing"}]
    run = FeedRun.objects.create(
        merchant=make_merchant(), format="google", source="feed.tsv", faults=faults, started_at=timezone.now()
    )
    shown = operator.get(reverse("catalogue_feed_runs:inspect", args=[run.pk])).content.decode()
    assert "is missing" in shown
