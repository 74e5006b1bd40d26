from __future__ import annotations

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    name = "affiliates.brands"
    label = "brands"
