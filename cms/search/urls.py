"""The search page's address."""

from __future__ import annotations

from django.urls import path

from cms.search import views

urlpatterns = [path("search/", views.search, name="search")]
