"""What an amount of the brand's is the sum of: transfers of what it owes, or lines of its orders. Nobody's balance."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from affiliates.brands.views.access import merchant_of
from affiliates.brands.views.reports import report_form
from affiliates.earnings.models import BrandPayment, Conversion, Transfer
from affiliates.earnings.selectors.brand_accounts import brand_statements
from affiliates.earnings.selectors.figures import Figure
from affiliates.earnings.selectors.figures_brands import (
    brand_account_figure,
    brands_order,
    due,
    payment_figure,
    settled,
)
from affiliates.earnings.selectors.report_lines import BRANDS_COLUMNS, report_lines
from affiliates.earnings.selectors.reports import Scope
from affiliates.earnings.views.own_figures import own_page
from affiliates.parties.models import Merchant

LINES_A_PAGE = 50


def _address(name: str, merchant: Merchant, *args: str) -> str:
    return f"{reverse(f'brands:{name}', args=args)}?{urlencode({'merchant': merchant.slug})}"


def _about(merchant: Merchant) -> Callable[[Transfer], tuple[str, str]]:
    def about(transfer: Transfer) -> tuple[str, str]:
        order = transfer.conversion
        return ("", "") if order is None else (order.order_id, _address("order", merchant, order.order_id))

    return about


def _shown(request: HttpRequest, merchant: Merchant, title: str, figure: Figure, back: str) -> HttpResponse:
    context = own_page(figure, request, about=_about(merchant))
    context |= {"merchant": merchant, "title": title, "back": back}
    return render(request, "brands/transfers.html", context)


@never_cache
@login_required
@require_safe
def statement_transfers(request: HttpRequest, ref: str) -> HttpResponse:
    """What a statement, its settled part or one of its lines is the sum of."""
    merchant = merchant_of(request)
    statement = get_object_or_404(brand_statements(merchant.pk), ref=ref)
    figure = settled(statement) if request.GET.get("part") == "settled" else due(statement)
    if order := request.GET.get("order"):
        figure = figure.narrowed(Q(conversion__order_id=order))
    title = _("Statement %(ref)s") % {"ref": ref}
    return _shown(request, merchant, title, figure, _address("statement", merchant, ref))


@never_cache
@login_required
@require_safe
def transfers(request: HttpRequest) -> HttpResponse:
    """What the brand owes, has as credit, or paid; what one of its orders costs, or one of its payments was."""
    merchant, asked = merchant_of(request), request.GET
    part, ref = asked.get("part", ""), asked.get("ref", "")
    if part == "order":
        order = get_object_or_404(Conversion, merchant=merchant, order_id=ref)
        title = _("Order %(number)s") % {"number": order.order_id}
        return _shown(request, merchant, title, brands_order(order), _address("order", merchant, order.order_id))
    back = _address("statements", merchant)
    if part == "payment":
        payment = get_object_or_404(BrandPayment, merchant=merchant, ref=ref)
        title = _("Payment %(ref)s") % {"ref": payment.reference}
        return _shown(request, merchant, title, payment_figure(payment), back)
    try:
        title, figure = brand_account_figure(merchant, asked.get("currency", ""), part)
    except LookupError as error:
        raise Http404 from error
    return _shown(request, merchant, title, figure, back)


@never_cache
@login_required
@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """The lines of orders that an amount of the report is the sum of."""
    merchant, asked = merchant_of(request), request.GET
    form, column = report_form(request, merchant), asked.get("column", "")
    if not form.is_valid() or column not in BRANDS_COLUMNS:
        raise Http404
    try:
        found = report_lines(
            scope=Scope(merchant_id=merchant.pk), filters=form.filters(), group_by=form.group_by,
            key=asked.get("key"), currency=asked.get("currency", ""), column=column,
        )  # fmt: skip
    except ValueError as error:
        raise Http404 from error
    page: Any = Paginator(found.lines, LINES_A_PAGE).get_page(asked.get("p"))
    for line in page:
        line.address = _address("order", merchant, line.conversion.order_id)
    query = asked.copy()
    query.pop("p", None)
    context = {
        "merchant": merchant, "lines": page,
        "total_minor": found.total_minor, "bonus_minor": found.bonus_minor, "currency": asked["currency"],
        "query": query.urlencode(), "back": f"{reverse('brands:report')}?{query.urlencode()}",
    }  # fmt: skip
    return render(request, "brands/lines.html", context)
