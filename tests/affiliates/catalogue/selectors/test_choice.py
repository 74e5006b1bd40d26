"""Which shop serves whom, over the merchants' own feeds."""

from __future__ import annotations

import csv
import gzip
import io
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

import pytest

from affiliates.catalogue.models import Lane, Product
from affiliates.catalogue.selectors.cards import product_cards
from affiliates.parties.models import Merchant
from cms.core.domain.money import parse_amount
from tests.factories.catalogue import make_lane, make_offer, make_rates
from tests.factories.parties import make_merchant

pytestmark = [pytest.mark.django_db, pytest.mark.shared]
GTIN = "4006381001014"
SHOPS = {
    "kaufgarten": ("DE", "EUR"), "harbourlane": ("GB", "GBP"), "bluemesa": ("US", "USD"), "minatoya": ("JP", "JPY"),
    "solymar": ("ES", "EUR"),
}  # fmt: skip


def lane(merchant: Merchant, country: str, price: str) -> Lane:
    return make_lane(merchant, country, price_minor=parse_amount(price, merchant.currency), currency=merchant.currency)


@pytest.fixture
def headphones(feeds_dir: Path) -> Product:
    """One product as five shops list it, with what they say of delivery."""
    shops = {slug: make_merchant(slug, home_country=home, currency=money) for slug, (home, money) in SHOPS.items()}
    for slug, name in (("kaufgarten", "kaufgarten-de.google.xml"), ("minatoya", "minatoya-jp.google.tsv")):
        call_command("import_feed", slug, str(feeds_dir / name), "--format", "google", stdout=io.StringIO())
    product = Product.objects.get(gtin=GTIN)
    with gzip.open(feeds_dir / "harbourlane-gb.awin.csv.gz", "rt", encoding="utf-8") as file:
        british = next(row for row in csv.DictReader(file) if row["product_GTIN"] == GTIN)
    with open(feeds_dir / "solymar-es.csv", encoding="latin-1") as file:
        spanish = next(row for row in csv.DictReader(file, delimiter=";") if row["EAN"] == GTIN)
    with open(feeds_dir / "bluemesa-us.meta.csv", encoding="utf-8-sig") as file:
        next(file)
        american = next(row for row in csv.DictReader(file) if row["title"] == british["product_name"])
    asked = {
        "harbourlane": british["search_price"],
        "solymar": spanish["Precio"].replace(",", "."),
        "bluemesa": american["price"].removesuffix(" USD"),
    }
    for slug, price in asked.items():
        make_offer(product, shops[slug], price_minor=parse_amount(price, shops[slug].currency))
    lane(shops["harbourlane"], "GB", british["delivery_cost"])
    lane(shops["harbourlane"], "DE", "12.00")
    lane(shops["solymar"], "ES", "4.50")
    lane(shops["bluemesa"], "US", "0.00")
    make_lane(shops["solymar"], "JP", "no")
    make_rates()
    return product


@pytest.mark.parametrize(
    ("country", "order"),
    [
        # €509.89 with delivery; (£434.49 + £12.00) ÷ 0.86 = €519.17; then those of whom nobody knows, by price alone.
        ("DE", ["kaufgarten", "harbourlane", "bluemesa", "minatoya", "solymar"]),
        ("GB", ["harbourlane", "bluemesa", "minatoya", "kaufgarten", "solymar"]),
        ("US", ["bluemesa", "minatoya", "harbourlane", "kaufgarten", "solymar"]),
        ("JP", ["minatoya", "bluemesa", "harbourlane", "kaufgarten", "solymar"]),
        # Kaufgarten sends it to Spain for €9.90: €515.89, against €526.99 at home.
        ("ES", ["kaufgarten", "solymar", "bluemesa", "minatoya", "harbourlane"]),
    ],
)
def test_readers_of_five_countries_see_five_orders(headphones: Product, country: str, order: list[str]) -> None:
    card = product_cards([headphones.pk], reader_country=country, now=timezone.now())[headphones.pk]
    assert [offer.merchant_slug for offer in card.offers] == order
