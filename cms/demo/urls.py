"""The demo's shops and the tour. Every address answers 404 where the demo is off."""

from __future__ import annotations

from django.urls import path, re_path

from cms.demo import views

app_name = "demo"
urlpatterns = [
    re_path(r"^_demo/shop/(?P<host>[a-z0-9.-]+)/(?P<rest>.*)$", views.shop, name="shop"),
    path("_demo/buy/<slug:merchant>/", views.buy, name="buy"),
    path("_demo/change/<slug:merchant>/<path:order_id>/", views.change, name="change"),
    path("_demo/orders/<slug:merchant>/<path:order_id>/", views.order, name="order"),
    path("tour/", views.tour, name="tour"),
]
