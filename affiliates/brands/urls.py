"""The brand portal's addresses."""

from __future__ import annotations

from django.urls import path

from affiliates.brands import views

app_name = "brands"
urlpatterns = [
    path("brands/", views.report, name="report"),
    path("brands/orders.csv", views.orders_csv, name="orders_csv"),
    path("brands/report.csv", views.report_csv, name="report_csv"),
    path("brands/orders/<path:order_id>/", views.order, name="order"),
]
