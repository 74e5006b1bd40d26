"""A brand decides about its orders: one by one, by selection or filter, or with a file."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from affiliates.brands.forms import ChosenOrdersForm, DecisionFileForm, OrderDecisionForm
from affiliates.brands.views.access import is_manager, managed_merchant, merchant_of
from affiliates.brands.views.reports import order_context
from affiliates.earnings.domain.decision_rows import COLUMNS, MOST_ROWS, DecisionRow, FileFault, read_rows
from affiliates.earnings.domain.validation import Channel
from affiliates.earnings.models import Conversion, Dispute
from affiliates.earnings.models.changes import REASONS_BY_HAND
from affiliates.earnings.models.conversions import ConversionQuerySet
from affiliates.earnings.services.bulk_decisions import decide_many
from affiliates.earnings.services.decisions import DecisionRefused, approve_order, reverse_order
from affiliates.parties.models import Merchant
from community.models import User

ORDERS_A_PAGE = 50


@never_cache
@login_required
@require_POST
def decide(request: HttpRequest, order_id: str) -> HttpResponse:
    """A manager approves or reverses one order."""
    merchant = managed_merchant(request)
    conversion = get_object_or_404(Conversion, merchant=merchant, order_id=order_id)
    form, by, now = OrderDecisionForm(request.POST), cast(User, request.user), timezone.now()
    if not form.is_valid():
        context = {**order_context(request, merchant, conversion), "form": form}
        return render(request, "brands/order.html", context, status=422)
    data = form.cleaned_data
    try:
        if data["decision"] == "approve":
            approve_order(conversion=conversion, by=by, now=now)
            messages.success(request, _("The order is approved."))
        else:
            reverse_order(conversion=conversion, reason=data["reason"], note=data["note"], by=by, now=now)
            messages.success(request, _("The order is reversed."))
    except DecisionRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(f"{reverse('brands:order', args=[order_id])}?merchant={merchant.slug}")


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def decisions(request: HttpRequest) -> HttpResponse:
    """Orders by filter; a manager decides about those that are ticked, or about all that match."""
    if request.method == "POST":
        return _decide_chosen(request)
    return _page(request, merchant_of(request))


def _page(request: HttpRequest, merchant: Merchant, *, status: int = 200, **more: Any) -> HttpResponse:
    filters = ChosenOrdersForm(request.GET or {"status": "pending"})
    found = _found(merchant, filters)
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "merchant": merchant,
        "is_manager": is_manager(request, merchant),
        "filters": filters,
        "form": OrderDecisionForm(),
        "file_form": DecisionFileForm(),
        "columns": ", ".join(COLUMNS),
        "most_rows": MOST_ROWS,
        "reasons": REASONS_BY_HAND,
        "orders": Paginator(found, ORDERS_A_PAGE).get_page(request.GET.get("page")),
        "query": query.urlencode(),
        **more,
    }
    return render(request, "brands/decisions.html", context, status=status)


def _found(merchant: Merchant, filters: ChosenOrdersForm) -> ConversionQuerySet:
    found = Conversion.objects.of_merchant(merchant.pk)
    if not filters.is_valid():
        return found.none()
    data = filters.cleaned_data
    if data["status"]:
        found = found.filter(status=data["status"])
    if data["q"]:
        found = found.filter(order_id__startswith=data["q"])
    if data["start"]:
        found = found.filter(occurred_at__gte=dt.datetime.combine(data["start"], dt.time(0), dt.UTC))
    if data["end"]:
        day_after = data["end"] + dt.timedelta(days=1)
        found = found.filter(occurred_at__lt=dt.datetime.combine(day_after, dt.time(0), dt.UTC))
    open_cases = Dispute.objects.filter(conversion=OuterRef("pk"), decided_at__isnull=True)
    return (
        found.annotate(is_disputed=Exists(open_cases))
        .select_related("creator")
        .prefetch_related("lines")
        .order_by("-occurred_at", "-pk")
    )


def _decide_chosen(request: HttpRequest) -> HttpResponse:
    merchant = managed_merchant(request)
    form = OrderDecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, merchant, status=422, form=form, chosen=request.POST.getlist("order"))
    if request.POST.get("which") == "all":
        found = _found(merchant, ChosenOrdersForm(request.GET or {"status": "pending"}))
        chosen = list(found.values_list("order_id", flat=True)[: MOST_ROWS + 1])
    else:
        chosen = request.POST.getlist("order")
    if not chosen or len(chosen) > MOST_ROWS:
        words = _("Tick at least one order.") if not chosen else _("These are more than %(most)s orders; narrow them.")
        form.add_error(None, words % {"most": MOST_ROWS})
        return _page(request, merchant, status=422, form=form)
    data = form.cleaned_data
    rows = [
        DecisionRow(number, order_id, data["decision"], data["reason"], data["note"])
        for number, order_id in enumerate(chosen, 1)
    ]
    return _results(request, merchant, rows, Channel.PORTAL)


def _results(request: HttpRequest, merchant: Merchant, rows: list[DecisionRow], channel: Channel) -> HttpResponse:
    results = decide_many(
        merchant=merchant, rows=rows, by=cast(User, request.user), now=timezone.now(), channel=channel
    )
    done = sum(result.done for result in results)
    context = {"merchant": merchant, "results": results, "done": done, "refused": len(results) - done}
    return render(request, "brands/decision_results.html", context)


@never_cache
@login_required
@require_POST
def decide_by_file(request: HttpRequest) -> HttpResponse:
    """A manager's file of decisions; a file without the right shape changes nothing."""
    merchant = managed_merchant(request)
    form = DecisionFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, merchant, status=422, file_form=form)
    try:
        rows = read_rows(form.cleaned_data["file"].read())
    except FileFault as fault:
        form.add_error("file", _fault_words(fault))
        return _page(request, merchant, status=422, file_form=form)
    return _results(request, merchant, rows, Channel.FILE)


def _fault_words(fault: FileFault) -> str:
    detail = {"detail": fault.detail}
    return {
        "not_utf8": _("The file is not written in UTF-8."),
        "not_csv": _("The file is not CSV: %(detail)s.") % detail,
        "empty": _("The file is empty."),
        "unknown_column": _("The column “%(detail)s” is unknown or there twice.") % detail,
        "missing_column": _("The column %(detail)s is missing.") % detail,
        "uneven_row": _("Row %(detail)s does not have as many cells as the first.") % detail,
        "too_many_rows": _("At most %(detail)s rows at once.") % detail,
    }[fault.code]
