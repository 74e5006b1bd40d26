from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class EarningsConfig(AppConfig):
    name = "affiliates.earnings"
    label = "earnings"
    verbose_name = _("Earnings")

    def ready(self) -> None:
        from affiliates.earnings import receivers
        from affiliates.earnings.services import clockwork, periods, seals

        periodic.register(
            "earnings.clockwork", 30, clockwork.tick, label=_("Approve orders and release their money"),
            backlog=clockwork.waiting_orders,
        )  # fmt: skip
        periodic.register("earnings.seals", 3600, seals.seal_daily, label=_("Seal the books"))
        periodic.register(
            "earnings.statements", 600, periods.finish_statements, label=_("Issue statements of closed months"),
            backlog=periods.unfinished_months, when_waiting=True,
        )  # fmt: skip
        receivers.connect()
