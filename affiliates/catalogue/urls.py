"""The catalogue's addresses."""

from __future__ import annotations

from django.urls import path

from affiliates.catalogue.views import products

app_name = "catalogue"
urlpatterns = [path("products/<slug:slug>/", products.product, name="product")]
