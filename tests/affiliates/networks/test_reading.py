"""How rows of reports are read, without a database: the tables of docs/money/reports.md."""

from __future__ import annotations

import datetime as dt
import io
import json
import tracemalloc

import pytest

from affiliates.catalogue.domain.faults import FieldFault, StructuralFault
from affiliates.networks.awin import parser as awin_parser
from affiliates.networks.domain.json_arrays import array_items
from affiliates.networks.domain.mappings import TableMapping
from affiliates.networks.domain.observations import STATUS, Amount, Context, ReadRow, Said, State, order_status
from affiliates.networks.domain.times import read_time
from affiliates.networks.generic import parser as generic_parser
from tests.affiliates.earnings.worked_tables import rows
from tests.affiliates.networks.reports import as_json, awin

COLUMNS = {"external_id": "Id", "state": "State", "sale": "Sale", "event_at": "When"}


def read(body: bytes, **mapping: object) -> list[ReadRow]:
    """The rows of a table with the columns Id, State, Sale and When."""
    how = TableMapping(columns=COLUMNS, currency="EUR", **mapping)  # type: ignore[arg-type]
    return list(generic_parser.read(io.BytesIO(body), Context(mapping=how)))


def table(*cells: tuple[str, str], mark: str = ";") -> bytes:
    """A table of these (sale, time)."""
    lines = [mark.join(["Id", "State", "Sale", "When"])]
    lines += [mark.join([str(n), "pending", sale, when]) for n, (sale, when) in enumerate(cells, 1)]
    return "\r\n".join([*lines, ""]).encode()


def said(row: ReadRow) -> Said:
    assert isinstance(row.said, Said), row.said
    return row.said


def read_awin(body: bytes, currency: str = "EUR") -> list[ReadRow]:
    return list(awin_parser.read(io.BytesIO(body), Context(currency=currency)))


@pytest.mark.parametrize("row", rows("reports", "states"), ids=lambda row: row["state"])
def test_a_state_makes_an_order_what_the_table_says(row: dict[str, str]) -> None:
    assert order_status([State(row["state"])]) == row["status"]


def test_the_table_of_states_is_whole() -> None:
    assert {row["state"] for row in rows("reports", "states")} == {state.value for state in STATUS}


@pytest.mark.parametrize("row", rows("reports", "awin states"), ids=str)
def test_awins_words_mean_what_the_table_says(row: dict[str, str]) -> None:
    if row["file"] == "json":
        body = as_json(awin(commissionStatus=row["word"], paidToPublisher=row["paid"] == "true"))
    else:
        body = f"id,sale_amount,commission,date,commission_status\r\n1,10.00,1.00,2026-03-10,{row['word']}\r\n".encode()
    assert said(read_awin(body)[0]).state == row["state"]


@pytest.mark.parametrize("row", rows("reports", "amounts"), ids=lambda row: f"{row['reported']} {row['currency']}")
def test_an_amount_has_minor_units_where_they_are_exact(row: dict[str, str]) -> None:
    minor = Amount(row["reported"], row["currency"]).minor
    assert ("" if minor is None else str(minor)) == row["minor units"]


@pytest.mark.parametrize("row", rows("reports", "numbers"), ids=lambda row: row["column"])
def test_a_column_says_how_its_numbers_are_written(row: dict[str, str]) -> None:
    body = table(*((cell, "2026-03-10") for cell in row["column"].split(" / ")))
    if row["outcome"] == "refused":
        with pytest.raises(StructuralFault, match="'Sale'"):
            read(body)
    else:
        assert [said(item).sale.text for item in read(body)] == row["outcome"].split()


@pytest.mark.parametrize("row", rows("reports", "dates"), ids=lambda row: row["column"])
def test_a_column_says_how_its_dates_are_written(row: dict[str, str]) -> None:
    body = table(*(("1.00", cell) for cell in row["column"].split(" / ")))
    if row["outcome"] == "refused":
        with pytest.raises((StructuralFault, AssertionError), match=r"When|is not a time"):
            said(read(body)[0])
    else:
        times = [said(item).event_at.isoformat().replace("+00:00", "Z") for item in read(body)]
        assert times == row["outcome"].split()


def test_a_mapping_settles_what_a_column_leaves_open() -> None:
    row = said(read(table(("1.250", "03/04/2026")), decimal_mark=",", date_order="mdy")[0])
    assert (row.sale.text, row.event_at.date()) == ("1250", dt.date(2026, 3, 4))


def test_an_hour_that_comes_twice_is_the_first_one() -> None:
    row = said(read(table(("1.00", "2026-10-25 02:30:00")), time_zone="Europe/Berlin")[0])
    assert row.event_at == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_an_hour_that_does_not_exist_is_a_fault_of_its_row() -> None:
    row = read(table(("1.00", "2026-03-29 02:30:00")), time_zone="Europe/Berlin")[0]
    assert isinstance(row.said, FieldFault)
    assert "does not exist in Europe/Berlin" in row.said.reason


@pytest.mark.parametrize("text", ["2026-02-30", "yesterday", "1999-12-31", "2026-03-10 25:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(FieldFault):
        read_time(text, "event_at")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_encoding_and_delimiter_are_found(encoding: str, mark: str) -> None:
    body = (
        table(("10.00", "2026-03-10"), mark=mark).decode().replace("State", "State").replace("1" + mark, "é1" + mark, 1)
    )
    assert said(read(body.encode(encoding))[0]).external_id == "é1"


def test_a_quoted_cell_may_hold_line_ends_and_the_row_is_kept_as_it_came() -> None:
    body = b'Id;State;Sale;When;Note\r\n1;pending;10.00;2026-03-10;"two\r\nlines"\r\n2;paid;5.00;2026-03-11;\r\n'
    first, second = read(body)
    assert first.raw == b'1;pending;10.00;2026-03-10;"two\r\nlines"\r\n'
    assert said(second).state is State.PAID


WHOLE = table(("10.00", "2026-03-10"), ("12.50", "2026-03-11"))


@pytest.mark.parametrize("cut", range(40, len(WHOLE) - 1))
def test_a_table_cut_anywhere_in_its_last_row_is_refused(cut: int) -> None:
    if WHOLE[:cut].endswith((b"\n", b"\r", b"2026-03-10", b"2026-03-11")):
        return  # at the end of a row: only a closing row could tell
    with pytest.raises(StructuralFault):
        read(WHOLE[:cut])


def test_a_mapping_with_a_closing_word_wants_the_closing_row() -> None:
    assert len(read(WHOLE + b"Total;;22.50;\r\n", footer="total")) == 2
    with pytest.raises(StructuralFault, match="cut off"):
        read(WHOLE, footer="total")


def test_rows_after_the_closing_row_are_refused() -> None:
    with pytest.raises(StructuralFault, match="after the closing row"):
        read(WHOLE + b"Total\r\n3;paid;1.00;2026-03-11\r\n", footer="Total")


def test_a_row_of_another_width_is_a_fault_of_its_own() -> None:
    first, second = read(b"Id;State;Sale;When\r\n1;pending;10.00\r\n2;paid;5.00;2026-03-11\r\n")
    assert isinstance(first.said, FieldFault)
    assert said(second).external_id == "2"


def test_a_missing_column_is_named() -> None:
    with pytest.raises(StructuralFault, match="The head row lacks Sale"):
        read(b"Id;State;When\r\n1;paid;2026-03-11\r\n")


@pytest.mark.parametrize("cut", range(1, 120, 7))
def test_a_cut_off_array_is_refused(cut: int) -> None:
    body = as_json(awin(1), awin(2))
    with pytest.raises(StructuralFault):
        read_awin(body[:-cut])


@pytest.mark.parametrize("body", [b"[1 2]", b"[{}]x", b"{}", b"[NaN]", b"[,]", b"[1,]"])
def test_what_is_no_array_is_refused(body: bytes) -> None:
    with pytest.raises(StructuralFault):
        list(array_items(io.BytesIO(body))) and read_awin(body)


def test_an_array_longer_than_a_portion_is_read_item_by_item() -> None:
    body = json.dumps([{"n": n, "pad": "x" * 300} for n in range(1000)], indent=1).encode()
    assert [item["n"] for _, item in array_items(io.BytesIO(body))] == list(range(1000))


def test_json_amounts_are_read_digit_by_digit() -> None:
    body = as_json(awin()).replace(b'"100.00"', b"55.9600").replace(b'"8.00"', b"5.5961")
    row = said(read_awin(body)[0])
    assert (row.sale.minor, row.commission) == (5596, Amount("5.5961", "EUR"))


def test_a_click_reference_at_the_top_is_read_too() -> None:
    assert said(read_awin(as_json(awin(clickRefs=None, clickRef="abc")))[0]).sub_id == "abc"


def test_awins_csv_is_read_in_german_spelling() -> None:
    body = (
        "id;publisher_id;sale_amount;commission;date;commission_status;validation_date;extra;type;site_name\n"
        '77;1;"1.250,50";"62,5250";25/03/2026 10:00;1;26/03/2026;A-7;Sale;Größe\n'
    ).encode("cp1252")
    row = said(read_awin(body, "EUR")[0])
    assert (row.order_id, row.sale, row.commission, row.state) == (
        "A-7", Amount("1250.50", "EUR"), Amount("62.5250", "EUR"), State.APPROVED,
    )  # fmt: skip
    assert row.updated_at == dt.datetime(2026, 3, 26, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"id": None}, "id"),
        ({"saleAmount": None}, "saleAmount"),
        ({"saleAmount": {"amount": "1e3", "currency": "EUR"}}, "saleAmount"),
        ({"currency": "EURO"}, "currency"),
        ({"transactionDate": "10 March"}, "transactionDate"),
        ({"clickRefs": []}, None),
        ({"clickRefs": ["x"]}, "clickRefs"),
        ({"orderRef": "a\u0000b"}, "orderRef"),
    ],
)
def test_a_bad_field_of_a_transaction_is_named(fields: dict[str, object], field: str | None) -> None:
    row = read_awin(as_json(awin(**fields)))[0].said  # type: ignore[arg-type]
    assert (row.field if isinstance(row, FieldFault) else None) == field


@pytest.mark.parametrize("kind", ["table", "json"])
def test_a_long_file_is_read_in_little_memory(kind: str) -> None:
    body = table(*[("10.00", "2026-03-10")] * 8000) if kind == "table" else as_json(*(awin(n) for n in range(4000)))
    how = Context(currency="EUR", mapping=TableMapping(columns=COLUMNS, currency="EUR"))
    parser = generic_parser if kind == "table" else awin_parser
    tracemalloc.start()
    number = sum(1 for _ in parser.read(io.BytesIO(body), how))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert number in {4000, 8000}
    # The file itself may be copied by BytesIO; its rows are not kept.
    assert peak < len(body) + 1_500_000
