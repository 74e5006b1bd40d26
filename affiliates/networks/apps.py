from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class NetworksConfig(AppConfig):
    name = "affiliates.networks"
    label = "networks"
    verbose_name = _("networks")

    def ready(self) -> None:
        queue = import_module("affiliates.networks.services.queue")
        evidence = import_module("affiliates.earnings.selectors.evidence")
        evidence.register_sources(import_module("affiliates.networks.selectors.reconciliation").sources_of_order)
        periodic.register(
            "networks.import_reports", 2, queue.process_due_reports, label=_("Import networks' reports"),
            backlog=queue.waiting_reports, when_waiting=True,
        )  # fmt: skip
