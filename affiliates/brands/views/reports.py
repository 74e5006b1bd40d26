"""The brand portal: what a merchant's own people may see of its programme."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from affiliates.brands.forms import AnswerForm, OrderDecisionForm, ReportForm
from affiliates.brands.views.access import is_manager, merchant_of
from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.brand_accounts import order_changes
from affiliates.earnings.selectors.evidence import evidence
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.selectors.reports import Scope, commission_report, conversions_for
from affiliates.earnings.selectors.volume_tiers import bonus_of_order
from affiliates.earnings.services.previews import rules_that_lost
from affiliates.parties.models import Merchant
from affiliates.parties.selectors import applications_waiting, memberships_of
from cms.core.domain.money import decimal_string
from cms.core.periods import with_period
from cms.core.spreadsheets import safe_cell

ORDERS_A_PAGE = 25


def report_form(request: HttpRequest, merchant: Merchant) -> ReportForm:
    """The form with the period in force written into it, so that nobody has to guess what is shown."""
    today = timezone.now().date()
    data = with_period(request.GET, today=today)
    data.setdefault("group", "day")
    return ReportForm(data, merchant=merchant, today=today)


@never_cache
@login_required
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Totals per currency, a chart by day, the rows and the orders behind them."""
    try:
        merchant = merchant_of(request)
    except Http404:
        # The footer leads everybody here; who acts for no brand is told what this is.
        return render(request, "brands/nobody.html", status=404)
    form = report_form(request, merchant)
    context: dict[str, Any] = {"merchant": merchant, "form": form}
    context["applications"] = applications_waiting(merchant_id=merchant.pk).count()
    context["merchants"] = [member.merchant for member in memberships_of(request.user).select_related("merchant")]
    if not form.is_valid():
        return render(request, "brands/report.html", context, status=400)
    scope, filters, now = Scope(merchant_id=merchant.pk), form.filters(), timezone.now()
    context["report"] = commission_report(scope=scope, filters=filters, group_by=form.group_by, now=now)
    context["by_day"] = (
        context["report"]
        if form.group_by == "day"
        else commission_report(scope=scope, filters=filters, group_by="day", now=now)
    )
    orders = conversions_for(scope=scope, filters=filters)
    context["orders"] = Paginator(orders, ORDERS_A_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context["query"] = query.urlencode()
    return render(request, "brands/report.html", context)


@never_cache
@login_required
@require_safe
def order(request: HttpRequest, order_id: str) -> HttpResponse:
    """One order of this merchant: its lines and why its creator earned what they earned."""
    merchant = merchant_of(request)
    conversion = get_object_or_404(Conversion, merchant=merchant, order_id=order_id)
    return render(request, "brands/order.html", order_context(request, merchant, conversion))


def order_context(request: HttpRequest, merchant: Merchant, conversion: Conversion) -> dict[str, Any]:
    """What an order's page shows."""
    return {
        "merchant": merchant,
        "conversion": conversion,
        "explanation": explain(conversion),
        "lost": rules_that_lost(conversion),
        "evidence": evidence(conversion),
        "bonus": bonus_of_order(conversion),
        "lines": conversion.lines.order_by("pk"),
        "changes": order_changes(conversion.pk),
        "disputes": conversion.disputes.select_related("creator").order_by("pk"),
        "is_manager": is_manager(request, merchant),
        "form": OrderDecisionForm(),
        "answer_form": AnswerForm(),
    }


class _Echo:
    """A file that hands back what csv writes to it."""

    def write(self, value: str) -> str:
        return value


def csv_answer(rows: Iterable[list[str]], name: str) -> StreamingHttpResponse:
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for row in rows:
            yield writer.writerow([safe_cell(value) for value in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response


def _checked(request: HttpRequest) -> tuple[Merchant, ReportForm]:
    merchant = merchant_of(request)
    form = report_form(request, merchant)
    if not form.is_valid():
        raise Http404
    return merchant, form


@never_cache
@login_required
@require_safe
def report_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The report's rows; the head of the file names basis, zone, days and time."""
    merchant, form = _checked(request)
    filters = form.filters()
    answer = commission_report(
        scope=Scope(merchant_id=merchant.pk), filters=filters, group_by=form.group_by, now=timezone.now()
    )
    head = [
        [_("Dated by"), _("the day of the order (occurred_at), UTC")],
        [_("First day"), filters.from_on.isoformat(), _("Last day (inclusive)"), filters.to_on.isoformat()],
        [_("As of"), answer.as_of.isoformat(timespec="seconds")],
        [],
        ["key", "label", "currency", "clicks", "valid_clicks", "conversions", "amount", "commission",
         "pending", "approved", "paid", "reversed", "bonus"],
    ]  # fmt: skip
    rows = (
        [
            row.key, row.label, row.currency, str(row.clicks), str(row.valid_clicks), str(row.conversions),
            *[
                decimal_string(minor, row.currency) if row.currency else ""
                for minor in (row.amount_minor, row.commission_minor, row.pending_minor, row.approved_minor,
                              row.paid_minor, row.reversed_minor, row.bonus_minor)
            ],
        ]
        for row in answer.rows
    )  # fmt: skip
    return csv_answer([*head, *rows], f"{merchant.slug}-{filters.from_on}-{filters.to_on}.csv")


@never_cache
@login_required
@require_safe
def orders_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every order behind the report, one row a line of the order."""
    merchant, form = _checked(request)
    filters = form.filters()
    orders = conversions_for(scope=Scope(merchant_id=merchant.pk), filters=filters).prefetch_related("lines")
    head = ["order_id", "occurred_at", "status", "currency", "creator", "line_id", "sku", "name", "quantity",
            "amount", "refunded", "rate", "commission"]  # fmt: skip

    def rows() -> Iterator[list[str]]:
        yield [_("Dated by"), _("the day of the order (occurred_at), UTC")]
        yield [_("First day"), filters.from_on.isoformat(), _("Last day (inclusive)"), filters.to_on.isoformat()]
        yield [_("As of"), timezone.now().isoformat(timespec="seconds")]
        yield head
        for conversion in orders.iterator(chunk_size=500):
            for line in conversion.lines.all():
                yield [
                    conversion.order_id, conversion.occurred_at.isoformat(), conversion.status, conversion.currency,
                    conversion.creator.handle if conversion.creator else "", line.line_id, line.sku, line.name,
                    str(line.quantity), decimal_string(line.amount_minor, conversion.currency),
                    decimal_string(line.refunded_minor, conversion.currency), str(line.percent or ""),
                    decimal_string(line.commission_minor, conversion.currency),
                ]  # fmt: skip

    return csv_answer(rows(), f"{merchant.slug}-orders-{filters.from_on}-{filters.to_on}.csv")
