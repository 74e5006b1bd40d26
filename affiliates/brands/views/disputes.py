"""What creators dispute or claim, and the brand's answers."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from affiliates.brands.forms import AnswerForm
from affiliates.brands.views.access import is_manager, managed_merchant, merchant_of
from affiliates.earnings.domain.validation import Channel
from affiliates.earnings.models import Dispute, SaleClaim
from affiliates.earnings.selectors.disputes import claims_of, disputes_of
from affiliates.earnings.services.claims import answer_claim
from affiliates.earnings.services.disputes import DisputeRefused, answer_dispute
from affiliates.parties.models import Merchant
from cms.core.domain.money import parse_amount
from community.models import User

CLOSED_SHOWN = 50


@never_cache
@login_required
@require_safe
def disputes(request: HttpRequest) -> HttpResponse:
    """Open disputes and claims with their deadlines, then the latest decided ones."""
    return _page(request, merchant_of(request))


def _page(request: HttpRequest, merchant: Merchant, *, status: int = 200, **more: Any) -> HttpResponse:
    cases, claims = disputes_of(merchant.pk), claims_of(merchant.pk)
    context = {
        "merchant": merchant,
        "is_manager": is_manager(request, merchant),
        "disputes": cases.filter(decided_at__isnull=True),
        "claims": claims.filter(decided_at__isnull=True),
        "decided": cases.filter(decided_at__isnull=False).order_by("-decided_at")[:CLOSED_SHOWN],
        "decided_claims": claims.filter(decided_at__isnull=False).order_by("-decided_at")[:CLOSED_SHOWN],
        "form": AnswerForm(),
        **more,
    }
    return render(request, "brands/disputes.html", context, status=status)


def _back(merchant: Merchant) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('brands:disputes')}?merchant={merchant.slug}")


@never_cache
@login_required
@require_POST
def answer_to_dispute(request: HttpRequest, ref: str) -> HttpResponse:
    """A manager undoes a reversal, or says why it stands."""
    merchant = managed_merchant(request)
    dispute = get_object_or_404(Dispute, ref=ref, conversion__merchant=merchant)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, merchant, status=422, form=form, wrong=ref)
    try:
        answer_dispute(
            dispute=dispute,
            granted=form.cleaned_data["granted"],
            answer=form.cleaned_data["answer"],
            by=cast(User, request.user),
            channel=Channel.PORTAL,
            now=timezone.now(),
        )
        messages.success(request, _("Your answer is written down, and the creator sees it."))
    except DisputeRefused as refused:
        messages.error(request, str(refused))
    return _back(merchant)


@never_cache
@login_required
@require_POST
def answer_to_claim(request: HttpRequest, ref: str) -> HttpResponse:
    """A manager grants a claim with the order's worth, or says why not."""
    merchant = managed_merchant(request)
    claim = get_object_or_404(SaleClaim, ref=ref, merchant=merchant)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, merchant, status=422, form=form, wrong=ref)
    data = form.cleaned_data
    try:
        amount = parse_amount(data["amount"], merchant.currency) if data["amount"] else None
    except ValueError:
        form.add_error("amount", _("Write an amount in %(currency)s, such as 12.50.") % {"currency": merchant.currency})
        return _page(request, merchant, status=422, form=form, wrong=ref)
    try:
        answer_claim(
            claim=claim,
            granted=data["granted"],
            answer=data["answer"],
            amount_minor=amount,
            by=cast(User, request.user),
            channel=Channel.PORTAL,
            now=timezone.now(),
        )
        messages.success(request, _("Your answer is written down, and the creator sees it."))
    except DisputeRefused as refused:
        messages.error(request, str(refused))
    return _back(merchant)
