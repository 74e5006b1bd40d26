"""The programmes a creator can join, apply to and leave, in the studio."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from wagtail.admin.ui.components import Component

from affiliates.earnings.selectors.programs import ProgramTerms, offered_programs, recent_decisions, terms_for
from affiliates.parties.models import Enrolment, Program
from affiliates.parties.services.joining import (
    JoiningRefused,
    apply_to_program,
    join_program,
    leave_program,
    withdraw_application,
)
from affiliates.tracking.selectors.links import unjoined_links
from community.models import Creator
from community.selectors.roles import creator_of
from guides.forms import ApplicationForm, ProgramFilterForm
from guides.views.studio import creator_asking

PROGRAMS_A_PAGE = 20


@require_safe
def programs(request: HttpRequest) -> HttpResponse:
    """All programmes in force with their terms and how the creator stands with each."""
    creator, now = creator_asking(request), timezone.now()
    form = ProgramFilterForm(request.GET)
    found = form.narrow(offered_programs(creator.pk), creator=creator)
    page = Paginator(found, PROGRAMS_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "creator": creator,
        "form": form,
        "page": page,
        "query": query.urlencode(),
        "terms": terms_for(list(page), creator_id=creator.pk, now=now),
        "unjoined": unjoined_links(creator.pk),
        "decisions": recent_decisions(creator.pk, now=now)[:5],
    }
    return render(request, "guides/studio/programs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, merchant: str, step: str) -> HttpResponse:
    """One step of the creator's: what it means is said first, then it is done."""
    creator, now = creator_asking(request), timezone.now()
    found = Program.objects.active().select_related("merchant")
    program = get_object_or_404(found, merchant__slug=merchant)
    terms = terms_for([program], creator_id=creator.pk, now=now)[0]
    if step not in {"join", "apply", "withdraw", "leave"}:
        raise Http404
    if step not in terms.steps:
        messages.error(request, _("This can no longer be done; here is how you stand."))
        return HttpResponseRedirect(reverse("studio_programs"))
    form = ApplicationForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and (step != "apply" or form.is_valid()):
        try:
            _take(step, terms, creator, form)
            messages.success(request, _done(step, terms))
        except JoiningRefused as refused:
            messages.error(request, str(refused))
        return HttpResponseRedirect(reverse("studio_programs"))
    context: dict[str, Any] = {"creator": creator, "terms": terms, "step": step, "form": form}
    return render(request, "guides/studio/program_step.html", context, status=422 if request.method == "POST" else 200)


def _take(step: str, terms: ProgramTerms, creator: Creator, form: ApplicationForm) -> None:
    now, enrolment = timezone.now(), terms.enrolment
    if step == "join":
        join_program(program=terms.program, creator=creator, now=now)
    elif step == "apply":
        apply_to_program(program=terms.program, creator=creator, message=form.cleaned_data["message"], now=now)
    elif enrolment is not None and step == "leave":
        leave_program(enrolment=enrolment, now=now)
    elif enrolment is not None:
        withdraw_application(enrolment=enrolment, now=now)


def _done(step: str, terms: ProgramTerms) -> str:
    words = {
        "join": _("You are in %(program)s. What is clicked on your links from now on earns."),
        "apply": _("Your application to %(program)s is with the brand. You hear of its answer here and by mail."),
        "leave": _("You left %(program)s. If that was a mistake, you can join again at once."),
        "withdraw": _("%(program)s: nothing waits for an answer any more."),
    }
    return words[step] % {"program": terms.program.name}


class ProgramsPanel(Component):
    """What brands decided, and links that earn nothing, on the studio's front page."""

    order = 55
    template_name = "guides/studio/_programs_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        creator = creator_of(parent_context["request"].user)
        if creator is None:
            return {}
        decisions = list(recent_decisions(creator.pk, now=timezone.now())[:5])
        return {"decisions": decisions, "unjoined": unjoined_links(creator.pk), "states": Enrolment.Status}
