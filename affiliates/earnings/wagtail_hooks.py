"""Finance's corner of the Wagtail admin."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from affiliates.earnings import views
from affiliates.earnings.selectors.payouts import waiting_batches


@hooks.register("register_admin_urls")
def money_urls() -> list[URLPattern]:
    return [
        path("payouts/", views.PayoutsView.as_view(), name="earnings_payouts"),
        path("payouts/propose/", views.propose, name="earnings_propose"),
        path("payouts/<slug:ref>/", views.BatchView.as_view(), name="earnings_batch"),
        path("payouts/<slug:ref>/decide/", views.decide, name="earnings_decide"),
        path("payouts/<slug:ref>/csv/", views.batch_csv, name="earnings_batch_csv"),
        path("orders/", views.OrdersView.as_view(), name="earnings_orders"),
        path("orders/<int:number>/", views.OrderView.as_view(), name="earnings_order"),
    ]


class MoneyMenuItem(MenuItem):
    """Shown to finance and operators."""

    def is_shown(self, request: HttpRequest) -> bool:
        return views.may_see_money(request.user)


class PayoutsMenuItem(MoneyMenuItem):
    """With the number of batches that wait."""

    def render_component(self, request: HttpRequest) -> Any:
        waiting = waiting_batches()
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(
            self.name, label, self.url, icon_name=self.icon_name, classname=self.classname, attrs=self.attrs
        )


@hooks.register("register_admin_menu_item")
def payouts_menu_item() -> MenuItem:
    return PayoutsMenuItem(
        _("Payouts"), reverse("earnings_payouts"), name="payouts", icon_name="calendar-check", order=95
    )


@hooks.register("register_admin_menu_item")
def orders_menu_item() -> MenuItem:
    return MoneyMenuItem(_("Orders"), reverse("earnings_orders"), name="orders", icon_name="list-ul", order=96)
