"""The API under /api/v1/: each app's router, one way of saying what is wrong."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.http import Http404, HttpRequest, HttpResponse

from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from cms.core.problems import Problem, problem_response

api = NinjaAPI(
    title="Vitrina",
    version="1",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
    description="Orders in, clicks and commissions out, and what the site publishes.",
)

for _name in (
    "affiliates.parties.api",
    "affiliates.catalogue.api",
    "affiliates.tracking.api",
    "affiliates.earnings.api",
    "guides.api",
):
    if find_spec(_name):
        api.add_router("", import_module(_name).router)


@api.exception_handler(Problem)
def on_problem(request: HttpRequest, problem: Problem) -> HttpResponse:
    return problem_response(problem)


@api.exception_handler(AuthenticationError)
def on_no_key(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    detail = "Send a valid API key as Authorization: Bearer <key>."
    return problem_response(Problem(401, "Unauthorized", detail, headers={"WWW-Authenticate": "Bearer"}))


@api.exception_handler(ValidationError)
def on_invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    faults = [
        {"pointer": "/" + "/".join(str(part) for part in fault["loc"][1:]), "detail": fault["msg"]}
        for fault in error.errors
    ]
    return problem_response(Problem(400, "Bad request", errors=faults))  # type: ignore[arg-type]


@api.exception_handler(Http404)
def on_missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return problem_response(Problem(404, "Not found"))


@api.exception_handler(HttpError)
def on_http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return problem_response(Problem(error.status_code, str(error)))
