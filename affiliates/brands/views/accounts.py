"""What a brand owes: its statements, line by line, and its payments."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from affiliates.brands.views.access import merchant_of
from affiliates.brands.views.reports import csv_answer
from affiliates.earnings.selectors.brand_accounts import (
    brand_accounts,
    brand_payments,
    brand_statements,
    statement_lines,
)
from cms.core.domain.money import decimal_string

ROWS_A_PAGE = 25
LINES_A_PAGE = 100


@never_cache
@login_required
@require_safe
def statements(request: HttpRequest) -> HttpResponse:
    """Where the brand stands, its statements and its payments."""
    merchant = merchant_of(request)
    now = timezone.now()
    context = {
        "merchant": merchant,
        "accounts": brand_accounts(merchant, now=now),
        "statements": Paginator(brand_statements(merchant.pk), ROWS_A_PAGE).get_page(request.GET.get("page")),
        "payments": brand_payments(merchant.pk)[:ROWS_A_PAGE],
        "as_of": now,
    }
    return render(request, "brands/statements.html", context)


@never_cache
@login_required
@require_safe
def statement(request: HttpRequest, ref: str) -> HttpResponse:
    """One statement with a line for each order."""
    merchant = merchant_of(request)
    found = get_object_or_404(brand_statements(merchant.pk), ref=ref)
    lines = Paginator(statement_lines(found), LINES_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "brands/statement.html", {"merchant": merchant, "statement": found, "lines": lines})


@never_cache
@login_required
@require_safe
def statement_csv(request: HttpRequest, ref: str) -> StreamingHttpResponse:
    """All lines of a statement, and its total."""
    merchant = merchant_of(request)
    found = get_object_or_404(brand_statements(merchant.pk), ref=ref)

    def rows() -> Iterator[list[str]]:
        since = found.starts_at.isoformat() if found.starts_at else ""
        yield [_("Statement"), found.ref, _("From"), since, _("Until"), found.ends_at.isoformat()]
        yield ["order_id", "occurred_at", "creator", "currency", "commission", "settled_at", "bonus_month"]
        for line in statement_lines(found).iterator(chunk_size=500):
            order, bonus, creator = line.conversion, line.bonus, line.creator
            yield [
                order.order_id if order else "", order.occurred_at.isoformat() if order else "",
                creator.handle if creator else "", found.currency, decimal_string(line.amount_minor, found.currency),
                line.settled_at.isoformat() if line.settled_at else "", bonus.month if bonus else "",
            ]  # fmt: skip
        yield [_("Total"), "", "", found.currency, decimal_string(found.total_minor, found.currency), "", ""]

    return csv_answer(rows(), f"{merchant.slug}-statement-{found.ref}.csv")
