from __future__ import annotations

from django.apps import AppConfig


class EarningsConfig(AppConfig):
    name = "affiliates.earnings"
    label = "earnings"
