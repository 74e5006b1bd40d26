"""Awin, Meta, Shopify and mapped tables: what becomes of their rows, and what is refused."""

from __future__ import annotations

import datetime as dt
import gzip
import io

import pytest

from affiliates.catalogue.domain.faults import Fault, StructuralFault
from affiliates.catalogue.domain.feed_records import FeedContext, FeedMapping, parse
from affiliates.catalogue.domain.feed_rows import FeedDelivery, FeedRow
from affiliates.catalogue.domain.formats import FORMATS
from affiliates.catalogue.domain.mappings import suggest_mapping

HOSTS = frozenset({"acme.example", "www.acme.example"})
AWIN_HEAD = (
    "product_name,merchant_product_id,search_price,currency,merchant_deep_link,delivery_cost,product_price_old,in_stock,"
    "stock_status,pre_order,is_for_sale,product_GTIN,ean,brand_name"
)
META_HEAD = "id,title,availability,price,link,sale_price,sale_price_effective_date,item_group_id,color"
SHOPIFY_HEAD = (
    "Handle,Title,Body (HTML),Vendor,Published,Option1 Name,Option1 Value,Variant Inventory Tracker,"
    "Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,Variant Barcode,Image Src"
)


def read(format: str, data: str | bytes, mapping: FeedMapping | None = None) -> list[FeedRow | Fault]:
    raw = data.encode() if isinstance(data, str) else data
    context = FeedContext(HOSTS, "EUR", "DE", "acme.example", mapping)
    return list(parse(FORMATS[format], io.BytesIO(raw), context))


def one(format: str, data: str | bytes, mapping: FeedMapping | None = None) -> FeedRow:
    (row,) = read(format, data, mapping)
    assert isinstance(row, FeedRow), row
    return row


def fault(format: str, data: str | bytes, mapping: FeedMapping | None = None) -> str:
    (row,) = read(format, data, mapping)
    assert isinstance(row, Fault), row
    return row.field


def awin(price: str = "1.97", link: str = "https://acme.example/1", **other: str) -> str:
    values = {
        "cost": "4.99",
        "old": "",
        "stock": "1",
        "status": "",
        "pre": "0",
        "sale": "1",
        "gtin": "",
        "ean": "",
    } | other
    cells = ["Kettle", "A1", price, "GBP", link, values["cost"], values["old"], values["stock"], values["status"]]
    return f"{AWIN_HEAD}\n" + ",".join([*cells, values["pre"], values["sale"], values["gtin"], values["ean"], "Acme"])


def test_an_awin_row_has_the_shops_price_and_delivery_in_its_market() -> None:
    row = one("awin", awin())
    assert (row.price_minor, row.currency, row.deliveries) == (197, "GBP", (FeedDelivery("DE", 499, "GBP"),))


def test_a_packed_awin_list_is_unpacked() -> None:
    assert one("awin", gzip.compress(awin().encode())).title == "Kettle"


def test_a_packed_list_of_several_members_is_read_whole() -> None:
    head, row = awin().split("\n")
    assert one("awin", gzip.compress(f"{head}\n".encode()) + gzip.compress(row.encode())).title == "Kettle"


def test_a_packed_list_that_is_cut_off_is_refused() -> None:
    with pytest.raises(StructuralFault, match="cut off"):
        read("awin", gzip.compress(awin().encode())[:-12])


@pytest.mark.parametrize(("text", "minor"), [("249,90", 24990), ("1,249.90", 124990), ("1.249,90", 124990), ("7", 700)])
def test_awin_prices_are_read_with_either_mark(text: str, minor: int) -> None:
    assert one("awin", awin(price=f'"{text}"')).price_minor == minor


@pytest.mark.parametrize("text", ["1,249", "abc", "-1.00", "1.2.3"])
def test_awin_prices_that_could_be_two_things_are_faults(text: str) -> None:
    assert fault("awin", awin(price=f'"{text}"')) == "search_price"


def test_an_old_awin_price_above_the_price_is_the_list_price() -> None:
    assert one("awin", awin(old="2.37 GBP")).list_price_minor == 237


def test_an_old_awin_price_below_the_price_is_none() -> None:
    assert one("awin", awin(old="1.00 GBP")).list_price_minor is None


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"stock": "0"}, "out_of_stock"),
        ({"status": "out of stock"}, "out_of_stock"),
        ({"pre": "1"}, "preorder"),
        ({"sale": "0"}, "discontinued"),
        ({"stock": ""}, "unknown"),
        ({"status": "low stock"}, "limited"),
    ],
)
def test_awin_says_stock_in_many_columns(facts: dict[str, str], state: str) -> None:
    assert one("awin", awin(**facts)).availability == state


def test_the_networks_redirect_is_no_address_of_the_shop() -> None:
    assert fault("awin", awin(link="https://www.awin1.com/pclick.php?p=1")) == "merchant_deep_link"


def test_a_wrong_ean_is_a_fault() -> None:
    assert fault("awin", awin(ean="4006381333932")) == "gtin"


def meta(row: str, before: str = "") -> str:
    return f"{before}{META_HEAD}\n{row}\n"


def test_comments_above_metas_head_row_are_skipped() -> None:
    row = one("meta", meta("A1,Kettle,in stock,9.99 USD,https://acme.example/1,,,,", "# Required | id,# Required\n"))
    assert (row.external_id, row.price_minor, row.availability) == ("A1", 999, "in_stock")


def test_metas_words_with_spaces_are_known() -> None:
    assert one("meta", meta("A1,K,available for order,9.99 USD,https://acme.example/1,,,,")).availability == "backorder"


def test_metas_times_of_a_sale_are_read() -> None:
    when = "2026-11-01T0:00-23:59/2026-11-30T0:00-23:59"
    row = one("meta", meta(f"A1,K,in stock,9.99 USD,https://acme.example/1,7.99 USD,{when},G1,white"))
    assert row.sale_starts_at == dt.datetime(2026, 11, 1, 23, 59, tzinfo=dt.UTC)
    assert (row.sale_price_minor, row.group_id, row.variant) == (799, "G1", (("colour", "white"),))


def shopify(*rows: str) -> str:
    return "\n".join([SHOPIFY_HEAD, *rows, ""])


def test_a_shopify_product_without_options_is_one_offer() -> None:
    row = one("shopify", shopify("pot,Clay Pot,<p>Clay &amp; fire</p>,Acme,true,Title,Default Title,,1,deny,9.99,12,,"))
    assert (row.external_id, row.url) == ("pot", "https://acme.example/products/pot")
    assert (row.price_minor, row.list_price_minor, row.currency) == (999, 1200, "EUR")
    assert row.description == "Clay & fire"


def test_each_shopify_variant_is_an_offer() -> None:
    rows = read(
        "shopify",
        shopify(
            "pot,Clay Pot,,Acme,true,Size,Small,,1,deny,9.99,,,https://c/1.jpg", "pot,,,,,,Large,,1,deny,15.99,,,",
            "pot,,,,,,,,,,,,,https://c/2.jpg",
        ),
    )  # fmt: skip
    assert [(row.external_id, row.title, row.variant) for row in rows if isinstance(row, FeedRow)] == [
        ("pot#Small", "Clay Pot (Small)", (("size", "Small"),)),
        ("pot#Large", "Clay Pot (Large)", (("size", "Large"),)),
    ]


@pytest.mark.parametrize(
    ("tracker", "count", "policy", "state"),
    [
        ("", "0", "deny", "in_stock"),
        ("shopify", "3", "deny", "in_stock"),
        ("shopify", "0", "deny", "out_of_stock"),
        ("shopify", "0", "continue", "backorder"),
        ("shopify", "", "deny", "unknown"),
    ],
)
def test_shopify_stock_is_what_is_counted(tracker: str, count: str, policy: str, state: str) -> None:
    row = f"pot,Pot,,Acme,true,Title,Default Title,{tracker},{count},{policy},9.99,,,"
    assert one("shopify", shopify(row)).availability == state


def test_an_unpublished_shopify_product_is_not_listed() -> None:
    with pytest.raises(StructuralFault, match="no products"):
        read("shopify", shopify("pot,Pot,,Acme,false,Title,Default Title,,1,deny,9.99,,,"))


def test_a_shopify_barcode_that_is_no_gtin_is_passed_over() -> None:
    assert one("shopify", shopify("pot,Pot,,Acme,true,Title,Default Title,,1,deny,9.99,,shelf 3,")).gtin == ""


TABLE = "Referencia;Título;Precio;Moneda;Disponibilidad;URL;EAN\r\nR1;Olla;1.522,49;EUR;Sí;https://acme.example/1;\r\n"


def test_a_table_whose_head_row_speaks_for_itself_needs_no_mapping() -> None:
    row = one("csv", TABLE)
    assert (row.external_id, row.title, row.price_minor, row.availability) == ("R1", "Olla", 152249, "in_stock")


@pytest.mark.parametrize("encoding", ["latin-1", "cp1252", "utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_of_a_table_is_found(encoding: str) -> None:
    assert one("csv", TABLE.encode(encoding)).availability == "in_stock"


@pytest.mark.parametrize("mark", [",", "\t", "|"])
def test_the_separator_of_a_table_is_found(mark: str) -> None:
    assert one("csv", TABLE.replace("1.522,49", "12").replace(";", mark)).price_minor == 1200


def test_a_mapping_says_what_the_head_row_does_not() -> None:
    mapping = FeedMapping(
        {"external_id": "A", "title": "B", "price": "C", "url": "D", "availability": "E"},
        currency="EUR", decimal_mark=".", words={"quizás": "limited"},
    )  # fmt: skip
    row = one("csv", "A;B;C;D;E\nR1;Olla;1.234;https://acme.example/1;Quizás\n".replace("1.234", "1.23"), mapping)
    assert (row.price_minor, row.availability) == (123, "limited")


def test_an_ambiguous_price_column_is_refused_with_what_to_do() -> None:
    with pytest.raises(StructuralFault, match="Set the decimal mark in the column mapping"):
        read("csv", TABLE.replace("1.522,49", "1.522"))


def test_a_table_without_a_needed_column_names_it() -> None:
    with pytest.raises(StructuralFault, match="No column is mapped to price"):
        read("csv", TABLE.replace("Precio", "Algo"))


def test_a_mapping_to_a_column_that_is_not_there_names_it() -> None:
    mapping = FeedMapping({"external_id": "Nr", "title": "Título", "price": "Precio", "url": "URL"})
    with pytest.raises(StructuralFault, match="The head row lacks Nr"):
        read("csv", TABLE, mapping)


def test_a_table_without_a_currency_names_the_field() -> None:
    assert fault("csv", TABLE.replace(";EUR;", ";;")) == "currency"


def test_an_unknown_word_for_stock_is_a_fault() -> None:
    assert fault("csv", TABLE.replace("Sí", "quizás")) == "availability"


def test_another_currency_beside_the_price_is_a_fault() -> None:
    assert fault("csv", TABLE.replace("1.522,49", "12,50 USD")) == "price"


def test_bytes_of_no_western_text_are_refused() -> None:
    with pytest.raises(StructuralFault, match="name its encoding"):
        read("csv", TABLE.encode("latin-1") + b"\x81\xff\n")


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (["Artikelnummer", "Bezeichnung", "Preis", "Link"], {"external_id", "title", "price", "url"}),
        (["Référence", "Titre", "Prix TTC", "Lien", "Marque"], {"external_id", "title", "price", "url", "brand"}),
        (["SKU", "Name", "Price", "URL", "In Stock"], {"external_id", "title", "price", "url", "availability"}),
    ],
)
def test_a_mapping_is_suggested_in_several_languages(head: list[str], found: set[str]) -> None:
    assert set(suggest_mapping(head)) == found
