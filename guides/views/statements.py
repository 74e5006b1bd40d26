"""The creator's statements in the studio."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from affiliates.earnings.models import Statement
from affiliates.earnings.selectors.statements import creators_statements
from affiliates.earnings.views.periods import csv_answer, pdf_answer, statement_context
from community.models import Creator
from community.selectors.roles import creator_of

STATEMENTS_A_PAGE = 24


def _creator(request: HttpRequest) -> Creator:
    """The creator who asks; 404 for everybody else."""
    creator = creator_of(request.user)
    if creator is None:
        raise Http404
    return creator


def _own(request: HttpRequest, ref: str) -> Statement:
    """One of the creator's own statements; 404 for all others."""
    found = Statement.objects.select_related("period", "creator").filter(creator=_creator(request))
    return get_object_or_404(found, ref=ref)


@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """All of the creator's statements, latest first."""
    creator = _creator(request)
    page = Paginator(creators_statements(creator.pk), STATEMENTS_A_PAGE).get_page(request.GET.get("p"))
    return render(request, "guides/studio/statements.html", {"creator": creator, "statements": page})


@require_safe
def statement(request: HttpRequest, ref: str) -> HttpResponse:
    """One statement, with every movement leading to its order."""
    context = statement_context(_own(request, ref), request)
    context["figure_address"] = reverse("studio_statement_transfers", args=[ref])
    return render(request, "guides/studio/statement.html", context)


@require_safe
def statement_as_csv(request: HttpRequest, ref: str) -> HttpResponse:
    """One statement as CSV."""
    return csv_answer(_own(request, ref))


@require_safe
def statement_as_pdf(request: HttpRequest, ref: str) -> HttpResponse:
    """One statement as PDF."""
    return pdf_answer(_own(request, ref))
