"""Finance and the brands: statements, payments, disputes that brands did not answer, and adjustments by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from affiliates.earnings.domain.validation import Channel
from affiliates.earnings.finance_forms import AdjustmentForm, BrandPaymentForm, CaseForm, StatementForm
from affiliates.earnings.models import Adjustment, Dispute, SaleClaim
from affiliates.earnings.selectors.brand_accounts import brand_payments, brand_statements, statement_lines
from affiliates.earnings.selectors.disputes import claims_of, disputes_of
from affiliates.earnings.services.adjustments import (
    AdjustmentRefused,
    approve_adjustment,
    propose_adjustment,
    reject_adjustment,
)
from affiliates.earnings.services.brand_accounts import PaymentRefused, issue_statement, record_brand_payment
from affiliates.earnings.services.claims import answer_claim
from affiliates.earnings.services.disputes import DisputeRefused, answer_dispute
from affiliates.earnings.views.finance import FinanceView, check_finance
from community.models import User

PER_PAGE = 50
A_MOMENT = dt.timedelta(minutes=6)


class BrandMoneyView(FinanceView):
    """What brands were told they owe, what they paid, and the form for a payment."""

    template_name = "earnings/admin/brand_money.html"
    page_title = gettext_lazy("Brands' money")
    header_icon = "table"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = self.request.GET.get("p")
        context["statements"] = Paginator(brand_statements(), PER_PAGE).get_page(page)
        context["payments"] = brand_payments()[:PER_PAGE]
        context.setdefault("form", BrandPaymentForm())
        context.setdefault("statement_form", StatementForm())
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        """Record a payment."""
        form = BrandPaymentForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                record_brand_payment(
                    merchant=data["merchant"],
                    currency=data["currency"],
                    amount_minor=data["amount_minor"],
                    reference=data["reference"],
                    paid_on=data["paid_on"],
                    by=cast(User, request.user),
                    now=timezone.now(),
                )
                messages.success(request, _("The payment is booked."))
                return HttpResponseRedirect(reverse("earnings_brand_money"))
            except PaymentRefused as refused:
                form.add_error(None, str(refused))
        return self.render_to_response(self.get_context_data(form=form), status=422)


class IssueStatementView(BrandMoneyView):
    """State to one brand what it owes up to now."""

    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = StatementForm(request.POST)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(statement_form=form), status=422)
        data, now = form.cleaned_data, timezone.now()
        made = issue_statement(
            merchant=data["statement_merchant"],
            currency=data["statement_currency"],
            ends_at=now - A_MOMENT,
            now=now,
            by=cast(User, request.user),
        )
        if made is None:
            messages.info(request, _("This brand owes nothing new in this currency."))
            return HttpResponseRedirect(reverse("earnings_brand_money"))
        return HttpResponseRedirect(reverse("earnings_brand_statement", args=[made.ref]))


class BrandStatementView(FinanceView):
    """One statement, line by line."""

    template_name = "earnings/admin/brand_statement.html"
    parent = ("earnings_brand_money", gettext_lazy("Brands' money"))
    header_icon = "table"

    def get_page_title(self) -> str:
        return _("Statement %(ref)s") % {"ref": self.kwargs["ref"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = get_object_or_404(brand_statements(), ref=self.kwargs["ref"])
        context["statement"] = found
        context["lines"] = Paginator(statement_lines(found), PER_PAGE).get_page(self.request.GET.get("p"))
        return context


class DisputesView(FinanceView):
    """Disputes and claims that are open; those that brands did not answer are finance's to decide."""

    template_name = "earnings/admin/disputes.html"
    page_title = gettext_lazy("Disputes")
    header_icon = "comment"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["disputes"] = disputes_of().filter(decided_at__isnull=True)[:PER_PAGE]
        context["claims"] = claims_of().filter(decided_at__isnull=True)[:PER_PAGE]
        context.setdefault("form", CaseForm())
        return context


@require_POST
def decide_dispute(request: HttpRequest, ref: str) -> HttpResponse:
    """Decide a dispute that the brand did not answer."""
    user = check_finance(request)
    dispute = get_object_or_404(Dispute, ref=ref, escalated_at__isnull=False)
    form = CaseForm(request.POST)
    if not form.is_valid():
        return _asked_again(request, form, ref)
    data = form.cleaned_data
    try:
        answer_dispute(
            dispute=dispute,
            granted=data["granted"],
            answer=data["answer"],
            by=user,
            channel=Channel.ADMIN,
            now=timezone.now(),
        )
        messages.success(request, _("The dispute is decided."))
    except DisputeRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("earnings_disputes"))


@require_POST
def decide_claim(request: HttpRequest, ref: str) -> HttpResponse:
    """Decide a claim that the brand did not answer."""
    user = check_finance(request)
    claim = get_object_or_404(SaleClaim.objects.select_related("merchant"), ref=ref, escalated_at__isnull=False)
    form = CaseForm(request.POST, currency=claim.merchant.currency)
    if not form.is_valid():
        return _asked_again(request, form, ref)
    data = form.cleaned_data
    try:
        answer_claim(
            claim=claim,
            granted=data["granted"],
            answer=data["answer"],
            amount_minor=data["amount"],
            by=user,
            channel=Channel.ADMIN,
            now=timezone.now(),
        )
        messages.success(request, _("The claim is decided."))
    except DisputeRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("earnings_disputes"))


def _asked_again(request: HttpRequest, form: CaseForm, ref: str) -> HttpResponse:
    """The page with what is wrong beside the case."""
    request.method = "GET"
    answer = DisputesView.as_view(extra_context={"form": form, "wrong": ref})(request)
    answer.status_code = 422
    return answer


class AdjustmentsView(FinanceView):
    """Adjustments that wait, those that were decided, and the form for another."""

    template_name = "earnings/admin/adjustments.html"
    page_title = gettext_lazy("Adjustments")
    header_icon = "order"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = Adjustment.objects.select_related("creator__user", "proposed_by", "decided_by")
        context["adjustments"] = Paginator(found, PER_PAGE).get_page(self.request.GET.get("p"))
        context.setdefault("form", AdjustmentForm())
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        """Propose an adjustment."""
        form = AdjustmentForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                propose_adjustment(
                    creator=data["creator"],
                    currency=data["currency"],
                    debit_kind=data["debit_kind"],
                    credit_kind=data["credit_kind"],
                    amount_minor=data["amount_minor"],
                    reason=data["reason"],
                    by=cast(User, request.user),
                    now=timezone.now(),
                )
                messages.success(request, _("The adjustment is proposed. Somebody else has to approve it."))
                return HttpResponseRedirect(reverse("earnings_adjustments"))
            except AdjustmentRefused as refused:
                form.add_error(None, str(refused))
        return self.render_to_response(self.get_context_data(form=form), status=422)


@require_POST
def decide_adjustment(request: HttpRequest, ref: str) -> HttpResponse:
    """Approve or reject an adjustment."""
    user, adjustment = check_finance(request), get_object_or_404(Adjustment, ref=ref)
    try:
        if request.POST.get("decision") == "approve":
            approve_adjustment(adjustment=adjustment, by=user, now=timezone.now())
            messages.success(request, _("The adjustment is approved and booked."))
        else:
            reject_adjustment(adjustment=adjustment, by=user, now=timezone.now())
            messages.success(request, _("The adjustment is rejected."))
    except AdjustmentRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("earnings_adjustments"))


def urls() -> list[URLPattern]:
    """These screens' addresses."""
    return [
        path("brand-money/", BrandMoneyView.as_view(), name="earnings_brand_money"),
        path("brand-money/statement/", IssueStatementView.as_view(), name="earnings_issue_statement"),
        path("brand-money/<slug:ref>/", BrandStatementView.as_view(), name="earnings_brand_statement"),
        path("disputes/", DisputesView.as_view(), name="earnings_disputes"),
        path("disputes/<slug:ref>/", decide_dispute, name="earnings_decide_dispute"),
        path("disputes/claims/<slug:ref>/", decide_claim, name="earnings_decide_claim"),
        path("adjustments/", AdjustmentsView.as_view(), name="earnings_adjustments"),
        path("adjustments/<slug:ref>/", decide_adjustment, name="earnings_decide_adjustment"),
    ]
