"""The brand portal's addresses."""

from __future__ import annotations

from django.urls import path

from affiliates.brands.views import problems, reports

app_name = "brands"
urlpatterns = [
    path("brands/", reports.report, name="report"),
    path("brands/orders.csv", reports.orders_csv, name="orders_csv"),
    path("brands/report.csv", reports.report_csv, name="report_csv"),
    path("brands/orders/<path:order_id>/", reports.order, name="order"),
    path("brands/problems/", problems.problems, name="problems"),
    path("brands/problems/suspension/", problems.object_to_suspended, name="object_to_suspension"),
    path("brands/problems/<slug:ref>/", problems.object_to_report, name="object_to_report"),
]
