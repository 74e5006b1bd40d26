"""Cursor paging of API lists: stable under inserts, and as quick on the last page as on the first."""

from __future__ import annotations

import base64
import datetime as dt
import json
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from cms.core.problems import Problem

M = TypeVar("M", bound=Model)
LARGEST_PAGE = 500


def _encode(values: list[Any]) -> str:
    plain = [{"t": v.isoformat()} if isinstance(v, dt.datetime) else v for v in values]
    return base64.urlsafe_b64encode(json.dumps(plain).encode()).decode().rstrip("=")


def _decode(text: str, length: int) -> list[Any]:
    try:
        plain = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        values = [dt.datetime.fromisoformat(v["t"]) if isinstance(v, dict) else v for v in plain]
        if len(values) != length:
            raise ValueError("another list's cursor")
    except (ValueError, KeyError, TypeError):
        raise _foreign_cursor() from None
    return values


def _foreign_cursor() -> Problem:
    detail = "This cursor was not issued by this list."
    return Problem(400, "Bad request", errors=[{"pointer": "?cursor", "detail": detail}])


def _typed(queryset: QuerySet[M], names: list[str], values: list[Any]) -> list[Any]:
    """The values as the fields take them; a Problem for what no field of this list could hold."""
    typed = []
    for name, value in zip(names, values, strict=True):
        meta = queryset.model._meta
        field = meta.pk if name == "pk" else meta.get_field(name)
        if not isinstance(value, str | int | dt.datetime) or not hasattr(field, "to_python"):
            raise _foreign_cursor()
        try:
            typed.append(field.to_python(value))
        except (ValidationError, ValueError, TypeError, OverflowError):
            raise _foreign_cursor() from None
    return typed


def page_limit(request: HttpRequest, default: int = 100) -> int:
    """The `limit` parameter, 1 to 500; a Problem that names it otherwise."""
    raw = request.GET.get("limit", str(default))
    if not raw.isascii() or not raw.isdigit() or len(raw) > 6 or not 1 <= int(raw) <= LARGEST_PAGE:
        raise Problem(
            400,
            "Bad request",
            errors=[{"pointer": "?limit", "detail": f"Write a whole number from 1 to {LARGEST_PAGE}."}],
        )
    return int(raw)


def cursor_page(
    request: HttpRequest, queryset: QuerySet[M], *, order: tuple[str, ...], limit_default: int = 100
) -> tuple[list[M], str | None]:
    """One page of a queryset and the absolute address of the next, or None. One query.

    `order` names non-null fields, "-" for descending, and must end in a unique one.
    """
    limit = page_limit(request, limit_default)
    names = [field.lstrip("-") for field in order]
    queryset = queryset.order_by(*order)
    if cursor := request.GET.get("cursor"):
        values = _typed(queryset, names, _decode(cursor, len(order)))
        after, equal = Q(), Q()
        for field, name, value in zip(order, names, values, strict=True):
            after |= equal & Q(**{f"{name}__{'lt' if field.startswith('-') else 'gt'}": value})
            equal &= Q(**{name: value})
        queryset = queryset.filter(after)
    rows = list(queryset[: limit + 1])
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    query = request.GET.copy()
    query["cursor"] = _encode([_value(last, name) for name in names])
    return rows[:limit], f"{settings.BASE_URL}{request.path}?{urlencode(sorted(query.items()))}"


def _value(row: Any, path: str) -> Any:
    for part in path.split("__"):
        row = getattr(row, part)
    return row
