from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TrackingConfig(AppConfig):
    name = "affiliates.tracking"
    label = "tracking"
    verbose_name = _("tracking")

    def ready(self) -> None:
        from affiliates.tracking import tasks
        from affiliates.tracking.handler import journal_report
        from cms.core import periodic, readiness

        periodic.register("load clicks", 0.5, tasks.load_clicks)
        periodic.register("destroy old visitor keys", 3600, tasks.destroy_visitor_keys)
        readiness.register("clicks", journal_report)
