"""What counts as a report of an order, and how each fault in it is named."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.earnings.domain.reports import ConversionReport, Faults, LineReport, load_json, parse_report
from cms.core.domain.money import CURRENCIES

NOW = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
GOOD: dict[str, Any] = {
    "order_id": "A-1",
    "click_id": None,
    "coupon": None,
    "status": "pending",
    "currency": "EUR",
    "occurred_at": "2026-03-10T12:00:00Z",
    "customer": "new",
    "country": "DE",
    "lines": [{"line_id": "1", "sku": "X", "name": "Thing", "category": "", "quantity": 1, "amount": "10.00"}],
}


def faults(change: dict[str, Any]) -> dict[str, str]:
    """The pointers of all faults after a change to a good body; a key of None is left out."""
    body = {name: value for name, value in {**GOOD, **change}.items() if value is not ...}
    try:
        parse_report(load_json(json.dumps(body).encode()), now=NOW)
    except Faults as found:
        return {fault["pointer"]: fault["detail"] for fault in found.faults}
    return {}


def line(**change: Any) -> dict[str, Any]:
    return {"lines": [{**GOOD["lines"][0], **change}]}


def test_a_good_body_is_a_report() -> None:
    assert faults({}) == {}


@pytest.mark.parametrize("name", ["order_id", "status", "currency", "occurred_at", "lines"])
def test_what_is_missing_is_named(name: str) -> None:
    assert list(faults({name: ...})) == [f"/{name}"]


@pytest.mark.parametrize("name", ["click_id", "coupon", "customer", "country"])
def test_what_may_be_left_out_may_be_left_out(name: str) -> None:
    assert faults({name: ...}) == {}


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"order_id": ""}, "/order_id"),
        ({"order_id": "x" * 101}, "/order_id"),
        ({"order_id": " x"}, "/order_id"),
        ({"order_id": "a\x00b"}, "/order_id"),
        ({"order_id": 7}, "/order_id"),
        ({"order_id": "\ud800"}, "/order_id"),
        ({"status": "paid"}, "/status"),
        ({"status": None}, "/status"),
        ({"currency": "eur"}, "/currency"),
        ({"currency": "XXX"}, "/currency"),
        ({"occurred_at": "2026-03-10T12:00:00"}, "/occurred_at"),
        ({"occurred_at": "2026-03-10"}, "/occurred_at"),
        ({"occurred_at": "2026-02-30T12:00:00Z"}, "/occurred_at"),
        ({"occurred_at": "2026-03-10T12:05:01Z"}, "/occurred_at"),
        ({"occurred_at": "1999-03-10T12:00:00Z"}, "/occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, "/occurred_at"),
        ({"occurred_at": 1773144000}, "/occurred_at"),
        ({"customer": "old"}, "/customer"),
        ({"country": "de"}, "/country"),
        ({"country": "DEU"}, "/country"),
        ({"version": -1}, "/version"),
        ({"version": 1.5}, "/version"),
        ({"version": True}, "/version"),
        ({"version": "1"}, "/version"),
        ({"lines": []}, "/lines"),
        ({"lines": {}}, "/lines"),
        ({"lines": [1]}, "/lines/0"),
        ({"refundd": "1"}, "/refundd"),
        ({"a/b~c": "1"}, "/a~1b~0c"),
        (line(amount=10), "/lines/0/amount"),
        (line(amount=10.5), "/lines/0/amount"),
        (line(amount="10,50"), "/lines/0/amount"),
        (line(amount="-1"), "/lines/0/amount"),
        (line(amount="1e3"), "/lines/0/amount"),
        (line(amount="10.001"), "/lines/0/amount"),
        (line(amount=None), "/lines/0/amount"),
        (line(amount="٣"), "/lines/0/amount"),
        (line(refunded="10.01"), "/lines/0/refunded"),
        (line(refunded=0), "/lines/0/refunded"),
        (line(quantity=0), "/lines/0/quantity"),
        (line(quantity="2"), "/lines/0/quantity"),
        (line(line_id=1), "/lines/0/line_id"),
        (line(name="x" * 301), "/lines/0/name"),
        (line(price="1"), "/lines/0/price"),
        ({"lines": [GOOD["lines"][0]] * 2}, "/lines/1/line_id"),
        ({"lines": [GOOD["lines"][0]] * 201}, "/lines"),
    ],
)
def test_each_fault_is_named_by_its_pointer(change: dict[str, Any], pointer: str) -> None:
    assert list(faults(change)) == [pointer]


def test_all_faults_are_named_at_once() -> None:
    found = faults({"order_id": 5, "status": "x", **line(amount=1, quantity=0)})
    assert list(found) == ["/order_id", "/status", "/lines/0/amount", "/lines/0/quantity"]


@pytest.mark.parametrize("text", ["2026-03-10T12:05:00Z", "2026-03-10t13:00:00.5+01:00", "2026-03-10 12:00:00-00:00"])
def test_a_time_with_its_zone_is_taken(text: str) -> None:
    assert faults({"occurred_at": text}) == {}


def test_the_currency_says_how_many_decimals_there_are() -> None:
    assert list(faults({"currency": "JPY", **line(amount="10.5")})) == ["/lines/0/amount"]
    assert faults({"currency": "JPY", **line(amount="10.00")}) == {}
    assert faults({"currency": "KWD", **line(amount="10.125")}) == {}


def test_a_name_given_twice_is_a_fault() -> None:
    body = json.dumps(GOOD)[:-1] + ', "status": "approved"}'
    with pytest.raises(Faults, match="/status"):
        parse_report(load_json(body.encode()), now=NOW)


def test_faults_in_a_batch_point_into_the_batch() -> None:
    with pytest.raises(Faults) as found:
        parse_report({**GOOD, "status": "x"}, now=NOW, at="/17")
    assert found.value.faults[0]["pointer"] == "/17/status"


TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)
MOMENTS = st.integers(946_684_800, 1_773_144_000).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC))
LINES = st.lists(
    st.builds(
        LineReport,
        line_id=TEXTS,
        amount_minor=st.integers(10**6, 10**9).map(lambda minor: minor * 10),
        refunded_minor=st.integers(0, 10**6),
        sku=TEXTS,
        name=TEXTS,
        quantity=st.integers(1, 9),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda line: line.line_id,
).map(tuple)


@given(
    st.builds(
        ConversionReport,
        order_id=TEXTS,
        status=st.sampled_from(["pending", "approved", "reversed"]),
        currency=st.sampled_from(sorted(CURRENCIES)),
        occurred_at=MOMENTS,
        lines=LINES,
        click_id=TEXTS,
        version=st.none() | st.integers(0, 2**53 - 1),
    )
)
def test_a_report_written_out_is_read_as_it_was(report: ConversionReport) -> None:
    read = parse_report(load_json(json.dumps(report.as_json()).encode()), now=NOW)
    assert (read, read.digest) == (report, report.digest)


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda c: st.lists(c) | st.dictionaries(st.text(), c),
    )
)
def test_no_json_value_breaks_the_reader(value: Any) -> None:
    for body in (value, {**GOOD, "lines": value}, {**GOOD, "order_id": value}):
        try:
            parse_report(load_json(json.dumps(body).encode()), now=NOW)
        except Faults as found:
            assert all(fault["pointer"].startswith("/") or not fault["pointer"] for fault in found.faults)
