from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class EarningsConfig(AppConfig):
    name = "affiliates.earnings"
    label = "earnings"
    verbose_name = _("Earnings")

    def ready(self) -> None:
        from affiliates.earnings.services import brand_accounts, clockwork, disputes, notices

        periodic.register(
            "earnings.clockwork", 30, clockwork.tick, label=_("Approve orders and release their money"),
            backlog=clockwork.waiting_orders,
        )  # fmt: skip
        periodic.register(
            "earnings.brand_statements", 3600, brand_accounts.tick, label=_("State to brands what a month brought")
        )
        periodic.register("earnings.disputes", 600, disputes.tick, label=_("Hand unanswered disputes to finance"))
        periodic.register("earnings.notices", 120, notices.tick, label=_("Tell creators of first sales and reversals"))
