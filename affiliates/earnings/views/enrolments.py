"""Who is in which programme, for finance and operators."""

from __future__ import annotations

import csv
from typing import Any, cast

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from affiliates.parties.forms import EnrolmentAnswerForm, EnrolmentFilterForm, GroupForm, InvitationForm
from affiliates.parties.models import Enrolment, GroupMembership, Program
from affiliates.parties.selectors import ENROLMENT_COLUMNS, applications_waiting, enrolment_cells, enrolments_listed
from affiliates.parties.services.joining import JoiningRefused
from community.models import User


class EnrolmentsView(FinanceView):
    """Applications of all programmes first, then everybody, filtered."""

    template_name = "earnings/admin/enrolments.html"
    page_title = gettext_lazy("Creators in programmes")
    header_icon = "group"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        filters = EnrolmentFilterForm(self.request.GET, program=None)
        query = self.request.GET.copy()
        query.pop("p", None)
        context["waiting"] = Paginator(applications_waiting(), PER_PAGE).get_page(1)
        context["form"], context["query"] = filters, query.urlencode()
        context["creators"] = Paginator(enrolments_listed(**filters.narrowing()), PER_PAGE).get_page(
            self.request.GET.get("p")
        )
        context["programs"] = Program.objects.active().select_related("merchant").order_by("merchant__name", "pk")
        return context


class EnrolmentView(FinanceView):
    """One creator in one programme: when they were in it, and what can be done."""

    template_name = "earnings/admin/enrolment.html"
    parent = ("earnings_enrolments", gettext_lazy("Creators in programmes"))
    header_icon = "group"

    def enrolment(self) -> Enrolment:
        """What is asked for, read once a request."""
        if not hasattr(self, "_enrolment"):
            found = Enrolment.objects.of_present().select_related("program__merchant", "creator__user", "decided_by")
            self._enrolment = get_object_or_404(found, pk=self.kwargs["pk"])
        return self._enrolment

    def get_page_title(self) -> str:
        return str(self.enrolment().creator)

    def get_page_subtitle(self) -> str:
        return self.enrolment().program.name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        enrolment = self.enrolment()
        held = GroupMembership.objects.filter(group__program=enrolment.program, creator=enrolment.creator)
        context["enrolment"], context["stays"] = enrolment, enrolment.stays.order_by("-starts_at")
        context["memberships"] = held.select_related("group").order_by("-starts_at")
        context.setdefault("form", EnrolmentAnswerForm(program=enrolment.program))
        return context

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = EnrolmentAnswerForm(request.POST, program=self.enrolment().program)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        try:
            said = form.carry_out(self.enrolment(), by=cast(User, request.user), now=timezone.now())
            messages.success(request, said)
        except JoiningRefused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("earnings_enrolment", args=[pk]))


class ProgramCreatorsView(FinanceView):
    """Invite somebody to a programme, or make a group."""

    template_name = "earnings/admin/program_creators.html"
    parent = ("earnings_enrolments", gettext_lazy("Creators in programmes"))
    header_icon = "group"

    def program(self) -> Program:
        """The programme in force of the merchant in the address."""
        found = Program.objects.active().select_related("merchant")
        return get_object_or_404(found, merchant__slug=self.kwargs["merchant"])

    def get_page_title(self) -> str:
        return self.program().name

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        program = self.program()
        context["program"], context["groups"] = program, list(program.groups.all())
        context.setdefault("invitation", InvitationForm(program=program, auto_id="invite_%s"))
        context.setdefault("group_form", GroupForm(auto_id="new_group_%s"))
        return context

    def post(self, request: HttpRequest, merchant: str) -> HttpResponse:
        program, now = self.program(), timezone.now()
        is_group = request.POST.get("make") == "group"
        group_form = GroupForm(request.POST if is_group else None, auto_id="new_group_%s")
        invitation = InvitationForm(None if is_group else request.POST, program=program, auto_id="invite_%s")
        if not (group_form if is_group else invitation).is_valid():
            return self.render_to_response(
                self.get_context_data(invitation=invitation, group_form=group_form), status=422
            )
        try:
            said = (
                group_form.carry_out(program)
                if is_group
                else invitation.carry_out(by=cast(User, request.user), now=now)
            )
            messages.success(request, said)
        except JoiningRefused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("earnings_program_creators", args=[merchant]))


@require_safe
def enrolments_csv(request: HttpRequest) -> HttpResponse:
    """The listed creators, as many as there are."""
    check_finance(request)
    filters = EnrolmentFilterForm(request.GET, program=None)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="creators-in-programmes.csv"'
    writer = csv.writer(response)
    writer.writerow(ENROLMENT_COLUMNS)
    for enrolment in enrolments_listed(**filters.narrowing()).iterator():
        writer.writerow(enrolment_cells(enrolment))
    return response


URLS = [
    path("programme-creators/", EnrolmentsView.as_view(), name="earnings_enrolments"),
    path("programme-creators/file.csv", enrolments_csv, name="earnings_enrolments_csv"),
    path("programme-creators/<int:pk>/", EnrolmentView.as_view(), name="earnings_enrolment"),
    path("programme-creators/of/<slug:merchant>/", ProgramCreatorsView.as_view(), name="earnings_program_creators"),
]
