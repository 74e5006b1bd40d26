"""Addresses beside the page tree."""

from __future__ import annotations

from django.urls import path

from guides import views

app_name = "guides"
urlpatterns = [path("@<slug:handle>", views.handle, name="handle")]
