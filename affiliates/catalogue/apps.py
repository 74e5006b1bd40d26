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
        search_index = import_module("affiliates.catalogue.services.search_index")
        periodic.register("catalogue.draw_missing_pictures", 5, pictures.draw_missing_pictures)
        periodic.register("catalogue.index_missing_products", 60, search_index.index_missing_products)
        jobs = import_module("affiliates.catalogue.tasks")
        periodic.register("catalogue.answer_tickets", 10, jobs.answer_tickets)
        periodic.register("catalogue.answer_reporters", 15, jobs.mail_reporters)
        import_module("affiliates.catalogue.receivers").connect()
