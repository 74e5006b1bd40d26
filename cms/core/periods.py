"""Periods of reports: whole days, both ends included."""

from __future__ import annotations

import datetime as dt

from django.http import QueryDict

DEFAULT_DAYS = 30


def with_period(query: QueryDict, *, today: dt.date) -> QueryDict:
    """A copy of a query with `start` and `end` written in where they are missing: thirty days up to the last.

    What was given stays, sensible or not, so that the form can name what is wrong with it.
    """
    data = query.copy()
    if not data.get("end"):
        data["end"] = today.isoformat()
    if not data.get("start"):
        try:
            last = dt.date.fromisoformat(str(data["end"]))
        except ValueError:
            last = today
        data["start"] = (last - dt.timedelta(days=DEFAULT_DAYS - 1)).isoformat()
    return data
