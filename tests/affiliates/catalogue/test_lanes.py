"""Where shops ship, kept by hand."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

import pytest

from affiliates.catalogue.models import Lane
from affiliates.parties.models import Merchant
from tests.factories.catalogue import make_lane
from tests.factories.community import make_operator
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(client: Client) -> Client:
    client.force_login(make_operator())
    return client


@pytest.fixture
def merchant() -> Merchant:
    return make_merchant("acme", name="Acme")


def add(operator: Client, merchant: Merchant, **changes: str) -> dict[str, list[str]]:
    """The faults that the form names."""
    fields = {
        "merchant": str(merchant.pk), "country": "NO", "ships": "yes", "price": "4.90", "currency": "EUR",
        "min_days": "2", "max_days": "5", "source_kind": "hand", "source": "Delivery page", "source_url": "",
        "seen_at": "2026-11-20 12:00",
    }  # fmt: skip
    answer = operator.post(reverse("catalogue_lanes:add"), {**fields, **changes})
    return dict(answer.context["form"].errors) if answer.status_code == 200 else {}


def test_a_lane_is_kept_with_its_price_days_and_source(operator: Client, merchant: Merchant) -> None:
    assert add(operator, merchant) == {}
    lane = Lane.objects.get()
    assert (lane.country, lane.ships, lane.price_minor, lane.currency) == ("NO", "yes", 490, "EUR")
    assert (lane.min_days, lane.max_days, lane.source_kind, lane.source) == (2, 5, "hand", "Delivery page")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"source": ""}, "source"),
        ({"min_days": "9"}, "max_days"),
        ({"price": "4,90"}, "price"),
        ({"price": "-1"}, "price"),
        ({"price": "4.901"}, "price"),
        ({"currency": ""}, "currency"),
        ({"ships": "no"}, "price"),
        ({"country": "ZZ"}, "country"),
        ({"source_url": "javascript:alert(1)"}, "source_url"),
    ],
)
def test_what_makes_no_sense_is_said_at_its_field(
    operator: Client, merchant: Merchant, changes: dict[str, str], field: str
) -> None:
    assert field in add(operator, merchant, **changes)
    assert not Lane.objects.exists()


def test_an_address_is_a_source_too(operator: Client, merchant: Merchant) -> None:
    assert add(operator, merchant, source="", source_url="https://acme.example/delivery") == {}


@pytest.mark.parametrize("ships", ["no", "unknown"])
def test_only_a_yes_needs_a_source(operator: Client, merchant: Merchant, ships: str) -> None:
    assert add(operator, merchant, ships=ships, source="", price="", currency="") == {}


def test_a_new_lane_is_unknown_until_somebody_says_otherwise(operator: Client) -> None:
    form = operator.get(reverse("catalogue_lanes:add")).context["form"]
    assert form["ships"].value() == "unknown"


def test_a_price_without_decimals_shows_as_it_was_typed(operator: Client) -> None:
    merchant = make_merchant(currency="JPY", home_country="JP")
    add(operator, merchant, price="600", currency="JPY")
    form = operator.get(reverse("catalogue_lanes:edit", args=[Lane.objects.get().pk])).context["form"]
    assert (form["price"].value(), form["currency"].value()) == ("600", "JPY")


def test_a_merchants_page_lists_its_lanes(operator: Client, merchant: Merchant) -> None:
    make_lane(merchant, "NO", "no", source="Delivery page")
    make_lane(make_merchant(), "SE")
    shown = operator.get(reverse("parties_merchants:edit", args=[merchant.pk])).content.decode()
    assert "Norway" in shown
    assert "Delivery page" in shown
    assert "Sweden" not in shown
    assert f"{reverse('catalogue_lanes:add')}?merchant={merchant.pk}" in shown


def test_from_there_a_new_lane_knows_its_merchant(operator: Client, merchant: Merchant) -> None:
    form = operator.get(reverse("catalogue_lanes:add"), {"merchant": merchant.pk}).context["form"]
    assert str(form["merchant"].value()) == str(merchant.pk)


def test_a_change_of_a_lane_makes_pages_anew(merchant: Merchant, django_capture_on_commit_callbacks) -> None:
    with django_capture_on_commit_callbacks() as told:
        make_lane(merchant, "NO").delete()
    assert len(told) == 2
