from __future__ import annotations

from django.urls import path

from affiliates.tracking import views

app_name = "tracking"

urlpatterns = [
    path("go/<str:code>", views.go, name="go"),
    path("go/<str:code>/", views.go),
    path(".well-known/traffic-advice", views.traffic_advice, name="traffic_advice"),
]
