from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from cms.core import periodic


class EarningsConfig(AppConfig):
    name = "affiliates.earnings"
    label = "earnings"
    verbose_name = _("Earnings")

    def ready(self) -> None:
        from django.utils import timezone

        from affiliates.earnings import receivers
        from affiliates.earnings.services import (
            brand_accounts,
            clockwork,
            disputes,
            notices,
            payout_mail,
            payout_sending,
            periods,
            seals,
        )

        receivers.connect()
        periodic.register(
            "earnings.clockwork", 30, clockwork.tick, label=_("Approve orders and release their money"),
            backlog=clockwork.waiting_orders,
        )  # fmt: skip
        periodic.register("earnings.seals", 3600, seals.seal_daily, label=_("Seal the books"))
        periodic.register(
            "earnings.statements", 600, periods.finish_statements, label=_("Issue statements of closed months"),
            backlog=periods.unfinished_months, when_waiting=True,
        )  # fmt: skip
        periodic.register(
            "earnings.payouts", 30, lambda: payout_sending.send_due_payouts(now=timezone.now()),
            label=_("Send payouts through the provider and ask what became of them"),
            backlog=payout_sending.waiting_payouts,
        )  # fmt: skip
        periodic.register(
            "earnings.payout_mail", 60, lambda: payout_mail.tell_creators(now=timezone.now()),
            label=_("Tell creators what became of their payouts"),
        )  # fmt: skip
        periodic.register(
            "earnings.brand_statements", 3600, brand_accounts.tick, label=_("State to brands what a month brought")
        )
        periodic.register("earnings.disputes", 600, disputes.tick, label=_("Hand unanswered disputes to finance"))
        periodic.register("earnings.notices", 120, notices.tick, label=_("Tell creators of first sales and reversals"))
