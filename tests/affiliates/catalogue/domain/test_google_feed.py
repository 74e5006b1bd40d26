from __future__ import annotations

import datetime as dt
import io
import tracemalloc
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.faults import Fault, StructuralFault
from affiliates.catalogue.domain.feed_records import FeedContext
from affiliates.catalogue.domain.feed_records import parse as parse_feed
from affiliates.catalogue.domain.feed_rows import FeedDelivery, FeedRow
from affiliates.catalogue.domain.formats import FORMATS
from affiliates.catalogue.domain.separated import LARGEST_ROW

HOSTS = frozenset({"acme.example", "www.acme.example"})
FIELDS = {
    "id": "A-1",
    "title": "Kettle",
    "link": "https://acme.example/p/1",
    "availability": "in_stock",
    "price": "89.90 EUR",
}


def item(**changes: str | None) -> str:
    fields = {**FIELDS, **changes}
    return "<item>" + "".join(f"<g:{k}>{v}</g:{k}>" for k, v in fields.items() if v is not None) + "</item>"


def rss(*items: str) -> bytes:
    head = '<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0"><channel><title>Acme</title>'
    return f"{head}{''.join(items)}</channel></rss>".encode()


def tsv(*rows: str, head: str = "id\ttitle\tlink\tavailability\tprice\tshipping") -> bytes:
    return "\n".join([head, *rows, ""]).encode()


ROW = "A-1\tKettle\thttps://acme.example/p/1\tin stock\t89.90 EUR\tDE::Standard:3.90 EUR"


def parse(data: bytes) -> list[FeedRow | Fault]:
    return list(parse_feed(FORMATS["google"], io.BytesIO(data), FeedContext(HOSTS)))


def only(data: bytes) -> FeedRow:
    (row,) = parse(data)
    assert isinstance(row, FeedRow), row
    return row


def fault_of(data: bytes) -> Fault:
    (fault,) = parse(data)
    assert isinstance(fault, Fault), fault
    return fault


def test_an_rss_item_becomes_a_row() -> None:
    row = only(rss(item(gtin="4006381333931", mpn="K1", brand="Acme", condition="used", product_type="kitchen")))
    assert row == FeedRow(
        external_id="A-1",
        title="Kettle",
        url="https://acme.example/p/1",
        currency="EUR",
        price_minor=8990,
        availability="in_stock",
        brand="Acme",
        gtin="4006381333931",
        mpn="K1",
        condition="used",
        category="kitchen",
    )


@pytest.mark.parametrize(
    ("said", "hour"), [("2026-12-31T18:00+01:00", 17), ("2026-12-31T17:00Z", 17), ("2026-12-31", 0)]
)
def test_an_expiration_date_is_read_in_utc(said: str, hour: int) -> None:
    expected = dt.datetime(2026, 12, 31, hour, tzinfo=dt.UTC)
    assert only(rss(item(expiration_date=said))).expires_at == expected


def test_a_text_row_may_expire() -> None:
    head = "id\ttitle\tlink\tavailability\tprice\texpiration date"
    row = only(tsv(ROW.replace("DE::Standard:3.90 EUR", "2026-12-31"), head=head))
    assert row.expires_at == dt.datetime(2026, 12, 31, tzinfo=dt.UTC)


@pytest.mark.parametrize("said", ["31.12.2026", "2026-12-31T18:00", "2026-02-30", "soon", "0001-01-01T00:00+14:00"])
def test_an_expiration_date_nobody_can_read_is_a_fault(said: str) -> None:
    assert fault_of(rss(item(expiration_date=said))).field == "expiration_date"


def test_a_row_that_expires_survives_its_json() -> None:
    row = only(rss(item(expiration_date="2026-12-31")))
    assert FeedRow.unpacked(row.packed()) == row


def test_in_atom_googles_id_counts_and_not_the_entrys() -> None:
    entry = (
        "<id>urn:uuid:1</id><title>Atom title</title><link rel='self' href='https://acme.example/feed'/>"
        "<link href='https://acme.example/p/1'/><g:id>A-1</g:id><g:price>5 EUR</g:price>"
    )
    feed = f"<feed xmlns='http://www.w3.org/2005/Atom' xmlns:g='http://base.google.com/ns/1.0'><entry>{entry}</entry></feed>"
    row = only(feed.encode())
    assert (row.external_id, row.title, row.url) == ("A-1", "Atom title", "https://acme.example/p/1")


def test_a_text_row_becomes_a_row() -> None:
    row = only(tsv(ROW))
    assert row.deliveries == (FeedDelivery("DE", 390, "EUR", service="Standard"),)


@pytest.mark.parametrize("mark", [",", ";", "|"])
def test_text_may_be_separated_otherwise(mark: str) -> None:
    assert only(tsv(ROW, head=tsv().decode().strip()).replace(b"\t", mark.encode())).price_minor == 8990


def test_quoted_text_may_hold_the_separator_and_line_breaks() -> None:
    row = only(tsv('A-1\t"Kettle,\t""big""\n1 l"\thttps://acme.example/p/1\tin stock\t1 EUR\t'))
    assert row.title == 'Kettle,\t"big"\n1 l'


def test_a_byte_order_mark_is_skipped() -> None:
    assert only(b"\xef\xbb\xbf" + tsv(ROW)).external_id == "A-1"


def test_text_in_utf_16_says_so_by_its_mark() -> None:
    assert only(tsv(ROW).decode().encode("utf-16")).external_id == "A-1"


def test_older_head_rows_write_spaces() -> None:
    head = "id\ttitle\tlink\tavailability\tprice\tsale price"
    assert only(tsv(ROW.replace("DE::Standard:3.90 EUR", "79.90 EUR"), head=head)).sale_price_minor == 7990


def test_deliveries_name_country_price_and_days() -> None:
    parts = {
        "country": "DE",
        "service": "Standard",
        "price": "3.90 EUR",
        "min_transit_time": "1",
        "max_transit_time": "3",
    }
    inner = "".join(f"<g:{name}>{value}</g:{name}>" for name, value in parts.items())
    inner += "<g:min_handling_time>0</g:min_handling_time><g:max_handling_time>2</g:max_handling_time>"
    row = only(rss(item(shipping=inner)))
    assert row.deliveries == (FeedDelivery("DE", 390, "EUR", 1, 5, "Standard"),)


def test_the_head_row_may_name_the_parts_of_a_delivery() -> None:
    head = "id\ttitle\tlink\tavailability\tprice\tshipping(country:price)"
    row = only(tsv(ROW.replace("DE::Standard:3.90 EUR", "AT:6.90 EUR,FR:9 EUR"), head=head))
    assert [(d.country, d.price_minor) for d in row.deliveries] == [("AT", 690), ("FR", 900)]


def test_delivery_to_a_part_of_a_country_says_nothing_of_the_country() -> None:
    assert only(tsv(ROW.replace("DE::", "US:CA:"))).deliveries == ()


def test_a_sale_price_stands_beside_the_price() -> None:
    row = only(rss(item(sale_price="79.90 EUR")))
    assert (row.price_minor, row.sale_price_minor, row.sale_starts_at) == (8990, 7990, None)


def test_a_sale_price_keeps_its_interval_in_utc() -> None:
    interval = "2026-11-19T00:00+0100/2026-11-21T00:00Z"
    row = only(rss(item(sale_price="79.90 EUR", sale_price_effective_date=interval)))
    assert row.sale_starts_at == dt.datetime(2026, 11, 18, 23, tzinfo=dt.UTC)
    assert row.sale_ends_at == dt.datetime(2026, 11, 21, tzinfo=dt.UTC)


def test_a_sale_price_above_the_price_is_none() -> None:
    assert only(rss(item(sale_price="99.90 EUR"))).sale_price_minor is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": None}, "id"),
        ({"title": ""}, "title"),
        ({"title": "x" * 301}, "title"),
        ({"price": None}, "price"),
        ({"price": "9,19 EUR"}, "price"),
        ({"price": "0 EUR"}, "price"),
        ({"price": "9.19 ZZZ"}, "price"),
        ({"sale_price": "79.90 USD"}, "sale_price"),
        ({"sale_price": "1 EUR", "sale_price_effective_date": "2026-11-19/2026-11-21"}, "sale_price_effective_date"),
        ({"sale_price": "1 EUR", "sale_price_effective_date": "soon"}, "sale_price_effective_date"),
        ({"availability": "maybe"}, "availability"),
        ({"condition": "like new"}, "condition"),
        ({"gtin": "4006381333930"}, "gtin"),
        ({"mpn": "x" * 71}, "mpn"),
        ({"shipping": "<g:country>Germany</g:country>"}, "shipping"),
        ({"shipping": "<g:country>DE</g:country><g:price>free</g:price>"}, "shipping"),
        ({"shipping": "<g:country>DE</g:country><g:min_transit_time>soon</g:min_transit_time>"}, "shipping"),
        ({"link": "https://evil.example/x"}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"link": "https://acme.example@evil.example/"}, "link"),
        ({"link": "https://acme.example.evil.example/"}, "link"),
        ({"link": "//acme.example/p"}, "link"),
        ({"link": "https://[broken/"}, "link"),
        ({"link": "https://acme.example:99999/"}, "link"),
        ({"link": "https://acme.example:8443/"}, "link"),
        ({"link": "https://evil.example\\@acme.example/"}, "link"),
        ({"link": "https://acme.example/a b"}, "link"),
    ],
)
def test_a_bad_field_is_named(changes: dict[str, str | None], field: str) -> None:
    assert fault_of(rss(item(**changes))).field == field


def test_a_fault_names_row_and_the_merchants_number() -> None:
    _, fault = parse(rss(item(), item(id="A-2", price="free")))
    assert str(fault) == "row 2 (A-2), price: 'free' is not an amount with its currency, such as 9.19 EUR"


def test_a_number_is_listed_once() -> None:
    _, fault = parse(rss(item(), item(title="Another")))
    assert isinstance(fault, Fault)
    assert fault.reason == "is listed twice"


def test_letters_beyond_ascii_are_escaped_in_addresses() -> None:
    assert only(rss(item(link="https://acme.example/té?q=%20"))).url == "https://acme.example/t%C3%A9?q=%20"


def test_a_row_of_another_width_is_a_bad_row() -> None:
    _, fault, _ = parse(tsv(ROW, "A-2\tToo\tshort", ROW.replace("A-1", "A-3")))
    assert isinstance(fault, Fault)
    assert (fault.row, fault.field) == (2, "row")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"   \n",
        rss(item(), item())[:-40],
        rss(),
        b"<html><body>Not found</body></html>",
        b"<rss><channel><item></channel></rss>",
        b'<?xml version="1.0" encoding="klingon"?><rss></rss>',
        b'<!DOCTYPE r [<!ENTITY a "aaaa">]>' + rss(item(title="&a;")),
        b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + rss(item(title="&x;")),
        b'<!DOCTYPE r SYSTEM "http://evil.example/x.dtd">' + rss(item()),
        tsv(),
        tsv(ROW, head="sku\tname\turl\tstock\tcost\tshipping"),
        tsv(ROW, head="id\ttitle\tlink\tavailability\tprice\tprice"),
        tsv(ROW, "A-2\tKettle\thttps://acme.exa").rstrip(b"\n"),
        tsv(ROW, 'A-2\t"Kettle\thttps://acme.example/p/2\tin stock\t1 EUR\t'),
        tsv(ROW).replace(b"Kettle", b"K\xfcche"),
        tsv("x" * (LARGEST_ROW + 1)),
        rss(item(description="x" * (LARGEST_ROW + 70_000))),
        b"\x1f\x8b\x08\x00",
        b"PK\x03\x04",
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_believed_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(StructuralFault):
        parse(data)


@given(st.binary(max_size=300))
def test_no_file_breaks_the_reading(data: bytes) -> None:
    with suppress(StructuralFault):
        parse(data)


@given(st.integers(0, 2000))
def test_a_file_cut_anywhere_is_refused_or_shorter(cut: int) -> None:
    whole = rss(*(item(id=f"A-{number}") for number in range(8)))
    if cut < len(whole.rstrip()):
        with pytest.raises(StructuralFault):
            parse(whole[:cut])


def test_equal_rows_have_equal_digests_and_survive_the_spool() -> None:
    row = only(tsv(ROW))
    assert FeedRow.unpacked(row.packed()) == row
    assert FeedRow.unpacked(row.packed()).digest() == row.digest()


def test_what_stands_beside_the_listings_takes_no_memory() -> None:
    data = rss("<a/>" * 200_000, item(), "<b><c/></b>" * 50_000, item(id="A-2"))
    tracemalloc.start()
    rows = list(parse_feed(FORMATS["google"], io.BytesIO(data), FeedContext(HOSTS)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (len(rows), peak < 4_000_000) == (2, True)
