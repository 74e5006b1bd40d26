from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig


class BrandsConfig(AppConfig):
    name = "affiliates.brands"
    label = "brands"

    def ready(self) -> None:
        import_module("affiliates.brands.receivers").connect()
