"""Errors of the API as RFC 9457 problem documents."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, TypedDict

from django.http import HttpResponse


class Fault(TypedDict):
    """One thing wrong with a request: where (JSON pointer) and what."""

    pointer: str
    detail: str


class Problem(Exception):
    """Raised anywhere below an API view; becomes `application/problem+json`."""

    def __init__(
        self,
        status: int,
        title: str,
        detail: str = "",
        errors: Sequence[Fault] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(title)
        self.status, self.title, self.detail, self.errors = status, title, detail, list(errors)
        self.headers = headers or {}

    def document(self) -> dict[str, Any]:
        """The problem as JSON-ready data."""
        body: dict[str, Any] = {"type": "about:blank", "title": self.title, "status": self.status}
        if self.detail:
            body["detail"] = self.detail
        if self.errors:
            body["errors"] = self.errors
        return body


def problem_response(problem: Problem) -> HttpResponse:
    """The HTTP answer of a problem."""
    return HttpResponse(
        json.dumps(problem.document(), ensure_ascii=False),
        status=problem.status,
        content_type="application/problem+json",
        headers={"Cache-Control": "no-store", **problem.headers},
    )
