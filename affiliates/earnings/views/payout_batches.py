"""Finance's steps with a batch that has left: files, outcomes, and accounts that are shared."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from affiliates.earnings.domain.payout_methods import Method
from affiliates.earnings.models import Payout, PayoutBatch, SharedAccount
from affiliates.earnings.payout_forms import EndForm, OutcomesForm
from affiliates.earnings.services.payout_ends import PayoutRefused, confirm_payout, reject_payout, return_payout
from affiliates.earnings.services.payout_outcomes import OutcomeFaults, record_outcomes
from affiliates.earnings.services.payout_profiles import CaseRefused
from affiliates.earnings.services.payout_profiles import close_case as close
from affiliates.earnings.services.payout_sending import file_of
from community.models import User
from community.selectors.roles import is_finance, is_operator

#: More than this a page of messages does not need.
FAULTS_SHOWN = 20


def _finance(request: HttpRequest) -> User:
    if not (is_finance(request.user) or is_operator(request.user)):
        raise PermissionDenied
    return cast(User, request.user)


def _back(ref: str) -> HttpResponse:
    return HttpResponseRedirect(reverse("earnings_batch", args=[ref]))


@require_safe
@never_cache
def payout_file(request: HttpRequest, ref: str, method: str) -> HttpResponse:
    """The file that carries a batch's payouts of one way, with whole account numbers."""
    _finance(request)
    batch = get_object_or_404(PayoutBatch, ref=ref)
    body = file_of(batch, Method(method)) if method in set(Method) else None
    if body is None:
        raise Http404
    kind, ending = ("application/xml", "xml") if method == Method.SEPA else ("text/csv; charset=utf-8", "csv")
    response = HttpResponse(body, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{method}-{batch.ref}.{ending}"'
    return response


@require_POST
def end_payout(request: HttpRequest, ref: str) -> HttpResponse:
    """Record how one payout ended."""
    user, now, form = _finance(request), timezone.now(), EndForm(request.POST)
    payout = get_object_or_404(Payout.objects.select_related("batch"), ref=ref)
    if not form.is_valid():
        messages.error(request, _("Say how payout %(ref)s ended, in at most 200 signs.") % {"ref": ref})
        return _back(payout.batch.ref)
    ends, words = form.cleaned_data["ends"], form.cleaned_data["words"]
    try:
        if ends == "paid":
            confirm_payout(payout=payout, by=user, now=now, reference=words)
        elif ends == "returned":
            return_payout(payout=payout, by=user, now=now, reason=words)
        else:
            reject_payout(payout=payout, by=user, now=now, reason=words)
        messages.success(request, _("Recorded for payout %(ref)s.") % {"ref": ref})
    except PayoutRefused as refusal:
        messages.error(request, str(refusal))
    return _back(payout.batch.ref)


@require_POST
def upload_outcomes(request: HttpRequest, ref: str) -> HttpResponse:
    """Record what a bank's or a service's list says, all of it or nothing."""
    user, form = _finance(request), OutcomesForm(request.POST, request.FILES)
    batch = get_object_or_404(PayoutBatch, ref=ref)
    if not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
        return _back(ref)
    try:
        count = record_outcomes(batch=batch, body=form.cleaned_data["file"].read(), by=user, now=timezone.now())
        messages.success(request, _("Outcomes recorded: %(count)s.") % {"count": count})
    except OutcomeFaults as faults:
        messages.error(request, _("Nothing was recorded."))
        for fault in faults.faults[:FAULTS_SHOWN]:
            messages.error(request, fault)
    return _back(ref)


@require_POST
def close_case(request: HttpRequest, fingerprint: str) -> HttpResponse:
    """Agree that creators share an account."""
    user, case = _finance(request), get_object_or_404(SharedAccount, fingerprint=fingerprint)
    try:
        close(case=case, by=user, note=request.POST.get("note", ""), now=timezone.now())
        messages.success(request, _("The case is closed; these creators are paid again."))
    except CaseRefused as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("earnings_payouts"))
