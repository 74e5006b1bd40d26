"""The feeds of merchants that lie beside the project."""

from __future__ import annotations

import csv
import gzip
import io
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db.models import Count

import pytest

from affiliates.catalogue.models import Delivery, Offer, Product, Reading
from tests.factories.parties import make_merchant

pytestmark = [pytest.mark.django_db, pytest.mark.shared]


@pytest.fixture(autouse=True)
def shops() -> None:
    make_merchant("kaufgarten", name="Kaufgarten")
    make_merchant("minatoya", home_country="JP", currency="JPY")
    make_merchant("harbourlane", home_country="GB", currency="GBP")
    make_merchant("bluemesa", home_country="US", currency="USD")
    make_merchant("solymar", home_country="ES")
    make_merchant("lumenshop", home_country="US", currency="USD")


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


FILES = {
    "kaufgarten": ("kaufgarten-de.google.xml", "google", 120),
    "minatoya": ("minatoya-jp.google.tsv", "google", 50),
    "harbourlane": ("harbourlane-gb.awin.csv.gz", "awin", 130),
    "bluemesa": ("bluemesa-us.meta.csv", "meta", 174),
    "solymar": ("solymar-es.csv", "csv", 60),
}


def read(merchant: str, name: str, format: str) -> str:
    out = io.StringIO()
    call_command("import_feed", merchant, name, "--format", format, stdout=out, stderr=io.StringIO())
    return out.getvalue()


@pytest.mark.parametrize("merchant", FILES)
def test_each_whole_feed_is_read_twice_to_the_same_catalogue(feeds_dir: Path, merchant: str) -> None:
    name, kind, rows = FILES[merchant]
    read(merchant, str(feeds_dir / name), kind)
    before = counts()
    said = read(merchant, str(feeds_dir / name), kind)
    assert (f"{rows} unchanged" in said, counts(), Offer.objects.count()) == (True, before, rows)


def test_the_british_feed_is_read_right(feeds_dir: Path) -> None:
    read("harbourlane", str(feeds_dir / "harbourlane-gb.awin.csv.gz"), "awin")
    offer = Offer.objects.get(external_id="GRO-BRD-TIS-041")
    assert (offer.price_minor, offer.list_price_minor, offer.currency) == (197, 237, "GBP")
    assert offer.url == "https://www.harbourlane.example/shop/41"
    delivery = Delivery.objects.get(profile=offer.delivery_profile)
    assert (delivery.country, delivery.price_minor) == ("GB", 499)
    assert Offer.objects.filter(availability="out_of_stock").count() == 3


def test_the_american_feed_is_read_right(feeds_dir: Path) -> None:
    read("bluemesa", str(feeds_dir / "bluemesa-us.meta.csv"), "meta")
    offer = Offer.objects.get(external_id="US21")
    assert (offer.price_minor, offer.sale_price_minor, offer.currency) == (149, 127, "USD")
    assert Offer.objects.filter(availability="out_of_stock").count() == 4


def test_the_spanish_table_is_read_right(feeds_dir: Path) -> None:
    read("solymar", str(feeds_dir / "solymar-es.csv"), "csv")
    offer = Offer.objects.get(external_id="MOB-APP-APP-101")
    assert (offer.title, offer.price_minor, offer.currency) == ("Apple AirPods Max Silver", 52249, "EUR")
    assert (offer.product.gtin, Offer.objects.filter(availability="out_of_stock").count()) == ("4006381001014", 3)


def test_the_shopify_shop_is_read_right(feeds_dir: Path) -> None:
    for name in ("shopify-apparel.csv", "shopify-home-and-garden.csv"):
        read("lumenshop", str(feeds_dir / name), "shopify")
    assert Offer.objects.count() == 43
    pot = Offer.objects.get(external_id="clay-plant-pot#Regular")
    assert (pot.price_minor, pot.currency) == (999, "USD")
    assert pot.url == "https://lumenshop.example/products/clay-plant-pot"


def test_what_several_shops_list_is_one_product(feeds_dir: Path) -> None:
    for merchant, (name, kind, _rows) in FILES.items():
        read(merchant, str(feeds_dir / name), kind)
    several = Product.objects.annotate(shops=Count("offers__merchant", distinct=True)).filter(shops__gte=2)
    assert several.count() > 50


@pytest.mark.parametrize(
    ("merchant", "name", "kind"),
    [
        ("kaufgarten", "broken-truncated.google.xml", "google"),
        ("kaufgarten", "broken-entities.google.xml", "google"),
        ("bluemesa", "broken-rows.meta.csv", "meta"),
    ],
)
def test_a_broken_feed_changes_nothing(feeds_dir: Path, merchant: str, name: str, kind: str) -> None:
    with pytest.raises(CommandError, match="Nothing was changed"):
        read(merchant, str(feeds_dir / name), kind)
    assert counts() == (0, 0, 0, 0)


def test_each_bad_row_is_named_with_its_reason(feeds_dir: Path) -> None:
    err = io.StringIO()
    with pytest.raises(CommandError):
        call_command(
            "import_feed", "bluemesa", str(feeds_dir / "broken-rows.meta.csv"), "--format", "meta", stderr=err,
            stdout=io.StringIO(),
        )  # fmt: skip
    named = [line.split(":")[0] for line in err.getvalue().splitlines()]
    assert named == [
        "row 2 (A2), price",
        "row 3 (A3), price",
        "row 4 (A4), link",
        "row 5 (A5), link",
        "row 6 (A6), price",
    ]


def cents(text: str) -> int:
    return int(Decimal(text).scaleb(2))


def table(path: Path, *, encoding: str = "utf-8-sig", skip: int = 0, **options: str) -> list[dict[str, str]]:
    """The file as a plain script reads it."""
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rt", encoding=encoding, newline="") as file:
        for _ in range(skip):
            file.readline()
        return list(csv.DictReader(file, **options))


def listed(*names: str) -> set[tuple[Any, ...]]:
    return set(Offer.objects.values_list("external_id", *names))


def test_every_british_row_has_its_price_stock_and_gtin(feeds_dir: Path) -> None:
    path = feeds_dir / "harbourlane-gb.awin.csv.gz"
    read("harbourlane", str(path), "awin")
    stock = {"1": "in_stock", "0": "out_of_stock"}
    assert listed("price_minor", "list_price_minor", "currency", "availability") == {
        (
            row["merchant_product_id"], cents(row["search_price"].replace(",", ".")),
            cents(row["product_price_old"].removesuffix(" GBP")), "GBP", stock[row["in_stock"]],
        )
        for row in table(path)
    }  # fmt: skip


def test_every_american_row_has_its_price_sale_and_stock(feeds_dir: Path) -> None:
    path = feeds_dir / "bluemesa-us.meta.csv"
    read("bluemesa", str(path), "meta")
    assert listed("price_minor", "sale_price_minor", "currency", "availability") == {
        (
            row["id"], cents(row["price"].removesuffix(" USD")),
            cents(row["sale_price"].removesuffix(" USD")) if row["sale_price"] else None, "USD",
            row["availability"].replace(" ", "_"),
        )
        for row in table(path, skip=1)
    }  # fmt: skip


def test_every_spanish_row_has_its_price_stock_and_address(feeds_dir: Path) -> None:
    path = feeds_dir / "solymar-es.csv"
    read("solymar", str(path), "csv")
    stock = {"Sí": "in_stock", "No": "out_of_stock"}
    assert listed("title", "price_minor", "currency", "availability", "url") == {
        (
            row["Referencia"], row["Título"], cents(row["Precio"].replace(".", "").replace(",", ".")), row["Moneda"],
            stock[row["Disponibilidad"]], row["URL"],
        )
        for row in table(path, encoding="latin-1", delimiter=";")
    }  # fmt: skip


def test_every_japanese_row_has_whole_yen_and_its_gtin(feeds_dir: Path) -> None:
    path = feeds_dir / "minatoya-jp.google.tsv"
    run("minatoya", path)
    assert listed("price_minor", "currency", "product__gtin") == {
        (row["id"], int(row["price"].removesuffix(" JPY")), "JPY", row["gtin"]) for row in table(path, delimiter="\t")
    }


def test_every_shopify_variant_has_its_price_and_list_price(feeds_dir: Path) -> None:
    path = feeds_dir / "shopify-home-and-garden.csv"
    read("lumenshop", str(path), "shopify")
    assert sorted(Offer.objects.values_list("price_minor", "list_price_minor"), key=str) == sorted(
        (
            (cents(row["Variant Price"]), cents(row["Variant Compare At Price"] or "0") or None)
            for row in table(path)
            if row["Variant Price"]
        ),
        key=str,
    )
