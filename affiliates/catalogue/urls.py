"""The catalogue's addresses."""

from __future__ import annotations

from django.urls import path

from affiliates.catalogue import views

app_name = "catalogue"
urlpatterns = [path("products/<slug:slug>/", views.product, name="product")]
