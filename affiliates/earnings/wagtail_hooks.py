"""Finance's corner of the Wagtail admin: payout batches, and orders with what became of their money."""

from __future__ import annotations

import csv
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem

from affiliates.earnings.domain.payouts import minimum_minor
from affiliates.earnings.forms import DecisionForm, OrderFilterForm, ProposeForm
from affiliates.earnings.models import Conversion, PayoutBatch
from affiliates.earnings.selectors.audit import currency_totals
from affiliates.earnings.selectors.brand_accounts import order_changes
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.selectors.history import conversion_history
from affiliates.earnings.selectors.payouts import awaiting_approval, batches, payable_now, waiting_batches
from affiliates.earnings.services.payouts import (
    PayoutRefused,
    approve_batch,
    mark_batch_sent,
    propose_payouts,
    reject_batch,
)
from affiliates.earnings.views import brand_money
from affiliates.earnings.views.finance import FinanceView, checked_user, may_see_money
from cms.core.domain.money import decimal_string
from cms.core.spreadsheets import safe_cell
from community.models import User

PER_PAGE = 50


class PayoutsView(FinanceView):
    """Batches that wait first, then the others; what could be proposed; the books' totals."""

    template_name = "earnings/admin/payouts.html"
    page_title = gettext_lazy("Payouts")
    header_icon = "calendar-check"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["waiting"] = awaiting_approval(for_user=cast(User, self.request.user))
        context["batches"] = Paginator(batches(), PER_PAGE).get_page(self.request.GET.get("p"))
        context["payable"] = payable_now()
        context["form"] = ProposeForm()
        context["totals"] = currency_totals()
        context["has_other"] = any(row.other_minor for row in context["totals"])
        context["as_of"] = timezone.now()
        return context


class BatchView(FinanceView):
    """One batch: its items, and the next step for whoever may take it."""

    template_name = "earnings/admin/batch.html"
    parent = ("earnings_payouts", gettext_lazy("Payouts"))
    header_icon = "calendar-check"

    def get_page_title(self) -> str:
        return _("Payout batch %(ref)s") % {"ref": self.kwargs["ref"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        batch = get_object_or_404(
            PayoutBatch.objects.select_related("proposed_by", "approved_by", "sent_by", "rejected_by"),
            ref=self.kwargs["ref"],
        )
        context["batch"] = batch
        context["payouts"] = batch.payouts.select_related("creator__user").order_by("creator__display_name", "pk")
        context["own_proposal"] = batch.proposed_by_id == self.request.user.pk
        context["minimum_minor"] = minimum_minor(batch.currency)
        context.setdefault("form", DecisionForm())
        return context


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a batch of one currency."""
    user, form = checked_user(request), ProposeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a currency that somebody has money in."))
        return HttpResponseRedirect(reverse("earnings_payouts"))
    batch = propose_payouts(by=user, currency=form.cleaned_data["currency"], now=timezone.now())
    if batch is None:
        messages.info(request, _("Nobody has enough available in this currency."))
        return HttpResponseRedirect(reverse("earnings_payouts"))
    messages.success(request, _("The batch is proposed. Somebody else has to approve it."))
    return HttpResponseRedirect(reverse("earnings_batch", args=[batch.ref]))


class DecideView(BatchView):
    """Approve, reject or mark a batch as sent; a refusal says why, and what was typed stays."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        user = cast(User, request.user)
        batch, form, now = get_object_or_404(PayoutBatch, ref=ref), DecisionForm(request.POST), timezone.now()
        if not form.is_valid():
            for errors in form.errors.values():
                messages.error(request, " ".join(str(error) for error in errors))
            return self.render_to_response(self.get_context_data(form=form), status=400)
        data = form.cleaned_data
        try:
            if data["decision"] == "approve":
                approve_batch(batch=batch, by=user, now=now)
                messages.success(request, _("The batch is approved and can be sent."))
            elif data["decision"] == "reject":
                reject_batch(batch=batch, by=user, reason=data["reason"], now=now)
                messages.success(request, _("The batch is rejected; the money is available again."))
            else:
                mark_batch_sent(batch=batch, by=user, now=now, reference=data["reference"])
                messages.success(request, _("The batch is marked as sent."))
        except PayoutRefused as refusal:
            messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("earnings_batch", args=[ref]))


@require_safe
def batch_csv(request: HttpRequest, ref: str) -> HttpResponse:
    """The items of a batch, for the bank."""
    checked_user(request)
    batch = get_object_or_404(PayoutBatch, ref=ref)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="payouts-{batch.ref}.csv"'
    writer = csv.writer(response)
    writer.writerow(["batch", "state", "payout", "creator", "name", "currency", "amount", "proposed_at", "as_of"])
    for payout in batch.payouts.select_related("creator").order_by("pk"):
        cells = [
            batch.ref, batch.state, payout.ref, payout.creator.handle, str(payout.creator), payout.currency,
            decimal_string(payout.amount_minor, payout.currency), batch.proposed_at.isoformat(),
            timezone.now().isoformat(timespec="seconds"),
        ]  # fmt: skip
        writer.writerow([safe_cell(cell) for cell in cells])
    return response


class OrdersView(FinanceView):
    """All orders, latest first."""

    template_name = "earnings/admin/orders.html"
    page_title = gettext_lazy("Orders")
    header_icon = "list-ul"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = OrderFilterForm(self.request.GET)
        found = Conversion.objects.select_related("merchant", "creator", "placement").prefetch_related("lines")
        if form.is_valid():
            data = form.cleaned_data
            if data["q"]:
                found = found.filter(order_id__startswith=data["q"])
            if data["merchant"]:
                found = found.filter(merchant=data["merchant"])
            if data["status"]:
                found = found.filter(status=data["status"])
            if data["uncredited"]:
                found = found.exclude(reason="")
        query = self.request.GET.copy()
        query.pop("p", None)
        context["query"] = query.urlencode()
        context["form"] = form
        context["orders"] = Paginator(found.order_by("-occurred_at", "-pk"), PER_PAGE).get_page(
            self.request.GET.get("p")
        )
        return context


class OrderView(FinanceView):
    """One order: its lines, why it earned what it earned, and every message and transfer about it."""

    template_name = "earnings/admin/order.html"
    parent = ("earnings_orders", gettext_lazy("Orders"))
    header_icon = "list-ul"

    def get_page_title(self) -> str:
        return _("Order %(number)s") % {"number": self.conversion().order_id}

    def conversion(self) -> Conversion:
        """The order, read once a request."""
        if not hasattr(self, "_conversion"):
            found = Conversion.objects.select_related(
                "merchant", "creator", "placement", "program", "click"
            ).prefetch_related("lines")
            self._conversion = get_object_or_404(
                found, merchant__slug=self.kwargs["merchant"], order_id=self.kwargs["order_id"]
            )
        return self._conversion

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        conversion = self.conversion()
        context["conversion"], context["explanation"] = conversion, explain(conversion)
        context["history"] = conversion_history(conversion)
        context["changes"] = order_changes(conversion.pk)
        context["is_disputed"] = conversion.disputes.filter(decided_at__isnull=True).exists()
        return context


@hooks.register("register_admin_urls")
def money_urls() -> list[URLPattern]:
    return [
        *brand_money.urls(),
        path("payouts/", PayoutsView.as_view(), name="earnings_payouts"),
        path("payouts/propose/", propose, name="earnings_propose"),
        path("payouts/<slug:ref>/", BatchView.as_view(), name="earnings_batch"),
        path("payouts/<slug:ref>/decide/", DecideView.as_view(), name="earnings_decide"),
        path("payouts/<slug:ref>/csv/", batch_csv, name="earnings_batch_csv"),
        path("orders/", OrdersView.as_view(), name="earnings_orders"),
        path("orders/<slug:merchant>/<path:order_id>/", OrderView.as_view(), name="earnings_order"),
    ]


class MoneyMenuItem(MenuItem):
    """Shown to finance and operators."""

    def is_shown(self, request: HttpRequest) -> bool:
        return may_see_money(request.user)


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
        gettext_lazy("Payouts"),
        reverse("earnings_payouts"),
        name="payouts",
        icon_name="calendar-check",
        order=95,
    )


@hooks.register("register_admin_menu_item")
def orders_menu_item() -> MenuItem:
    return MoneyMenuItem(
        gettext_lazy("Orders"), reverse("earnings_orders"), name="orders", icon_name="list-ul", order=96
    )


@hooks.register("register_admin_menu_item")
def brand_money_menu_item() -> MenuItem:
    label = gettext_lazy("Brands' money")
    return MoneyMenuItem(label, reverse("earnings_brand_money"), name="brand-money", icon_name="table", order=97)


@hooks.register("register_admin_menu_item")
def disputes_menu_item() -> MenuItem:
    label = gettext_lazy("Disputes")
    return MoneyMenuItem(label, reverse("earnings_disputes"), name="disputes", icon_name="comment", order=98)


@hooks.register("register_admin_menu_item")
def adjustments_menu_item() -> MenuItem:
    label = gettext_lazy("Adjustments")
    return MoneyMenuItem(label, reverse("earnings_adjustments"), name="adjustments", icon_name="order", order=99)
