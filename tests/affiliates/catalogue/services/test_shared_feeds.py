"""The feeds of merchants that lie beside the project."""

from __future__ import annotations

import io
from pathlib import Path

from django.core.management import CommandError, call_command

import pytest

from affiliates.catalogue.models import Delivery, Offer, Product, Reading
from tests.factories.parties import make_merchant

pytestmark = [pytest.mark.django_db, pytest.mark.shared]


@pytest.fixture(autouse=True)
def shops() -> None:
    make_merchant("kaufgarten", name="Kaufgarten")
    make_merchant("minatoya", home_country="JP", currency="JPY")


def run(merchant: str, path: Path) -> str:
    out = io.StringIO()
    call_command("import_feed", merchant, str(path), "--format", "google", stdout=out, stderr=io.StringIO())
    return out.getvalue()


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Product, Offer, Delivery, Reading))


def test_the_german_feed_is_read_right(feeds_dir: Path) -> None:
    run("kaufgarten", feeds_dir / "kaufgarten-de.google.xml")
    assert counts()[:2] == (120, 120)
    assert Reading.objects.count() == 120
    offer = Offer.objects.get(external_id="DE-BEA-ESS-ESS-001")
    assert (offer.price_minor, offer.currency, offer.availability) == (919, "EUR", "in_stock")
    assert (offer.product.name, offer.product.brand) == ("Essence Mascara Lash Princess"[8:], "Essence")
    delivery = Delivery.objects.get(profile=offer.delivery_profile, country="AT")
    assert (delivery.price_minor, delivery.currency, delivery.min_days, delivery.max_days) == (690, "EUR", 2, 5)


def test_sale_prices_and_sold_out_goods_are_read(feeds_dir: Path) -> None:
    run("kaufgarten", feeds_dir / "kaufgarten-de.google.xml")
    assert Offer.objects.filter(sale_price_minor__isnull=False).count() == 24
    assert Offer.objects.filter(availability="out_of_stock").count() == 1
    reduced = Offer.objects.get(title="Red Nail Polish")
    assert (reduced.price_minor, reduced.sale_price_minor) == (827, 719)


def test_the_japanese_feed_has_whole_yen(feeds_dir: Path) -> None:
    run("minatoya", feeds_dir / "minatoya-jp.google.tsv")
    offer = Offer.objects.get(external_id="JP61")
    assert (offer.price_minor, offer.currency) == (5283, "JPY")
    assert list(
        Delivery.objects.filter(profile=offer.delivery_profile).values_list("country", "price_minor", "currency")
    ) == [("JP", 600, "JPY")]


def test_what_both_shops_list_is_one_product(feeds_dir: Path) -> None:
    run("kaufgarten", feeds_dir / "kaufgarten-de.google.xml")
    run("minatoya", feeds_dir / "minatoya-jp.google.tsv")
    assert counts()[:2] == (120, 170)


def test_a_second_import_says_unchanged_and_counts_the_same(feeds_dir: Path) -> None:
    run("kaufgarten", feeds_dir / "kaufgarten-de.google.xml")
    before = counts()
    said = run("kaufgarten", feeds_dir / "kaufgarten-de.google.xml")
    assert said.startswith("Kaufgarten: unchanged. 120 rows")
    assert counts() == before


@pytest.mark.parametrize("name", ["broken-truncated.google.xml", "broken-entities.google.xml", "broken-rows.meta.csv"])
def test_a_broken_feed_changes_nothing_and_fails(feeds_dir: Path, name: str) -> None:
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("kaufgarten", feeds_dir / name)
    assert counts() == (0, 0, 0, 0)
