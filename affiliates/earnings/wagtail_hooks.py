"""Finance's corner of the Wagtail admin: payout batches, and orders with what became of their money."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from wagtail import hooks
from wagtail.admin.menu import Menu, MenuItem, SubmenuMenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.permissions import register_permission_policy

from affiliates.earnings.domain.payout_methods import Method
from affiliates.earnings.domain.payouts import minimum_minor
from affiliates.earnings.forms import CouponForm, DecisionForm, HoldingForm, OrderFilterForm, ProposeForm
from affiliates.earnings.models import BankMapping, Conversion, Coupon, PayoutBatch, PayoutProfile
from affiliates.earnings.payout_forms import EndForm, OutcomesForm
from affiliates.earnings.selectors.audit import currency_totals
from affiliates.earnings.selectors.brand_accounts import order_changes
from affiliates.earnings.selectors.coupons import held_coupons
from affiliates.earnings.selectors.evidence import evidence, messages_of, sources_of
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.selectors.history import conversion_history
from affiliates.earnings.selectors.payout_preview import candidates
from affiliates.earnings.selectors.payout_profiles import open_cases
from affiliates.earnings.selectors.payouts import awaiting_approval, batches, payable_now, waiting_batches
from affiliates.earnings.selectors.volume_tiers import bonus_of_order
from affiliates.earnings.services.coupons import create_coupon, hand_over_coupon
from affiliates.earnings.services.payout_sending import hand_over_batch
from affiliates.earnings.services.payouts import (
    PayoutRefused,
    approve_batch,
    mark_batch_sent,
    propose_payouts,
    reject_batch,
)
from affiliates.earnings.services.previews import rules_that_lost
from affiliates.earnings.views import (
    bank,
    brand_money,
    enrolments,
    ledger,
    payout_batches,
    payout_details,
    periods,
    rules,
    taxes,
    volume_tiers,
)
from affiliates.earnings.views.finance import PER_PAGE, FinanceView, MoneyMenuItem, check_finance
from affiliates.parties.viewsets import RolePolicy
from cms.core.domain.money import CURRENCIES, decimal_string
from cms.core.spreadsheets import safe_cell
from community.models import User
from community.selectors.roles import is_finance, is_operator


class PayoutsView(FinanceView):
    """Batches that wait first, then the others; what could be proposed; the books' totals."""

    template_name = "earnings/admin/payouts.html"
    page_title = gettext_lazy("Payouts")
    header_icon = "calendar-check"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["waiting"] = awaiting_approval(for_user=cast(User, self.request.user))
        context["batches"] = Paginator(batches(), PER_PAGE).get_page(self.request.GET.get("p"))
        context["cases"] = open_cases()
        context["payable"] = payable_now(now=timezone.now())
        context["form"] = ProposeForm()
        context["totals"] = currency_totals()
        context["has_other"] = any(row.other_minor for row in context["totals"])
        context["as_of"] = timezone.now()
        return context


class PreviewView(FinanceView):
    """Whom a batch of a currency would pay now, and why not the others."""

    template_name = "earnings/admin/preview.html"
    parent = ("earnings_payouts", gettext_lazy("Payouts"))
    header_icon = "calendar-check"

    def get_page_title(self) -> str:
        return _("Next batch in %(currency)s") % {"currency": self.kwargs["currency"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        if self.kwargs["currency"] not in CURRENCIES:
            raise Http404
        found = candidates(self.kwargs["currency"], now=timezone.now())
        context["currency"] = self.kwargs["currency"]
        context["paid"] = [one for one in found if not one.reason]
        context["waiting"] = [one for one in found if one.reason]
        context["total_minor"] = sum(one.balance_minor for one in context["paid"])
        context["no_rate"] = any(one.reason == "no_rate" for one in found)
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
            PayoutBatch.objects.select_related("proposed_by", "approved_by", "handed_by", "sent_by", "rejected_by"),
            ref=self.kwargs["ref"],
        )
        context["batch"] = batch
        payouts = batch.payouts.select_related("creator__user", "profile", "quote")
        context["payouts"] = list(payouts.order_by("creator__display_name", "pk"))
        left = {payout.method for payout in context["payouts"] if batch.handed_at and payout.handed_at}
        context["files"] = [(m.value, m.label) for m in PayoutProfile.Method if m in left and m != Method.PROVIDER]
        context["quotes"] = batch.quotes.order_by("into")
        context["end_form"], context["outcomes_form"] = EndForm(auto_id=False), OutcomesForm()
        context["own_proposal"] = batch.proposed_by_id == self.request.user.pk
        context["minimum_minor"] = minimum_minor(batch.currency)
        context.setdefault("form", DecisionForm())
        return context


@require_POST
def propose(request: HttpRequest) -> HttpResponse:
    """Propose a batch of one currency."""
    user, form = check_finance(request), ProposeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a currency that somebody has money in."))
        return HttpResponseRedirect(reverse("earnings_payouts"))
    try:
        batch = propose_payouts(by=user, currency=form.cleaned_data["currency"], now=timezone.now())
    except PayoutRefused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("earnings_payouts"))
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
            elif data["decision"] == "hand_over":
                hand_over_batch(batch=batch, by=user, now=now)
                messages.success(request, _("The batch is handed over. Its files can be downloaded."))
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
    check_finance(request)
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
        context["lost"] = rules_that_lost(conversion)
        context["bonus"] = bonus_of_order(conversion)
        context["history"] = conversion_history(conversion)
        context["changes"] = order_changes(conversion.pk)
        context["evidence"], context["reports"] = evidence(conversion), messages_of(conversion)
        context["sources"] = sources_of(conversion)
        context["is_disputed"] = conversion.disputes.filter(decided_at__isnull=True).exists()
        return context


def _said_in(form: HoldingForm, refusal: ValidationError) -> None:
    """What a service refuses, beside the field it is about."""
    for name, errors in refusal.message_dict.items():
        for error in errors:
            form.add_error(name if name in form.fields else None, error)


class CouponsView(FinanceView):
    """All coupon codes with their holders, and a form for a new one."""

    template_name = "earnings/admin/coupons.html"
    page_title = gettext_lazy("Codes")
    header_icon = "tag"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = Paginator(Coupon.objects.order_by("merchant__name", "folded", "pk"), PER_PAGE).get_page(
            self.request.GET.get("p")
        )
        shown = Coupon.objects.filter(pk__in=[coupon.pk for coupon in page])
        context["page"], context["coupons"] = page, held_coupons(shown, now=timezone.now())
        context.setdefault("form", CouponForm())
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        form, now = CouponForm(request.POST), timezone.now()
        if form.is_valid():
            data = form.cleaned_data | {"from_at": form.cleaned_data["from_at"] or now}
            try:
                coupon = create_coupon(**data, by=cast(User, request.user), now=now)
            except ValidationError as refusal:
                _said_in(form, refusal)
            else:
                messages.success(request, _("The code is given out."))
                return HttpResponseRedirect(reverse("earnings_coupon", args=[coupon.ref]))
        return self.render_to_response(self.get_context_data(form=form), status=422)


class CouponView(FinanceView):
    """One code: whose it was and is, and handing it over."""

    template_name = "earnings/admin/coupon.html"
    parent = ("earnings_coupons", gettext_lazy("Codes"))
    header_icon = "tag"

    def get_page_title(self) -> str:
        return self.coupon().code

    def coupon(self) -> Coupon:
        return get_object_or_404(Coupon.objects.select_related("merchant"), ref=self.kwargs["ref"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        coupon = self.coupon()
        context["coupon"] = coupon
        context["holdings"] = coupon.holdings.select_related("creator__user", "given_by").order_by("-starts_at")
        context.setdefault("form", HoldingForm())
        return context

    def post(self, request: HttpRequest, ref: str) -> HttpResponse:
        form, now = HoldingForm(request.POST), timezone.now()
        if form.is_valid():
            data = form.cleaned_data | {"from_at": form.cleaned_data["from_at"] or now}
            try:
                hand_over_coupon(coupon=self.coupon(), **data, by=cast(User, request.user), now=now)
            except ValidationError as refusal:
                _said_in(form, refusal)
            else:
                messages.success(request, _("Saved."))
                return HttpResponseRedirect(reverse("earnings_coupon", args=[ref]))
        return self.render_to_response(self.get_context_data(form=form), status=422)


@hooks.register("register_admin_urls")
def money_urls() -> list[URLPattern]:
    return [
        *brand_money.urls(),
        path("payouts/", PayoutsView.as_view(), name="earnings_payouts"),
        path("payouts/propose/", propose, name="earnings_propose"),
        path("payouts/next/<slug:currency>/", PreviewView.as_view(), name="earnings_preview"),
        path("payouts/cases/<slug:fingerprint>/", payout_batches.close_case, name="earnings_close_case"),
        path("payouts/ends/<slug:ref>/", payout_batches.end_payout, name="earnings_end_payout"),
        path("payouts/<slug:ref>/outcomes/", payout_batches.upload_outcomes, name="earnings_outcomes"),
        path("payouts/<slug:ref>/file/<slug:method>/", payout_batches.payout_file, name="earnings_payout_file"),
        path("earnings/payout/", payout_details.details, name="studio_payout_details"),
        path("earnings/payout/change/", payout_details.change, name="studio_payout_change"),
        path("payouts/<slug:ref>/", BatchView.as_view(), name="earnings_batch"),
        path("payouts/<slug:ref>/decide/", DecideView.as_view(), name="earnings_decide"),
        path("payouts/<slug:ref>/csv/", batch_csv, name="earnings_batch_csv"),
        *bank.URLS,
        *ledger.URLS,
        *periods.URLS,
        *enrolments.URLS,
        *rules.URLS,
        *taxes.URLS,
        *volume_tiers.URLS,
        path("coupons/", CouponsView.as_view(), name="earnings_coupons"),
        path("coupons/<slug:ref>/", CouponView.as_view(), name="earnings_coupon"),
        path("orders/", OrdersView.as_view(), name="earnings_orders"),
        path("orders/<slug:merchant>/<path:order_id>/", OrderView.as_view(), name="earnings_order"),
    ]


register_permission_policy(
    BankMapping, RolePolicy(BankMapping, roles={"Operators": is_operator, "Finance": is_finance})
)


class BankMappingViewSet(ModelViewSet):
    """How banks' tables are read."""

    model = BankMapping
    icon = "table"
    menu_label = gettext_lazy("Bank mappings")
    copy_view_enabled = False
    list_display = ["name", "slug", "account", "currency"]
    form_fields = ["name", "slug", "account", "currency", "delimiter", "decimal_mark", "date_order", "columns"]


@hooks.register("register_admin_viewset")
def bank_mappings() -> BankMappingViewSet:
    return BankMappingViewSet("earnings_bank_mappings", url_prefix="bank-mappings")


class PayoutsMenuItem(MoneyMenuItem):
    """With the number of batches that wait."""

    def render_component(self, request: HttpRequest) -> Any:
        waiting = waiting_batches()
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(
            self.name, label, self.url, icon_name=self.icon_name, classname=self.classname, attrs=self.attrs
        )


#: Apps above add theirs by the hook.
money_menu = Menu(register_hook_name="register_money_menu_item")


@hooks.register("register_admin_menu_item")
def money_menu_item() -> MenuItem:
    return SubmenuMenuItem(gettext_lazy("Money"), money_menu, name="money", icon_name="calendar-check", order=95)


_MENU = (
    (MoneyMenuItem, gettext_lazy("Orders"), "earnings_orders", "orders", "list-ul"),
    (PayoutsMenuItem, gettext_lazy("Payouts"), "earnings_payouts", "payouts", "calendar-check"),
    (MoneyMenuItem, gettext_lazy("Brands' money"), "earnings_brand_money", "brand-money", "table"),
    (MoneyMenuItem, gettext_lazy("Disputes"), "earnings_disputes", "disputes", "comment"),
    (MoneyMenuItem, gettext_lazy("Adjustments"), "earnings_adjustments", "adjustments", "order"),
    (MoneyMenuItem, gettext_lazy("Creators in programmes"), "earnings_enrolments", "enrolments", "group"),
    (MoneyMenuItem, gettext_lazy("Commission rules"), "earnings_rules", "rules", "clipboard-list"),
    (MoneyMenuItem, gettext_lazy("Codes"), "earnings_coupons", "coupons", "tag"),
    (MoneyMenuItem, gettext_lazy("Volume tiers"), "earnings_tiers", "tiers", "order-up"),
    (MoneyMenuItem, gettext_lazy("Months"), "earnings_periods", "months", "lock"),
    (MoneyMenuItem, gettext_lazy("Ledger"), "earnings_ledger", "ledger", "clipboard-list"),
    (MoneyMenuItem, gettext_lazy("Bank"), "earnings_bank", "bank", "download"),
    (MoneyMenuItem, gettext_lazy("Unexplained money"), "earnings_suspense", "suspense", "warning"),
)


def _entry(place: int) -> Callable[[], MenuItem]:
    kind, label, address, name, icon = _MENU[place]
    return lambda: kind(label, reverse(address), name=name, icon_name=icon, order=(place + 1) * 100)


for _place in range(len(_MENU)):
    hooks.register("register_money_menu_item", _entry(_place))
