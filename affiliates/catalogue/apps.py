from __future__ import annotations

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class CatalogueConfig(AppConfig):
    name = "affiliates.catalogue"
    label = "catalogue"
    verbose_name = _("catalogue")

    def ready(self) -> None:
        pictures = import_module("affiliates.catalogue.services.pictures")
        rates = import_module("affiliates.catalogue.services.rates")
        receivers = import_module("affiliates.catalogue.receivers")
        search_index = import_module("affiliates.catalogue.services.search_index")
        receivers.connect()
        lanes = import_module("affiliates.catalogue.selectors.lanes")
        panels = import_module("affiliates.parties.panels")
        panels.register_merchant_panel("catalogue/admin/_merchant_lanes.html", lanes.lanes_panel)
        periodic.register("catalogue.draw_missing_pictures", 5, pictures.draw_missing_pictures)
        periodic.register("catalogue.index_missing_products", 60, search_index.index_missing_products)
        jobs = import_module("affiliates.catalogue.tasks")
        periodic.register("catalogue.answer_tickets", 10, jobs.answer_tickets)
        periodic.register("catalogue.answer_reporters", 15, jobs.mail_reporters)
        periodic.register("catalogue.queue_checks", 60, jobs.queue_checks)
        periodic.register("catalogue.check_offers", 5, jobs.check_offers)
        periodic.register("catalogue.propose_matches", 60, jobs.propose_matches)
        periodic.register("catalogue.roll_up_readings", 600, jobs.roll_up)
        periodic.register("catalogue.clear_old_checks", 3600, jobs.clear_checks)
        periodic.register("catalogue.import_rates", 86_400, rates.refresh_rates)
