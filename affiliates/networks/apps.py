from __future__ import annotations

from django.apps import AppConfig


class NetworksConfig(AppConfig):
    name = "affiliates.networks"
    label = "networks"
