"""Who is in a brand's programme: applications, members and groups."""

from __future__ import annotations

import csv
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from affiliates.brands.views.access import is_manager, managed_merchant, merchant_of
from affiliates.parties.forms import EnrolmentAnswerForm, EnrolmentFilterForm, GroupForm, InvitationForm
from affiliates.parties.models import Enrolment, Merchant, Program
from affiliates.parties.selectors import (
    ENROLMENT_COLUMNS,
    applications_waiting,
    enrolment_cells,
    enrolments_listed,
    groups_of_program,
)
from affiliates.parties.services.joining import JoiningRefused
from community.models import User

CREATORS_A_PAGE = 50
APPLICATIONS_A_PAGE = 20


def program_of(merchant: Merchant) -> Program | None:
    """The merchant's programme in force. One query."""
    return Program.objects.filter(merchant=merchant, is_active=True).first()


@never_cache
@login_required
@require_safe
def members(request: HttpRequest) -> HttpResponse:
    """Applications that wait, then everybody who has to do with the programme."""
    return _page(request, merchant_of(request))


def _page(request: HttpRequest, merchant: Merchant, *, status: int = 200, **more: Any) -> HttpResponse:
    program = program_of(merchant)
    context: dict[str, Any] = {"merchant": merchant, "program": program, "is_manager": is_manager(request, merchant)}
    if program is not None:
        filters = EnrolmentFilterForm(request.GET, program=program)
        found = enrolments_listed(program_id=program.pk, **filters.narrowing())
        query = request.GET.copy()
        query["merchant"] = merchant.slug
        for name in ("page", "waiting"):
            query.pop(name, None)
        context |= {
            "filters": filters,
            "query": query.urlencode(),
            "waiting": Paginator(applications_waiting(program_id=program.pk), APPLICATIONS_A_PAGE).get_page(
                request.GET.get("waiting")
            ),
            "creators": Paginator(found, CREATORS_A_PAGE).get_page(request.GET.get("page")),
            "groups": list(groups_of_program(program.pk)),
            "form": EnrolmentAnswerForm(program=program),
            "invitation": InvitationForm(program=program, auto_id="invite_%s"),
            "group_form": GroupForm(auto_id="new_group_%s"),
        }
    return render(request, "brands/creators.html", {**context, **more}, status=status)


def _managed_program(request: HttpRequest) -> tuple[Merchant, Program]:
    merchant = managed_merchant(request)
    program = program_of(merchant)
    if program is None:
        raise Http404
    return merchant, program


def _back(merchant: Merchant) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('brands:members')}?merchant={merchant.slug}")


@never_cache
@login_required
@require_POST
def answer(request: HttpRequest, handle: str) -> HttpResponse:
    """A manager lets a creator in, declines them with a reason, or moves them to a group."""
    merchant, program = _managed_program(request)
    enrolment = get_object_or_404(Enrolment.objects.of_present(), program=program, creator__handle=handle)
    form = EnrolmentAnswerForm(request.POST, program=program)
    if not form.is_valid():
        return _page(request, merchant, status=422, form=form, wrong=handle)
    try:
        messages.success(request, form.carry_out(enrolment, by=cast(User, request.user), now=timezone.now()))
    except JoiningRefused as refused:
        messages.error(request, str(refused))
    return _back(merchant)


@never_cache
@login_required
@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """A manager invites a creator."""
    merchant, program = _managed_program(request)
    form = InvitationForm(request.POST, program=program, auto_id="invite_%s")
    if not form.is_valid():
        return _page(request, merchant, status=422, invitation=form)
    try:
        messages.success(request, form.carry_out(by=cast(User, request.user), now=timezone.now()))
    except JoiningRefused as refused:
        messages.error(request, str(refused))
    return _back(merchant)


@never_cache
@login_required
@require_POST
def new_group(request: HttpRequest) -> HttpResponse:
    """A manager makes a group."""
    merchant, program = _managed_program(request)
    form = GroupForm(request.POST, auto_id="new_group_%s")
    if not form.is_valid():
        return _page(request, merchant, status=422, group_form=form)
    try:
        messages.success(request, form.carry_out(program))
    except JoiningRefused as refused:
        messages.error(request, str(refused))
    return _back(merchant)


@never_cache
@login_required
@require_safe
def members_csv(request: HttpRequest) -> HttpResponse:
    """The listed creators, as many as there are."""
    merchant = merchant_of(request)
    program = program_of(merchant)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="creators-{merchant.slug}.csv"'
    writer = csv.writer(response)
    writer.writerow(ENROLMENT_COLUMNS)
    if program is not None:
        filters = EnrolmentFilterForm(request.GET, program=program)
        for enrolment in enrolments_listed(program_id=program.pk, **filters.narrowing()).iterator():
            writer.writerow(enrolment_cells(enrolment))
    return response
