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
        fetching = import_module("affiliates.catalogue.services.feed_fetching")
        runs = import_module("affiliates.catalogue.services.feed_runs")
        jobs = import_module("affiliates.catalogue.tasks")
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
        periodic.register("catalogue.queue_shop_pictures", 600, jobs.queue_pictures, label=_("Queue shops' pictures"))
        periodic.register(
            "catalogue.fetch_shop_pictures", 5, jobs.fetch_pictures, label=_("Fetch shops' pictures"),
            backlog=jobs.shop_pictures_waiting, when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "catalogue.index_missing_products", 60, search_index.index_missing_products,
            label=_("Make products findable"), backlog=search_index.waiting_products, when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "catalogue.answer_tickets", 10, jobs.answer_tickets, label=_("Settle readers' reports"),
            backlog=jobs.tickets_waiting,
        )  # fmt: skip
        periodic.register(
            "catalogue.answer_reporters", 15, jobs.mail_reporters, label=_("Answer readers' reports by mail"),
            backlog=jobs.answers_waiting,
        )  # fmt: skip
        periodic.register(
            "catalogue.tell_shops", 30, jobs.mail_shops, label=_("Tell shops of decisions by mail"),
            backlog=jobs.shops_waiting, when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "catalogue.watch_answers", 600, jobs.watch_answers, label=_("Tell of late answers to readers' reports"),
            backlog=jobs.late_answers,
        )  # fmt: skip
        periodic.register(
            "catalogue.end_offers", 60, jobs.end_offers, label=_("End offers whose time is up"),
            backlog=jobs.offers_to_end, when_waiting=True,
        )  # fmt: skip
        periodic.register("catalogue.queue_checks", 60, jobs.queue_checks, label=_("Queue offers for checking"))
        periodic.register(
            "catalogue.check_offers", 5, jobs.check_offers, label=_("Check shops' pages"), backlog=jobs.checks_waiting
        )
        periodic.register(
            "catalogue.propose_matches", 60, jobs.propose_matches, label=_("Propose products that may be one"),
            backlog=jobs.matches_waiting,
        )  # fmt: skip
        periodic.register(
            "catalogue.roll_up_readings", 600, jobs.roll_up, label=_("Sum up old readings"),
            backlog=jobs.readings_waiting,
        )  # fmt: skip
        periodic.register(
            "catalogue.clear_old_checks", 3600, jobs.clear_checks, label=_("Clear away old checks and imports"),
            backlog=jobs.old_rows_waiting,
        )  # fmt: skip
        periodic.register(
            "catalogue.import_rates", 86_400, rates.refresh_rates, label=_("Fetch reference rates of exchange")
        )
