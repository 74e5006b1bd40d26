from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.catalogue.domain.customs import crosses_customs
from affiliates.catalogue.domain.ecb_rates import BadRates, Rate, read_rates
from affiliates.catalogue.domain.rates import SCALE, NoRate, RateTable, convert

DAY = dt.date(2026, 11, 23)
RATES = {"USD": "1.08", "GBP": "0.8512", "JPY": "163.21", "KWD": "0.33251", "NOK": "11.7135"}
TABLE = RateTable(
    on=DAY, source="ECB", base="EUR", rates_e8={code: int(Decimal(text) * SCALE) for code, text in RATES.items()}
)
FILE = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref"><gesmes:subject>Reference rates</gesmes:subject>
<Cube>{days}</Cube></gesmes:Envelope>"""


def xml(*cubes: str, day: str = "2026-11-23") -> bytes:
    return FILE.format(days=f'<Cube time="{day}">{"".join(cubes)}</Cube>').encode()


def cube(currency: str = "USD", rate: str = "1.08") -> str:
    return f'<Cube currency="{currency}" rate="{rate}"/>'


@pytest.mark.parametrize(
    ("minor", "currency", "into", "expected"),
    [
        (10_000, "EUR", "USD", 10_800),
        (10_800, "USD", "EUR", 10_000),
        (10_000, "EUR", "JPY", 16_321),
        (5_283, "JPY", "EUR", 3_237),
        (7_200, "GBP", "USD", 9_135),
        (1_000, "KWD", "EUR", 301),
        (100, "EUR", "KWD", 333),
        (123, "NOK", "NOK", 123),
    ],
)
def test_amounts_cross_the_base_with_the_decimals_of_each_currency(
    minor: int, currency: str, into: str, expected: int
) -> None:
    assert convert(minor, currency, into, TABLE) == expected


@pytest.mark.parametrize(("minor", "expected"), [(1, 0), (3, 2), (5, 2)])
def test_halves_go_to_the_even_side(minor: int, expected: int) -> None:
    half = RateTable(on=DAY, source="ECB", base="EUR", rates_e8={"USD": SCALE // 2})
    assert convert(minor, "EUR", "USD", half) == expected


@pytest.mark.parametrize(("currency", "into"), [("CLP", "EUR"), ("EUR", "CLP"), ("USD", "CLP")])
def test_a_missing_rate_is_an_error_and_never_one(currency: str, into: str) -> None:
    with pytest.raises(NoRate, match="CLP"):
        convert(100, currency, into, TABLE)


def test_without_a_table_only_the_same_currency_converts() -> None:
    assert convert(100, "USD", "USD", None) == 100
    with pytest.raises(NoRate):
        convert(100, "USD", "EUR", None)


@given(st.integers(0, 10**12), st.sampled_from(sorted(RATES)), st.sampled_from(sorted(RATES)))
def test_converting_agrees_with_plain_decimal_arithmetic(minor: int, currency: str, into: str) -> None:
    if currency == into:
        return
    decimals = {"JPY": 0, "KWD": 3}
    given_rate, wanted = Decimal(RATES[currency]), Decimal(RATES[into])
    exact = Decimal(minor).scaleb(decimals.get(into, 2) - decimals.get(currency, 2)) * wanted / given_rate
    assert abs(convert(minor, currency, into, TABLE) - exact.quantize(Decimal(1), ROUND_HALF_EVEN)) <= 1


# The bank's file -------------------------------------------------------------------------------------------------
def test_the_banks_file_is_read() -> None:
    assert read_rates(xml(cube(), cube("JPY", "163.21")), today=DAY) == [
        Rate(DAY, "USD", 108_000_000), Rate(DAY, "JPY", 16_321_000_000),
    ]  # fmt: skip


def test_currencies_of_the_past_are_left_out() -> None:
    assert [rate.currency for rate in read_rates(xml(cube("CYP", "0.58"), cube()), today=DAY)] == ["USD"]


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"<Cube", "not well-formed"),
        (b"", "not well-formed"),
        (b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "not well-formed"),
        (b"<html><body>Moved</body></html>", "no rates"),
        (xml(), "no rates"),
        (xml(cube(rate="0")), "2026-11-23, USD: the rate is zero"),
        (xml(cube(rate="-1.08")), "not a plain decimal"),
        (xml(cube(rate="1,08")), "not a plain decimal"),
        (xml(cube(rate="N/A")), "not a plain decimal"),
        (xml(cube(rate="1.123456789")), "not a plain decimal"),
        (xml(cube("usd")), "not a currency"),
        (xml(cube("EUR", "1")), "not a currency"),
        (xml(cube(), cube()), "stands there twice"),
        (xml(cube(), day="2026-11-24"), "has not come yet"),
        (xml(cube(), day="23.11.2026"), "not a day"),
    ],
)
def test_a_file_that_cannot_be_believed_is_refused_with_its_reason(content: bytes, fault: str) -> None:
    with pytest.raises(BadRates, match=fault):
        read_rates(content, today=DAY)


# Customs ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("origin", "destination", "on", "crosses"),
    [
        ("DE", "ES", DAY, False),
        ("DE", "DE", DAY, False),
        ("US", "US", DAY, False),
        ("GB", "IE", DAY, True),
        ("GB", "IE", dt.date(2020, 12, 31), False),
        ("HR", "AT", dt.date(2013, 6, 30), True),
        ("DE", "NO", DAY, True),
        ("FR", "MC", DAY, False),
        ("DE", "TR", DAY, True),
    ],
)
def test_customs_stand_where_and_when_a_union_ends(origin: str, destination: str, on: dt.date, crosses: bool) -> None:
    assert crosses_customs(origin, destination, on) is crosses
