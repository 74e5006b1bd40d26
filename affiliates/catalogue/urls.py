"""The catalogue's addresses."""

from __future__ import annotations

from django.urls import path

from affiliates.catalogue.views import problems, products

app_name = "catalogue"
urlpatterns = [
    path("products/<slug:slug>/", products.product, name="product"),
    path("products/<slug:slug>/problem/<slug:merchant>/", problems.report, name="report_problem"),
    path("problems/", problems.own_reports, name="own_reports"),
    path("problems/<slug:ref>/", problems.ticket, name="ticket"),
]
