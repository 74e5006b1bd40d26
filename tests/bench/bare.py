"""The baselines: a bare Django view that answers an empty 302 or a page's bytes, with or without middleware."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

DEFAULT_MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
_page = os.environ.get("BARE_PAGE", "")
PAGE = Path(_page).read_bytes() if _page else b""

settings.configure(
    SECRET_KEY="bench",
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=DEFAULT_MIDDLEWARE if os.environ.get("BARE_MIDDLEWARE") else [],
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
                    "django.contrib.messages"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    SESSION_ENGINE="django.contrib.sessions.backends.signed_cookies",
)  # fmt: skip


def redirect(request: HttpRequest, code: str = "") -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": "https://shop.example/"})


def page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(PAGE)


urlpatterns = [path("go", redirect), path("go/<str:code>", redirect), path("page", page)]
application = get_wsgi_application()
