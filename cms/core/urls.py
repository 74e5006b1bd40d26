"""Addresses of the ground floor."""

from __future__ import annotations

from django.urls import URLPattern, path

from cms.core.assets import serve_asset

app_name = "core"
urlpatterns: list[URLPattern] = [
    path("assets/<slug:digest>/<path:path>", serve_asset, name="asset"),
]
