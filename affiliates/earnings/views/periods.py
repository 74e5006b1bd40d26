"""Finance closes months, reads their figures from both ends, and every statement."""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from affiliates.earnings.domain.periods import Month
from affiliates.earnings.models import Period, Statement
from affiliates.earnings.selectors.month_end import MonthEnd, month_end
from affiliates.earnings.selectors.periods import closed_months, next_close
from affiliates.earnings.selectors.statement_pages import statement_page
from affiliates.earnings.selectors.statements import months_statements
from affiliates.earnings.services.periods import PeriodRefused, close_period
from affiliates.earnings.services.statement_files import statement_csv, statement_pdf
from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from cms.core.domain.money import decimal_string
from cms.core.spreadsheets import safe_cell

LINES_A_PAGE = 100
MONTHS = ("earnings_periods", gettext_lazy("Months"))


def _month(text: str) -> Month:
    try:
        return Month.parse(text)
    except ValueError as error:
        raise Http404 from error


def file_answer(content: str | bytes, *, name: str, kind: str) -> HttpResponse:
    """A file to be saved."""
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def csv_answer(statement: Statement) -> HttpResponse:
    """A statement as a CSV file."""
    name = f"statement-{statement.period.month}-{statement.currency}-{statement.ref}.csv"
    return file_answer(statement_csv(statement), name=name, kind="text/csv; charset=utf-8")


def pdf_answer(statement: Statement) -> HttpResponse:
    """A statement as a PDF file."""
    name = f"statement-{statement.period.month}-{statement.currency}-{statement.ref}.pdf"
    return file_answer(statement_pdf(statement), name=name, kind="application/pdf")


def statement_context(statement: Statement, request: HttpRequest) -> dict[str, Any]:
    """What a statement's page shows; its movements by the hundred."""
    page = statement_page(statement)
    return {
        "page_of": page,
        "statement": statement,
        "lines": Paginator(page.lines, LINES_A_PAGE).get_page(request.GET.get("p")),
    }


class PeriodsView(FinanceView):
    """The month to close, with what is in its way, and the closed ones."""

    template_name = "earnings/admin/periods.html"
    page_title = gettext_lazy("Months")
    header_icon = "lock"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["turn"] = next_close(now=timezone.now())
        context["present"] = Month.of(timezone.now())
        context["months"] = Paginator(closed_months(), PER_PAGE).get_page(self.request.GET.get("p"))
        return context


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Close a month for good."""
    user, month = check_finance(request), _month(request.POST.get("month", ""))
    try:
        close_period(month=month, by=user, now=timezone.now())
    except PeriodRefused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("earnings_periods"))
    messages.success(request, _("%(month)s is closed, and its statements are issued.") % {"month": month})
    return HttpResponseRedirect(reverse("earnings_month_end", args=[str(month)]))


class MonthView(FinanceView):
    """A page about one month."""

    parent = MONTHS
    header_icon = "lock"

    def month(self) -> Month:
        return _month(self.kwargs["month"])

    def get_page_title(self) -> str:
        return _("Month-end report for %(month)s") % {"month": self.month()}


class MonthEndView(MonthView):
    """What brands owe, against what creators and the platform earned; and the statements."""

    template_name = "earnings/admin/month_end.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        month = self.month()
        context["month"], context["figures"] = month, month_end(month)
        context["period"] = Period.objects.filter(month=str(month)).select_related("seal", "closed_by").first()
        context["statements"] = Paginator(months_statements(str(month)), PER_PAGE).get_page(self.request.GET.get("p"))
        return context


def _csv_rows(month: Month, figures: list[MonthEnd]) -> list[list[str]]:
    rows = [["month", "currency", "side", "key", "name", "amount"]]
    for one in figures:

        def row(side: str, key: str, name: str, minor: int, currency: str = one.currency) -> list[str]:
            return [str(month), currency, side, key, name, decimal_string(minor, currency)]

        rows += [row("brand", part.key, part.label, part.amount_minor) for part in one.brands]
        rows += [row("creator", part.key, part.label, part.amount_minor) for part in one.creators]
        rows += [
            row("brands", "", "", one.brands_minor),
            row("creators", "", "", one.creators_minor),
            row("platform", "", "", one.platform_minor),
            row("rounding", "", "", one.rounding_minor),
            row("difference", "", "", one.difference_minor),
            row("paid", "", "", one.paid_minor),
        ]
    return rows


@require_safe
def month_end_csv(request: HttpRequest, month: str) -> HttpResponse:
    """The month-end report as CSV: every part, the sums, and the difference."""
    check_finance(request)
    asked = _month(month)
    response = file_answer("", name=f"month-end-{asked}.csv", kind="text/csv; charset=utf-8")
    writer = csv.writer(response)
    for row in _csv_rows(asked, month_end(asked)):
        writer.writerow([safe_cell(cell) for cell in row])
    return response


def _statement(ref: str) -> Statement:
    return get_object_or_404(Statement.objects.select_related("period", "creator"), ref=ref)


class StatementView(FinanceView):
    """A creator's statement as the creator sees it."""

    template_name = "earnings/admin/statement.html"
    parent = MONTHS
    header_icon = "doc-full"

    def get_page_title(self) -> str:
        return _("Statement %(ref)s") % {"ref": self.kwargs["ref"]}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        address = f"{reverse('earnings_figure', args=['statement'])}?ref={self.kwargs['ref']}"
        return context | statement_context(_statement(self.kwargs["ref"]), self.request) | {"figure_address": address}


@require_safe
def finance_csv(request: HttpRequest, ref: str) -> HttpResponse:
    """A statement as CSV."""
    check_finance(request)
    return csv_answer(_statement(ref))


@require_safe
def finance_pdf(request: HttpRequest, ref: str) -> HttpResponse:
    """A statement as PDF."""
    check_finance(request)
    return pdf_answer(_statement(ref))


URLS = [
    path("money/months/", PeriodsView.as_view(), name="earnings_periods"),
    path("money/months/close/", close, name="earnings_close_period"),
    path("money/months/<slug:month>/", MonthEndView.as_view(), name="earnings_month_end"),
    path("money/months/<slug:month>/csv/", month_end_csv, name="earnings_month_end_csv"),
    path("money/statements/<slug:ref>/", StatementView.as_view(), name="earnings_statement"),
    path("money/statements/<slug:ref>/csv/", finance_csv, name="earnings_statement_csv"),
    path("money/statements/<slug:ref>/pdf/", finance_pdf, name="earnings_statement_pdf"),
]
