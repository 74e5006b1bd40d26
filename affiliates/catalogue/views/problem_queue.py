"""Readers' reports in the Wagtail admin: what waits for a person, and suspended shops."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from affiliates.catalogue.forms import DecisionForm
from affiliates.catalogue.models import Suspension, Ticket
from affiliates.catalogue.selectors.problems import problem_queue
from affiliates.catalogue.services.problems import close_ticket
from affiliates.catalogue.services.suspensions import NotPossible, lift_suspension, suspend_shop
from affiliates.parties.models import Merchant
from cms.core.staff_pages import StaffPage
from community.models import User
from community.selectors.roles import is_operator, may_moderate

_PER_PAGE = 30


class ProblemQueueView(StaffPage):
    """What readers reported; what waits for a person comes first."""

    template_name = "catalogue/admin/problems.html"
    page_title = gettext_lazy("Readers' reports")
    header_icon = "warning"
    may_see = staticmethod(may_moderate)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        queue = problem_queue()
        open_tickets = queue.open.prefetch_related("reports")
        context["open"] = Paginator(open_tickets, _PER_PAGE).get_page(self.request.GET.get("p"))
        context["closed"] = queue.closed[:10]
        context["suspensions"] = queue.suspensions
        context["may_lift"] = is_operator(self.request.user)
        context["now"] = timezone.now()
        return context


@require_POST
def decide(request: HttpRequest, ref: str) -> HttpResponse:
    """Confirm a report, or say that it could not be confirmed; the reader is told."""
    if not may_moderate(request.user):
        raise PermissionDenied
    ticket = get_object_or_404(Ticket, ref=ref)
    form = DecisionForm(request.POST)
    decision = request.POST.get("decision")
    if not form.is_valid() or decision not in {"confirm", "refute"}:
        messages.error(request, _("Say in at most 400 characters what the reader is told."))
    elif ticket.closed_at is not None:
        messages.warning(request, _("Somebody else has answered this already."))
    else:
        close_ticket(
            ticket=ticket,
            confirmed=decision == "confirm",
            outcome=form.cleaned_data["outcome"],
            by=cast(User, request.user),
            now=timezone.now(),
        )
        messages.success(request, _("Answered. Those who reported it will be told."))
    return HttpResponseRedirect(reverse("catalogue_problems"))


@require_POST
def suspend(request: HttpRequest, slug: str) -> HttpResponse:
    """An operator turns a shop's buttons off."""
    if not is_operator(request.user):
        raise PermissionDenied
    merchant = get_object_or_404(Merchant, slug=slug)
    reason = request.POST.get("reason", "").strip()
    if reason:
        suspend_shop(merchant=merchant, reason=reason, by=cast(User, request.user), now=timezone.now())
        messages.success(request, _("%(shop)s is suspended: its buttons are off everywhere.") % {"shop": merchant.name})
    else:
        messages.error(request, _("Say why: the shop will read the reason."))
    return HttpResponseRedirect(reverse("catalogue_problems"))


@require_POST
def lift(request: HttpRequest, slug: str) -> HttpResponse:
    """An operator turns a shop's buttons on again, with a reason."""
    if not is_operator(request.user):
        raise PermissionDenied
    suspension = get_object_or_404(Suspension, merchant__slug=slug, lifted_at__isnull=True)
    try:
        lift_suspension(
            suspension=suspension,
            because=request.POST.get("because", ""),
            by=cast(User, request.user),
            now=timezone.now(),
        )
        messages.success(request, _("%(shop)s is back.") % {"shop": suspension.merchant.name})
    except NotPossible as fault:
        messages.error(request, str(fault))
    return HttpResponseRedirect(reverse("catalogue_problems"))
