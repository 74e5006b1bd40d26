"""Addresses beside the page tree."""

from __future__ import annotations

from django.urls import path

from guides.views import short_addresses

app_name = "guides"
urlpatterns = [path("@<slug:handle>", short_addresses.handle, name="handle")]
