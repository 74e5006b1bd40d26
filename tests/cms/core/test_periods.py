from __future__ import annotations

import datetime as dt

from django.http import QueryDict

import pytest

from cms.core.periods import with_period
from cms.core.spreadsheets import safe_cell

TODAY = dt.date(2026, 3, 31)


@pytest.mark.parametrize(
    ("query", "start", "end"),
    [
        ("", "2026-03-02", "2026-03-31"),
        ("end=2026-03-10", "2026-02-09", "2026-03-10"),
        ("start=2026-01-01", "2026-01-01", "2026-03-31"),
        ("end=nonsense", "2026-03-02", "nonsense"),
    ],
)
def test_a_period_is_thirty_days_up_to_its_last_unless_said_otherwise(query: str, start: str, end: str) -> None:
    data = with_period(QueryDict(query), today=TODAY)
    assert (data["start"], data["end"]) == (start, end)


@pytest.mark.parametrize("text", ["=1+1", "+cmd", "-2+3", "@SUM(A1)", "\tx", "\rx"])
def test_what_a_spreadsheet_would_run_is_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-12.50", "12", "Kettle", ""])
def test_numbers_and_words_stay_as_they_are(text: str) -> None:
    assert safe_cell(text) == text
