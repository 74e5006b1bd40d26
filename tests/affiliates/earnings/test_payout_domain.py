"""Payment details, files and conversion, as the tables of docs/money/payout.md say."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.rates import RateTable, convert
from affiliates.earnings.domain.bank_accounts import iban_fault
from affiliates.earnings.domain.payout_files import NAMESPACE, Item, Sender, pain_001, sepa_text, table
from affiliates.earnings.domain.payout_methods import (
    DetailFaults,
    Method,
    check_details,
    destination,
    fingerprint,
    masked,
    methods_for,
)
from affiliates.earnings.domain.payouts import Run, is_paid, spans_of
from cms.core.domain.money import parse_amount
from tests.affiliates.earnings.worked_tables import rows

NOON = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
IBAN = "DE89370400440532013000"
NS = {"p": NAMESPACE}


@pytest.mark.parametrize("row", rows("payout", "ways of payment"))
def test_each_country_has_its_ways(row: dict[str, str]) -> None:
    assert ", ".join(methods_for(row["country"])) == row["ways"]


@pytest.mark.parametrize("row", rows("payout", "details"))
def test_details_are_checked_by_country(row: dict[str, str]) -> None:
    given_ = dict(pair.split("=", 1) for pair in row["given"].split(", ") if pair)
    fault = ""
    try:
        check_details(Method(row["way"]), row["country"], given_)
    except DetailFaults as faults:
        fault = str(faults)
    assert fault == row["fault"]


@given(st.integers(0, len(IBAN) - 1), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(place: int, by: int) -> None:
    if IBAN[place].isdigit():
        wrong = IBAN[:place] + str((int(IBAN[place]) + by) % 10) + IBAN[place + 1 :]
        assert iban_fault(wrong) == "check"


@pytest.mark.parametrize("row", rows("payout", "exchange"))
def test_money_is_exchanged_at_the_quote(row: dict[str, str]) -> None:
    (earned, given_), (paid, into) = row["earned"].split(), row["paid"].split()
    base, rates = row["quote"].split(": ")
    quoted = dict(pair.split() for pair in rates.split(", "))
    e8 = {currency: int(Decimal(rate) * 10**8) for currency, rate in quoted.items()}
    rate_table = RateTable(on=NOON.date(), source="ECB", base=base, rates_e8=e8)
    assert convert(parse_amount(earned, given_), given_, into, rate_table) == parse_amount(paid, into)


def test_an_account_has_one_fingerprint_however_it_is_paid() -> None:
    assert fingerprint("DE", {"iban": IBAN}) == fingerprint("AE", {"iban": IBAN, "bic": "BOMLAEAD"}) != ""
    assert fingerprint("DE", {"note": "cash"}) == ""


def test_an_account_is_shown_by_its_last_four_signs() -> None:
    assert destination({"iban": IBAN}) == "•••• 3000"
    assert masked("abc") == "•••• c"


def item(ref: str = "a1", amount: int = 6412, **fields: object) -> Item:
    fields = {"name": "José Müller & Søn", "country": "DE", "details": {"iban": IBAN}, "currency": "EUR"} | fields
    return Item(ref=ref, amount_minor=amount, **fields)  # type: ignore[arg-type]


def sepa(*items: Item) -> bytes:
    sender = Sender("Vitrina GmbH", "DE75512108001245126199")
    return pain_001(batch="b1", made_at=NOON, sender=sender, items=items, about="Payout")


def test_a_sepa_file_has_its_control_sums() -> None:
    root = ET.fromstring(sepa(item("a1"), item("a2", 100)))  # noqa: S314 - our own
    assert [e.text for e in root.iterfind(".//p:NbOfTxs", NS)] == ["2", "2"]
    assert [e.text for e in root.iterfind(".//p:CtrlSum", NS)] == ["65.12", "65.12"]
    assert [e.text for e in root.iterfind(".//p:EndToEndId", NS)] == ["a1", "a2"]


def test_a_sepa_transfer_has_its_parts_in_the_standards_order() -> None:
    root = ET.fromstring(sepa(item(details={"iban": IBAN, "bic": "COBADEFFXXX"})))  # noqa: S314 - our own
    payment = root.find(".//p:PmtInf", NS)
    assert payment is not None
    order = [child.tag.split("}")[1] for child in payment]
    assert order == ["PmtInfId", "PmtMtd", "BtchBookg", "NbOfTxs", "CtrlSum", "PmtTpInf", "ReqdExctnDt", "Dbtr",
                     "DbtrAcct", "DbtrAgt", "ChrgBr", "CdtTrfTxInf"]  # fmt: skip
    transfer = [child.tag.split("}")[1] for child in payment[-1]]
    assert transfer == ["PmtId", "Amt", "CdtrAgt", "Cdtr", "CdtrAcct", "RmtInf"]


def test_the_same_payouts_give_the_same_bytes_in_any_order() -> None:
    assert sepa(item("a1"), item("a2")) == sepa(item("a2"), item("a1"))


def test_a_sepa_file_keeps_to_the_signs_of_the_area() -> None:
    assert sepa_text("José Müller & Søn", 70) == "Jose Muller . Son"


@pytest.mark.parametrize("wrong", [(), (item(currency="USD"),), (item(details={}),), (item("a1"), item("a1"))])
def test_what_is_no_sepa_transfer_is_refused(wrong: tuple[Item, ...]) -> None:
    with pytest.raises(ValueError, match=r"SEPA file|one reference"):
        sepa(*wrong)


def test_a_table_names_its_columns() -> None:
    [header, row] = table(("payout", "amount", "currency", "bic"), [item()], about="Payout")
    assert (header, row) == (["payout", "amount", "currency", "bic"], ["a1", "64.12", "EUR", ""])


def test_money_that_came_back_is_paid_by_the_next_payout() -> None:
    runs = [Run(10, paid=True, back_seq=25), Run(20, paid=True), Run(30, paid=True)]
    assert [is_paid(seq, runs[:2]) for seq in (5, 15, 22)] == [False, True, False]
    assert [is_paid(seq, runs) for seq in (5, 15, 22, 31)] == [True, True, True, False]
    assert spans_of(30, runs) == [(20, 30), (0, 10)]
