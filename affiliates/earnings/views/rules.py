"""Finance looks at what programmes pay, drafts rules with what they would have cost, and prices orders thought of."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from affiliates.earnings.models import CommissionRule
from affiliates.earnings.rule_forms import PreviewForm, RuleForm
from affiliates.earnings.services.previews import cost_under, last_month
from affiliates.earnings.services.rules import RuleRefused, add_rule, end_rule
from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from affiliates.parties.models import Program


class RulesView(FinanceView):
    """The programmes in force, each with its rules and with what an order would earn."""

    template_name = "earnings/admin/rules.html"
    page_title = gettext_lazy("Commission rules")
    header_icon = "clipboard-list"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        found = Program.objects.active().select_related("merchant").order_by("merchant__name", "pk")
        context["programs"] = Paginator(found, PER_PAGE).get_page(self.request.GET.get("p"))
        return context


class _OfProgram(FinanceView):
    """A page about one programme in force."""

    parent = ("earnings_rules", gettext_lazy("Commission rules"))
    header_icon = "clipboard-list"

    def program(self) -> Program:
        """Of the merchant in the address; read once a request."""
        if not hasattr(self, "_program"):
            found = Program.objects.active().select_related("merchant")
            self._program = get_object_or_404(found, merchant__slug=self.kwargs["merchant"])
        return self._program

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["program"] = self.program()
        return context


class ProgramRulesView(_OfProgram):
    """A programme's rules, newest first, and a form for the next: its cost is shown before it is started."""

    template_name = "earnings/admin/program_rules.html"

    def get_page_title(self) -> str:
        return _("Rules of %(program)s") % {"program": self.program().name}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rules = self.program().rules.select_related("creator", "group").order_by("-version")
        context["rules"] = Paginator(rules, PER_PAGE).get_page(self.request.GET.get("p"))
        context["now"] = timezone.now()
        context.setdefault("form", RuleForm(program=self.program()))
        return context

    def post(self, request: HttpRequest, merchant: str) -> HttpResponse:
        form, now = RuleForm(request.POST, program=self.program()), timezone.now()
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        if request.POST.get("do") != "start":
            under = cost_under(draft=form.draft(now), month=last_month(now))
            return self.render_to_response(self.get_context_data(form=form, under=under))
        try:
            rule = add_rule(program=self.program(), starts_at=form.starts_at(now), now=now, **form.terms())
        except RuleRefused as refused:
            form.add_error(None, str(refused))
            return self.render_to_response(self.get_context_data(form=form), status=422)
        messages.success(request, _("Version %(version)s is written down.") % {"version": rule.version})
        return HttpResponseRedirect(reverse("earnings_program_rules", args=[merchant]))


@require_POST
def end_now(request: HttpRequest, merchant: str, version: int) -> HttpResponse:
    """A rule prices no order from now on; one that has not begun never will."""
    check_finance(request)
    rule = get_object_or_404(CommissionRule, program__merchant__slug=merchant, program__is_active=True, version=version)
    now = timezone.now()
    try:
        end_rule(rule=rule, at=max(now, rule.starts_at), now=now)
        messages.success(request, _("Version %(version)s prices no more orders.") % {"version": version})
    except RuleRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("earnings_program_rules", args=[merchant]))


class PreviewOrderView(_OfProgram):
    """What an order would earn; nothing is booked."""

    template_name = "earnings/admin/preview_order.html"

    def get_page_title(self) -> str:
        return _("What would this order earn?")

    def get_page_subtitle(self) -> str:
        return self.program().name

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = PreviewForm(request.GET if "line-0-amount" in request.GET else None, program=self.program())
        asked = form.is_bound
        preview = form.preview() if asked and form.is_valid() else None
        status = 422 if asked and preview is None else 200
        return self.render_to_response(self.get_context_data(form=form, preview=preview), status=status)


URLS = [
    path("money/rules/", RulesView.as_view(), name="earnings_rules"),
    path("money/rules/<slug:merchant>/", ProgramRulesView.as_view(), name="earnings_program_rules"),
    path("money/rules/<slug:merchant>/preview/", PreviewOrderView.as_view(), name="earnings_preview_order"),
    path("money/rules/<slug:merchant>/<int:version>/end/", end_now, name="earnings_end_rule"),
]
