"""What a bank's files say, and what is refused."""

from __future__ import annotations

import datetime as dt

import pytest

from affiliates.earnings.domain.bank_csv import mapping_faults, read_csv
from affiliates.earnings.domain.bank_lines import BankFileFault, refs_in
from affiliates.earnings.domain.camt053 import read_camt
from tests.affiliates.earnings.bank_files import IBAN, camt, entry

COLUMNS = {"date": "Day", "amount": "Amount", "text": "Text"}


def _csv(body: str, columns: dict[str, str] = COLUMNS, **fields: str) -> list[tuple[str, int]]:
    read = read_csv(body.encode(), account=IBAN, currency="EUR", columns=columns, **fields)
    return [(line.booked_on.isoformat(), line.amount_minor) for line in read.lines]


def test_a_statement_is_read_with_its_balances() -> None:
    body = camt(entry(1000, "R1", end_to_end="abcabcabcabc", text="Hi"), entry(-250, "R2"), opening=50, closing=800)
    [read] = read_camt(body)
    assert (read.account, read.currency, read.opening_minor, read.closing_minor) == (IBAN, "EUR", 50, 800)
    first, second = read.lines
    assert (first.bank_ref, first.amount_minor, first.end_to_end, first.text) == ("R1", 1000, "abcabcabcabc", "Hi")
    assert (second.amount_minor, second.end_to_end, second.booked_on) == (-250, "", dt.date(2026, 3, 31))


def test_a_collected_entry_becomes_a_line_for_each_payment() -> None:
    part = '<TxDtls><Refs><EndToEndId>{}</EndToEndId></Refs><Amt Ccy="EUR">{}</Amt></TxDtls>'
    body = camt(
        '<Ntry><Amt Ccy="EUR">10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts>BOOK</Sts>'
        "<BookgDt><Dt>2026-03-31</Dt></BookgDt>"
        f"<AcctSvcrRef>R</AcctSvcrRef><NtryDtls>{part.format('a', '4.00')}{part.format('b', '6.00')}</NtryDtls></Ntry>"
    )
    [read] = read_camt(body)
    assert [(line.bank_ref, line.end_to_end, line.amount_minor) for line in read.lines] == [
        ("R/1", "a", -400), ("R/2", "b", -600),
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "fault"), [
    (b"<Document", "not well-formed"),
    (b'<!DOCTYPE a [<!ENTITY b "c">]><Document>&b;</Document>', "may be read"),
    (b"<Document/>", "no statement"),
    (camt(entry(1000, "R1"), closing=999), "do not add up"),
    (camt(entry(1000, "R1"), entry(5, "R1")), "R1 stands in the file twice"),
    (camt(entry(1000, "R1").replace('Ccy="EUR"', 'Ccy="USD"')), "Entry 1: it is in USD"),
    (camt(entry(1000, "R1", on="2026-02-30")), "Entry 1: BookgDt is not a date"),
    (camt(entry(1000, "")), "Entry 1: it has no reference"),
])  # fmt: skip
def test_a_statement_that_cannot_be_believed_is_refused(body: bytes, fault: str) -> None:
    with pytest.raises(BankFileFault, match=fault):
        read_camt(body)


def test_a_pending_entry_is_no_line_yet() -> None:
    [read] = read_camt(camt(entry(1000, "R1").replace("BOOK", "PDNG"), entry(5, "R2")))
    assert [line.bank_ref for line in read.lines] == ["R2"]


def test_a_table_is_read_as_its_mapping_says() -> None:
    body = "Day;Amount;Text\n31.03.2026;-1.234,50;Rent\n01.04.2026;2;\n"
    assert _csv(body, delimiter=";", decimal_mark=",", date_order="dmy") == [
        ("2026-03-31", -123450),
        ("2026-04-01", 200),
    ]


def test_credit_and_debit_may_stand_in_columns_of_their_own() -> None:
    columns = {"date": "Day", "credit": "In", "debit": "Out"}
    assert _csv("Day,In,Out\n2026-03-31,5.00,\n2026-03-31,,2.00\n", columns) == [
        ("2026-03-31", 500),
        ("2026-03-31", -200),
    ]


def test_equal_lines_without_a_reference_are_told_apart_and_known_again() -> None:
    body = b"Day,Amount,Text\n2026-03-31,5.00,x\n2026-03-31,5.00,x\n"
    first, again = (read_csv(body, account=IBAN, currency="EUR", columns=COLUMNS).lines for _time in range(2))
    assert len({line.bank_ref for line in first}) == 2 and first == again


@pytest.mark.parametrize(("body", "fault"), [
    ("Day,Sum,Text\n", "head row lacks Amount"),
    ("Day,Amount,Text\n2026-13-31,5.00,x\n2026-03-31,5.x,x\n2026-03-31,1.00\n", "Row 2: .*Row 3: .*Row 4: "),
    ("Day,Amount,Text\n2026-03-31,0.00,x\n", "Row 2: the amount is nothing"),
    ("Day,Amount,Text\n", "no lines"),
])  # fmt: skip
def test_a_table_is_refused_with_each_row_named(body: str, fault: str) -> None:
    with pytest.raises(BankFileFault, match=fault):
        _csv(body)


def test_balances_that_do_not_follow_are_refused_and_either_order_of_days_is_read() -> None:
    columns = COLUMNS | {"balance": "Balance"}
    rows = ["2026-03-30,5.00,x,15.00", "2026-03-31,-3.00,y,12.00"]
    for lines in (rows, rows[::-1]):
        body = "\n".join(["Day,Amount,Text,Balance", *lines, ""]).encode()
        read = read_csv(body, account=IBAN, currency="EUR", columns=columns)
        assert (read.opening_minor, read.closing_minor) == (1000, 1200)
    with pytest.raises(BankFileFault, match="do not follow"):
        read_csv(body.replace(b"12.00", b"12.01"), account=IBAN, currency="EUR", columns=columns)


def test_our_references_are_found_in_a_banks_words() -> None:
    assert refs_in("SVWZ+ABCDEF 012345 thanks", "x0123456789ab", "0123456789abc") == {"abcdef012345", "0123456789ab"}


def test_a_mapping_says_what_it_lacks() -> None:
    assert mapping_faults({"date": "Day", "amount": "A"}) == [] and mapping_faults([]) != []
    assert len(mapping_faults({"sum": "A"})) == 3
