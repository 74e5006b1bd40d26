"""What readers report about a merchant's offers, and what the merchant says to it."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from affiliates.brands.views.access import is_manager, managed_merchant, merchant_of
from affiliates.catalogue.forms import ObjectionForm
from affiliates.catalogue.models import Suspension, Ticket
from affiliates.catalogue.selectors.problems import outcome_of, problems_of
from affiliates.catalogue.services.problems import ReportRefused, may_object, object_to_ticket
from affiliates.catalogue.services.suspensions import NotPossible, object_to_suspension
from affiliates.parties.models import Merchant
from community.models import User

_PER_PAGE = 25


@never_cache
@login_required
@require_safe
def problems(request: HttpRequest) -> HttpResponse:
    """Open reports with their deadline, answered ones, and suspensions."""
    merchant = merchant_of(request)
    return _page(request, merchant)


def _page(request: HttpRequest, merchant: Merchant, **more: Any) -> HttpResponse:
    found, now = problems_of(merchant.pk), timezone.now()
    closed = Paginator(found.closed, _PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "merchant": merchant,
        "open": [(ticket, outcome_of(ticket), may_object(ticket, now)) for ticket in found.open],
        "closed": closed,
        "closed_rows": [(ticket, outcome_of(ticket), may_object(ticket, now)) for ticket in closed],
        "suspensions": found.suspensions,
        "is_manager": is_manager(request, merchant),
        "form": ObjectionForm(),
        "now": now,
        **more,
    }
    return render(request, "brands/problems.html", context, status=422 if "wrong" in more else 200)


def _back(merchant: Merchant) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('brands:problems')}?merchant={merchant.slug}")


@never_cache
@login_required
@require_POST
def object_to_report(request: HttpRequest, ref: str) -> HttpResponse:
    """A manager's side of a report; a person then looks at it."""
    merchant = managed_merchant(request)
    ticket = get_object_or_404(Ticket, ref=ref, offer__merchant=merchant)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, merchant, form=form, wrong=ref)
    try:
        object_to_ticket(
            ticket=ticket, text=form.cleaned_data["objection"], by=cast(User, request.user), now=timezone.now()
        )
        messages.success(request, _("Thank you. A person will read this and decide."))
    except ReportRefused as refused:
        messages.error(request, str(refused.reason))
    return _back(merchant)


@never_cache
@login_required
@require_POST
def object_to_suspended(request: HttpRequest) -> HttpResponse:
    """A manager's side of the shop's suspension."""
    merchant = managed_merchant(request)
    suspension = get_object_or_404(Suspension, merchant=merchant, lifted_at__isnull=True)
    form = ObjectionForm(request.POST)
    if not form.is_valid():
        return _page(request, merchant, form=form, wrong="suspension")
    try:
        object_to_suspension(
            suspension=suspension, text=form.cleaned_data["objection"], by=cast(User, request.user), now=timezone.now()
        )
        messages.success(request, _("Thank you. An operator will read this and decide."))
    except NotPossible as fault:
        messages.error(request, str(fault))
    return _back(merchant)
