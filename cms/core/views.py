"""Answers for machines that watch the site, and the pages of last resort."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseServerError, JsonResponse
from django.shortcuts import render
from django.template import loader

from cms.core import readiness


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the process lives."""
    return HttpResponse("ok", content_type="text/plain", headers={"Cache-Control": "no-store"})


def readyz(request: HttpRequest) -> HttpResponse:
    """200 while the process can do its work, 503 with what is missing otherwise."""
    checks: dict[str, Any] = readiness.report()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        checks["database"] = "ok"
    except DatabaseError:
        checks["database"] = "unreachable"
    ready = checks["database"] == "ok" and readiness.all_ready()
    return JsonResponse(checks, status=200 if ready else 503, headers={"Cache-Control": "no-store"})


def robots(request: HttpRequest) -> HttpResponse:
    """What crawlers may read: everything public but redirects, private corners and filtered copies."""
    lines = ["User-agent: *", "Disallow: /go/", "Disallow: /cms/", "Disallow: /account/", "Disallow: /brands/"]
    lines += ["Disallow: /choose/", "Disallow: /_demo/", "", f"Sitemap: {settings.BASE_URL}/sitemap.xml", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain")


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The site's 404; problem+json below /api/."""
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": "Not found", "status": 404}
        return JsonResponse(body, status=404, content_type="application/problem+json")
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The 500 page: no context processors, no database."""
    if request.path.startswith("/api/"):
        body = {"type": "about:blank", "title": "Internal server error", "status": 500}
        return JsonResponse(body, status=500, content_type="application/problem+json")
    return HttpResponseServerError(loader.get_template("500.html").render({}))
