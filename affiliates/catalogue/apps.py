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
        fetching = import_module("affiliates.catalogue.services.feed_fetching")
        runs = import_module("affiliates.catalogue.services.feed_runs")
        periodic.register(
            "catalogue.fetch_feeds", 15, fetching.fetch_due_feeds, label=_("Fetch feeds"),
            backlog=fetching.waiting_feeds, when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "catalogue.import_feeds", 2, runs.process_due_runs, label=_("Import feeds"), backlog=runs.waiting_runs,
            when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "catalogue.watch_feeds", 300, fetching.watch_feeds, label=_("Tell of feeds that bring nothing")
        )
        periodic.register("catalogue.tidy_feed_files", 86_400, runs.tidy_files, label=_("Delete old feed files"))
        periodic.register(
            "catalogue.draw_missing_pictures", 5, pictures.draw_missing_pictures,
            label=_("Draw pictures for products without one"), backlog=pictures.waiting_pictures, when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "catalogue.index_missing_products", 60, search_index.index_missing_products,
            label=_("Make products findable"), backlog=search_index.waiting_products, when_waiting=True,
        )  # fmt: skip
