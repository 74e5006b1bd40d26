"""In the studio, every amount of the creator's leads to what it is the sum of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from affiliates.earnings.models import Conversion, Payout, Statement, Transfer
from affiliates.earnings.selectors.figures import Figure
from affiliates.earnings.selectors.figures_creators import balance_figure, creators_order, statement_figure
from affiliates.earnings.selectors.figures_finance import payout_figure
from affiliates.earnings.selectors.report_lines import CREATORS_COLUMNS, report_lines
from affiliates.earnings.selectors.reports import Scope
from affiliates.earnings.views.own_figures import own_page
from community.models import Creator
from guides.views.studio import creator_asking, earnings_form

LINES_A_PAGE = 50
TABLES = ("day", "guide", "product", "merchant")


def _about(creator: Creator) -> Callable[[Transfer], tuple[str, str]]:
    def about(transfer: Transfer) -> tuple[str, str]:
        order = transfer.conversion
        if order is not None:
            own = order.creator_id == creator.pk
            address = reverse("studio_order", args=[order.merchant.slug, order.order_id]) if own else ""
            return f"{order.order_id} · {order.merchant}", address
        if transfer.payout is not None:
            return transfer.payout.ref, reverse("studio_payout_transfers", args=[transfer.payout.ref])
        return "", ""

    return about


def _shown(request: HttpRequest, creator: Creator, title: str, figure: Figure, back: str) -> HttpResponse:
    context = own_page(figure, request, about=_about(creator))
    context |= {"title": title, "back": back, "creator": creator}
    return render(request, "guides/studio/transfers.html", context)


@require_safe
def statement_transfers(request: HttpRequest, ref: str) -> HttpResponse:
    """What an amount of an own statement is the sum of."""
    creator = creator_asking(request)
    statement = get_object_or_404(Statement.objects.select_related("period"), creator=creator, ref=ref)
    try:
        title, figure = statement_figure(statement, request.GET.get("part", ""))
    except LookupError as error:
        raise Http404 from error
    return _shown(request, creator, title, figure, reverse("studio_statement", args=[ref]))


@require_safe
def transfers(request: HttpRequest) -> HttpResponse:
    """What an own balance is the sum of, or what an own order earned."""
    creator, asked = creator_asking(request), request.GET
    if asked.get("part") == "order":
        order = get_object_or_404(
            Conversion, creator=creator, merchant__slug=asked.get("merchant", ""), order_id=asked.get("order", "")
        )
        title = _("Order %(number)s") % {"number": order.order_id}
        back = reverse("studio_order", args=[asked["merchant"], order.order_id])
        return _shown(request, creator, title, creators_order(order, creator.pk), back)
    try:
        title, figure = balance_figure(creator.pk, asked.get("currency", ""), asked.get("part", ""))
    except LookupError as error:
        raise Http404 from error
    return _shown(request, creator, title, figure, reverse("studio_earnings"))


@require_safe
def payout_transfers(request: HttpRequest, ref: str) -> HttpResponse:
    """What an own payout is the sum of."""
    creator = creator_asking(request)
    payout = get_object_or_404(Payout, creator=creator, ref=ref)
    title = _("Payout %(ref)s") % {"ref": payout.ref}
    return _shown(request, creator, title, payout_figure(payout), reverse("studio_payout_details"))


@require_safe
def lines(request: HttpRequest) -> HttpResponse:
    """The lines of orders that an amount of the earnings page is the sum of."""
    creator, asked = creator_asking(request), request.GET
    form = earnings_form(request, creator)
    group, column = asked.get("by", ""), asked.get("column", "")
    if not form.is_valid() or group not in TABLES or column not in CREATORS_COLUMNS:
        raise Http404
    try:
        found = report_lines(
            scope=Scope(creator_id=creator.pk), filters=form.filters(), group_by=group, key=asked.get("key"),
            currency=asked.get("currency", ""), column=column,
        )  # fmt: skip
    except ValueError as error:
        raise Http404 from error
    page: Any = Paginator(found.lines, LINES_A_PAGE).get_page(asked.get("p"))
    for line in page:
        line.address = reverse("studio_order", args=[line.conversion.merchant.slug, line.conversion.order_id])
    query = asked.copy()
    query.pop("p", None)
    context = {
        "creator": creator, "lines": page,
        "total_minor": found.total_minor, "bonus_minor": found.bonus_minor, "currency": asked["currency"],
        "query": query.urlencode(), "back": f"{reverse('studio_earnings')}?{query.urlencode()}",
    }  # fmt: skip
    return render(request, "guides/studio/lines.html", context)
