"""The beginning of a merchant's table shows how it is read."""

from __future__ import annotations

import gzip

import pytest

from affiliates.catalogue.domain.mappings import suggest_mapping
from affiliates.catalogue.domain.samples import HEAD_BYTES, UnreadableSample, read_sample


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(delimiter: str) -> None:
    sample = read_sample(f"id{delimiter}price\n1{delimiter}2\n".encode())
    assert (sample.delimiter, sample.headers, sample.rows) == (delimiter, ("id", "price"), (("1", "2"),))


@pytest.mark.parametrize(
    ("written", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("cp1252", "cp1252")],
)
def test_the_encoding_is_found(written: str, found: str) -> None:
    sample = read_sample("Título,b\n".encode(written))
    assert (sample.encoding, sample.headers[0]) == (found, "Título")


def test_a_letter_that_is_cut_in_two_at_the_end_changes_nothing() -> None:
    content = ("a,b\n" + "é,x\n" * HEAD_BYTES).encode()[:HEAD_BYTES]
    while content[-1] != 0xC3:
        content = b" " + content[:-1]
    assert read_sample(content).encoding == "utf-8"


def test_a_packed_file_is_read() -> None:
    assert read_sample(gzip.compress(b"id,price\n1,2\n")).headers == ("id", "price")


@pytest.mark.parametrize(
    "content", [b"", b"\n\n", b"only one column\nx\n", b"a,a\n", b"a,,b\n", b"\x00\x01", b"\x1f\x8bno"]
)
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(UnreadableSample):
        read_sample(content)


def test_columns_are_suggested_by_their_names() -> None:
    headers = ("Referencia", "Título", "Precio", "Moneda", "Disponibilidad", "URL", "Imagen", "Marca", "EAN")
    assert suggest_mapping(headers) == {
        "external_id": "Referencia", "title": "Título", "price": "Precio", "currency": "Moneda",
        "availability": "Disponibilidad", "url": "URL", "image_url": "Imagen", "brand": "Marca", "gtin": "EAN",
    }  # fmt: skip


def test_few_words_of_a_column_are_listed_and_many_are_not() -> None:
    sample = read_sample(b"a,b\n" + b"".join(b"x,%d\n" % n for n in range(50)))
    assert (sample.words_of("a"), sample.words_of("b"), sample.words_of("c")) == (("x",), (), ())
