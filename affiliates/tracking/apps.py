from __future__ import annotations

from functools import partial

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "affiliates.tracking"
    label = "tracking"
    verbose_name = _("tracking")

    def ready(self) -> None:
        from affiliates.catalogue import paths
        from affiliates.catalogue.selectors.not_serving import register_troubles
        from affiliates.tracking import receivers, tasks
        from affiliates.tracking.handler import journal_report
        from affiliates.tracking.selectors.link_health import dead_links
        from affiliates.tracking.selectors.links import go_paths
        from affiliates.tracking.services.loader import waiting_clicks
        from cms.core import periodic, readiness

        receivers.connect()
        periodic.register(
            "load clicks", 0.5, tasks.load_clicks, label=_("Store clicks"), backlog=waiting_clicks, per_node=True,
            quick=True,
        )  # fmt: skip
        periodic.register(
            "destroy old visitor keys", 3600, tasks.destroy_visitor_keys, label=_("Destroy old visitor keys"),
            per_node=True,
        )  # fmt: skip
        periodic.register("queue link checks", 60, tasks.queue_links, label=_("Queue links for checking"))
        periodic.register(
            "check links", 5, tasks.check_links, label=_("Check where links lead"), backlog=tasks.links_waiting
        )
        periodic.register(
            "warn readers", 30, tasks.warn_readers, label=_("Tell readers of suspended shops they went to"),
            backlog=tasks.suspensions_waiting, when_waiting=True,
        )  # fmt: skip
        register_troubles("dead_link", dead_links)
        # Pages without a creator use house links.
        paths.register_go_paths(partial(go_paths, creator_id=None, placement_ref=None))
        readiness.register("clicks", journal_report)
