"""What a brand's programme pays, what an order would earn, and what a drafted rule would have cost last month."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from affiliates.brands.views.access import is_manager, managed_merchant, merchant_of
from affiliates.earnings.rule_forms import PreviewForm, RuleForm
from affiliates.earnings.services.previews import cost_under, last_month
from affiliates.parties.models import Merchant, Program

RULES_SHOWN = 100


def _program(merchant: Merchant) -> Program | None:
    return Program.objects.filter(merchant=merchant, is_active=True).select_related("merchant").first()


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force and to come; a manager drafts one and sees what last month would have cost under it."""
    merchant = managed_merchant(request) if request.method == "POST" else merchant_of(request)
    program, now = _program(merchant), timezone.now()
    manages = is_manager(request, merchant)
    context: dict[str, Any] = {"merchant": merchant, "program": program, "is_manager": manages}
    status = 200
    if program is not None:
        found = program.rules.select_related("creator", "group").order_by("-version")
        context["rules"] = [rule for rule in found[:RULES_SHOWN] if not rule.is_over]
        form = RuleForm(request.POST if request.method == "POST" else None, program=program)
        if form.is_bound and form.is_valid():
            context["under"] = cost_under(draft=form.draft(now), month=last_month(now))
        elif form.is_bound:
            status = 422
        context["form"] = form
    return render(request, "brands/rules.html", context, status=status)


@never_cache
@login_required
@require_safe
def preview(request: HttpRequest) -> HttpResponse:
    """What an order would earn; nothing is booked."""
    merchant = merchant_of(request)
    program = _program(merchant)
    context: dict[str, Any] = {"merchant": merchant, "program": program}
    status = 200
    if program is not None:
        form = PreviewForm(request.GET if "line-0-amount" in request.GET else None, program=program)
        context["form"] = form
        if form.is_bound:
            context["preview"] = form.preview() if form.is_valid() else None
            status = 200 if context["preview"] else 422
    return render(request, "brands/preview.html", context, status=status)
