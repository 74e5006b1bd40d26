"""Awin, Meta, Shopify and mapped tables: what becomes of their rows, and what is refused."""

from __future__ import annotations

import csv
import datetime as dt
import gzip
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

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


AWIN_MORE = f"{AWIN_HEAD},stock_quantity,isbn,display_price"


def awin_more(**values: str) -> str:
    """A row with only what is needed, and these columns."""
    stated = {
        "product_name": "Kettle", "merchant_product_id": "A1", "search_price": "1.97", "currency": "GBP",
        "merchant_deep_link": "https://acme.example/1", **values,
    }  # fmt: skip
    return f"{AWIN_MORE}\n" + ",".join(stated.get(name, "") for name in AWIN_MORE.split(",")) + "\n"


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


@pytest.mark.parametrize(
    ("said", "minor", "currency"),
    [
        ("£3.99", 399, "GBP"),
        ("3.99 GBP", 399, "GBP"),
        ("GBP3.99", 399, "GBP"),
        ("Standard delivery: £3.99", 399, "GBP"),
        ("3.99 EUR", 399, "EUR"),
        ("€4.50", 450, "EUR"),
        ("0.00", 0, "GBP"),
    ],
)
def test_an_amount_of_delivery_is_read_in_the_currency_beside_it(said: str, minor: int, currency: str) -> None:
    assert one("awin", awin(cost=said)).deliveries == (FeedDelivery("DE", minor, currency),)


@pytest.mark.parametrize(
    "said",
    [
        "Free delivery over 50",
        "Free",
        "from £3.99",
        "£3.99 - £5.99",
        "$3.99",
        "3.99 GBP 4.99 EUR",
        "1.234",
        "-3.99",
        "?",
    ],
)
def test_delivery_in_words_that_leave_a_doubt_is_unknown_and_never_free(said: str) -> None:
    assert one("awin", awin(cost=said)).deliveries == ()


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


@pytest.mark.parametrize(
    ("facts", "state"),
    [
        ({"stock_status": "usually dispatched soon", "in_stock": "1"}, "in_stock"),
        ({"stock_quantity": "0"}, "out_of_stock"),
        ({"stock_quantity": "12"}, "in_stock"),
        ({"stock_quantity": "plenty"}, "unknown"),
    ],
)
def test_awin_stock_is_what_can_be_understood_of_it(facts: dict[str, str], state: str) -> None:
    assert one("awin", awin_more(**facts)).availability == state


def test_an_awin_status_that_nobody_understands_is_a_fault() -> None:
    assert fault("awin", awin_more(stock_status="usually dispatched soon")) == "availability"


def test_an_awin_row_in_two_currencies_is_a_fault() -> None:
    assert fault("awin", awin_more(display_price="EUR1.97")) == "display_price"


def test_an_awin_price_displayed_in_its_currency_is_believed() -> None:
    assert one("awin", awin_more(display_price="1.97 GBP")).price_minor == 197


def test_an_isbn_of_ten_places_is_a_gtin() -> None:
    assert one("awin", awin_more(isbn="0-306-40615-2")).gtin == "9780306406157"


def test_an_isbn_with_a_wrong_check_digit_is_a_fault() -> None:
    assert fault("awin", awin_more(isbn="0-306-40615-3")) == "gtin"


def test_a_bomb_is_refused_before_it_fills_the_memory() -> None:
    row = awin().split("\n")[1]
    bomb = gzip.compress((f"{AWIN_HEAD}\n" + f"{row}\n" * 300_000).encode())
    with pytest.raises(StructuralFault, match="200 times its size"):
        read("awin", bomb)


def test_the_networks_redirect_is_no_address_of_the_shop() -> None:
    assert fault("awin", awin(link="https://www.awin1.com/pclick.php?p=1")) == "merchant_deep_link"


def test_a_wrong_ean_is_a_fault() -> None:
    assert fault("awin", awin(ean="4006381333932")) == "gtin"


def meta(row: str, before: str = "") -> str:
    return f"{before}{META_HEAD}\n{row}\n"


def test_comments_above_metas_head_row_are_skipped() -> None:
    row = one("meta", meta("A1,Kettle,in stock,9.99 USD,https://acme.example/1,,,,", "# Required | id,# Required\n"))
    assert (row.external_id, row.price_minor, row.availability) == ("A1", 999, "in_stock")


def test_a_comment_in_quotes_above_metas_head_row_is_skipped() -> None:
    assert one("meta", meta("A1,K,in stock,9.99 USD,https://acme.example/1,,,,", '"# Required | id, once",#\n'))


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


def test_a_fault_names_the_row_of_shopifys_file() -> None:
    rows = ["pot,Pot,,Acme,true,Title,Default Title,,1,deny,9.99,,,", "pot,,,,,,,,,,,,,https://c/2.jpg"]
    bad = "pan,Pan,,Acme,true,Title,Default Title,,1,deny,cheap,,,"
    _good, found, shape = read("shopify", shopify(*rows, bad, "pan,Pan", bad.replace("pan", "lid"))[:-1])[:3]
    assert isinstance(found, Fault)
    assert isinstance(shape, Fault)
    assert (found.row, found.external_id, shape.row) == (3, "pan", 4)


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


def test_two_columns_that_could_be_the_price_need_a_mapping() -> None:
    with pytest.raises(StructuralFault, match="More than one column could be price: Precio, PVP"):
        read("csv", TABLE.replace("EAN", "PVP"))


@pytest.mark.parametrize("delimiter", ["||", '"', "\n"])
def test_a_mapping_with_an_impossible_separator_is_refused(delimiter: str) -> None:
    with pytest.raises(StructuralFault, match="between columns"):
        read("csv", TABLE, FeedMapping({}, delimiter=delimiter))


@pytest.mark.parametrize("encoding", ["klingon", "rot13", "a\x00b"])
def test_a_mapping_with_an_unknown_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(StructuralFault, match="is not known"):
        read("csv", TABLE, FeedMapping({}, encoding=encoding))


def test_a_table_in_another_encoding_than_its_mapping_says_is_refused_by_name() -> None:
    with pytest.raises(StructuralFault, match="is not UTF-16 text"):
        read("csv", TABLE, FeedMapping({}, encoding="utf-16"))


@pytest.mark.parametrize("price", ["£12.50", "¥1250"])
def test_a_sign_of_several_currencies_says_none(price: str) -> None:
    assert fault("csv", TABLE.replace("1.522,49;EUR", f"{price};")) == "currency"


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


TITLES = st.text(st.characters(blacklist_categories=("Cs", "Cc"), max_codepoint=0xFF), min_size=1, max_size=40).filter(
    lambda title: title == title.strip() and title
)


@given(
    st.lists(st.tuples(TITLES, st.integers(1, 99_999_999)), min_size=1, max_size=20),
    st.sampled_from(",;\t|"),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "latin-1"]),
    st.sampled_from([(".", ","), (",", ".")]),
)
def test_a_table_is_read_as_it_was_written(
    things: list[tuple[str, int]], delimiter: str, encoding: str, marks: tuple[str, str]
) -> None:
    decimal, thousands = marks
    written = io.StringIO(newline="")
    table = csv.writer(written, delimiter=delimiter)
    table.writerow(["SKU", "Title", "Price", "Currency", "URL"])
    for number, (title, cents) in enumerate(things):
        whole = f"{cents // 100:,}".replace(",", thousands)
        price = f"{whole}{decimal}{cents % 100:02}"
        table.writerow([f"A{number}", title, price, "EUR", f"https://acme.example/{number}"])
    rows = read("csv", written.getvalue().encode(encoding), FeedMapping({}, delimiter=delimiter, encoding=encoding))
    assert [(row.title, row.price_minor) for row in rows if isinstance(row, FeedRow)] == things


@given(st.sampled_from(sorted(FORMATS)), st.binary(max_size=300), st.booleans())
def test_no_file_breaks_the_reading(format: str, data: bytes, packed: bool) -> None:
    with suppress(StructuralFault):
        read(format, gzip.compress(data) if packed else data)


@given(st.sampled_from(["awin", "csv", "meta", "shopify"]), st.text(max_size=200))
def test_no_row_breaks_the_reading(format: str, text: str) -> None:
    head = {"awin": AWIN_HEAD, "csv": "SKU,Title,Price,Currency,URL", "meta": META_HEAD, "shopify": SHOPIFY_HEAD}
    with suppress(StructuralFault, UnicodeEncodeError):
        read(format, f"{head[format]}\n{text}")


@pytest.mark.parametrize(
    ("encoding", "title"),
    [("cp1251", "Чайник"), ("iso8859-2", "Półka żółta"), ("cp1250", "Półka żółta"), ("euc-jp", "やかん"),
     ("cp1253", "Βραστήρας"), ("cp1254", "Işıklı çaydanlık")],
)  # fmt: skip
def test_a_table_that_only_resembles_western_text_is_refused(encoding: str, title: str) -> None:
    with pytest.raises(StructuralFault, match="name its encoding"):
        read("csv", TABLE.replace("Título", "Nombre").replace("Sí", "Si").replace("Olla", title).encode(encoding))


@pytest.mark.parametrize(
    "title", ["Théière à l'œuf", "Ação fácil", "Größe 5 m³", "¡Año nuevo!", "Señal 20°C ½", "«Été»"]
)
def test_western_text_is_read_as_what_it_is(title: str) -> None:
    assert one("csv", TABLE.replace("Olla", title).encode("cp1252")).title.startswith(title)


def test_a_raised_digit_is_no_number_of_things_in_stock() -> None:
    assert fault("csv", TABLE.replace("Sí", "²")) == "availability"


def test_an_export_without_a_column_for_who_counts_says_nothing_of_stock() -> None:
    head = SHOPIFY_HEAD.replace("Variant Inventory Tracker,", "")
    row = "kettle,Kettle,,Acme,true,,,5,deny,9.90,,,"
    assert one("shopify", f"{head}\n{row}\n").availability == "unknown"
