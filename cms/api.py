"""The API under /api/v1/: each app's router, one way of saying what is wrong."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from affiliates.catalogue import api as catalogue
from affiliates.earnings import api as earnings
from affiliates.tracking import api as tracking
from cms.core.problems import Problem, problem_response
from guides import api as guides

api = NinjaAPI(
    title="Vitrina",
    version="1",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
    description="Orders in, clicks and commissions out, and what the site publishes.",
)

for router in (catalogue.router, tracking.router, earnings.router, guides.router):
    api.add_router("", router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(AuthenticationError)
def on_no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = "Send a valid API key as Authorization: Bearer <key>."
    return problem_response(Problem(401, "Unauthorized", detail, headers={"WWW-Authenticate": "Bearer"}))


def _pointer(place: tuple[str | int, ...]) -> str:
    """Where a fault stands: `?name` in the query, a JSON pointer in the body (whose first two parts name the body)."""
    if place and place[0] == "query":
        return "?" + ".".join(str(part) for part in place[1:])
    return "/" + "/".join(str(part) for part in place[2:])


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [{"pointer": _pointer(fault["loc"]), "detail": fault["msg"]} for fault in error.errors]
    return problem_response(Problem(400, "Bad request", errors=faults))  # type: ignore[arg-type]


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(Problem(404, "Not found"))


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(Problem(error.status_code, str(error)))
