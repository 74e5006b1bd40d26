from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class DemoConfig(AppConfig):
    name = "cms.demo"
    label = "demo"

    def ready(self) -> None:
        if settings.DEMO_SHOP:
            periodic.register(
                "demo.renew_prices",
                600,
                import_module("cms.demo.services.shops").renew_prices,
                label=_("Confirm the demo shops' prices"),
            )
            periodic.register(
                "demo.renew_rates",
                600,
                import_module("cms.demo.services.rates").renew_rates,
                label=_("Date the demo's rates of exchange"),
            )
