"""The creator's money in the studio: what came in, why, and when it will be paid."""

from __future__ import annotations

import csv
import datetime as dt
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.balances import creator_balances
from affiliates.earnings.selectors.evidence import evidence
from affiliates.earnings.selectors.explanations import explain
from affiliates.earnings.selectors.history import conversion_history
from affiliates.earnings.selectors.reports import (
    CommissionReport,
    ReportFilter,
    Scope,
    clicks_by_reason,
    commission_report,
    conversions_for,
)
from affiliates.earnings.selectors.volume_tiers import bonus_of_order
from cms.core.domain.money import decimal_string
from cms.core.formats import format_money
from cms.core.periods import with_period
from cms.core.spreadsheets import safe_cell
from community.models import Creator
from community.selectors.roles import creator_of
from guides.forms import DisputeForm, EarningsForm

ORDERS_A_PAGE = 20
NOTICES_SHOWN = 5


def creator_asking(request: HttpRequest) -> Creator:
    """The creator who asks; 404 for everybody else."""
    creator = creator_of(request.user)
    if creator is None:
        raise Http404
    return creator


def earnings_form(request: HttpRequest, creator: Creator) -> EarningsForm:
    """The form with the period in force written into it."""
    today = timezone.now().date()
    return EarningsForm(with_period(request.GET, today=today), creator=creator, today=today)


def _before(filters: ReportFilter) -> ReportFilter:
    """As many days again, just before."""
    days = (filters.to_on - filters.from_on).days + 1
    end = filters.from_on - dt.timedelta(days=1)
    return ReportFilter(
        from_on=end - dt.timedelta(days=days - 1),
        to_on=end,
        creator_id=filters.creator_id,
        placement_id=filters.placement_id,
        status=filters.status,
    )


def headline(now: CommissionReport, before: CommissionReport, guides: CommissionReport) -> list[str]:
    """The report in a sentence per currency: how much, compared with the days before, and from where mostly."""
    earlier = {row.currency: row.creator_share_minor for row in before.totals}
    sentences = []
    for row in now.totals:
        if not row.conversions:
            continue
        amount = format_money(row.creator_share_minor, row.currency)
        past = earlier.get(row.currency, 0)
        best = max(
            (g for g in guides.rows if g.currency == row.currency and g.label),
            key=lambda g: g.creator_share_minor,
            default=None,
        )
        if past > 0:
            change = round((row.creator_share_minor - past) * 100 / past)
            words = (
                _("%(amount)s in these days, %(change)s %% more than before")
                if change >= 0
                else _("%(amount)s in these days, %(change)s %% less than before")
            )
            sentence = words % {"amount": amount, "change": abs(change)}
        else:
            sentence = _("%(amount)s in these days") % {"amount": amount}
        if best is not None and best.creator_share_minor > 0:
            sentence = _("%(sentence)s, mostly from “%(guide)s”") % {"sentence": sentence, "guide": best.label}
        sentences.append(f"{sentence}.")
    return sentences


@require_safe
def earnings(request: HttpRequest) -> HttpResponse:
    """Balances, clicks by reason, orders, commission by guide and product."""
    creator = creator_asking(request)
    form = earnings_form(request, creator)
    context: dict[str, Any] = {"creator": creator, "form": form, "balances": creator_balances(creator.pk)}
    if not form.is_valid():
        return render(request, "guides/studio/earnings.html", context, status=400)
    scope, filters, now = Scope(creator_id=creator.pk), form.filters(), timezone.now()
    reports = {
        group: commission_report(scope=scope, filters=filters, group_by=group, now=now)
        for group in ("day", "guide", "product", "merchant")
    }
    before = commission_report(scope=scope, filters=_before(filters), group_by="merchant", now=now)
    reasons = clicks_by_reason(scope=scope, filters=filters)
    context |= {
        "report": reports["day"],
        "tables": [
            (_("By guide"), "guide", reports["guide"]),
            (_("By product"), "product", reports["product"]),
            (_("By shop"), "merchant", reports["merchant"]),
        ],
        "headline": headline(reports["day"], before, reports["guide"]),
        "reasons": reasons,
        "clicks": sum(row.count for row in reasons),
        "valid_clicks": sum(row.count for row in reasons if row.is_valid),
        "orders": Paginator(conversions_for(scope=scope, filters=filters), ORDERS_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "query": _query(request),
        "notices": creator.money_notices.select_related("change__conversion__merchant")[:NOTICES_SHOWN],
    }
    return render(request, "guides/studio/earnings.html", context)


def _query(request: HttpRequest) -> str:
    query = request.GET.copy()
    query.pop("page", None)
    return query.urlencode()


@require_safe
def order(request: HttpRequest, merchant: str, order_id: str) -> HttpResponse:
    """One of the creator's orders: why it is theirs, what it earned, what happened to it since."""
    creator = creator_asking(request)
    conversion = get_object_or_404(
        Conversion.objects.select_related("merchant", "placement", "program", "creator"),
        creator=creator,
        merchant__slug=merchant,
        order_id=order_id,
    )
    return render(request, "guides/studio/order.html", order_context(conversion))


def order_context(conversion: Conversion) -> dict[str, Any]:
    """What an order's page shows its creator."""
    disputes = list(conversion.disputes.order_by("pk"))
    answered = any(case.decided_at is not None and case.opened_at >= _reversed(conversion) for case in disputes)
    is_open = any(case.decided_at is None for case in disputes)
    may = conversion.status == Conversion.Status.REVERSED and not (conversion.locked_at or is_open or answered)
    return {
        "conversion": conversion,
        "explanation": explain(conversion, for_creator_id=conversion.creator_id),
        "evidence": evidence(conversion),
        "bonus": bonus_of_order(conversion),
        "history": conversion_history(conversion),
        "lines": conversion.lines.order_by("pk"),
        "disputes": disputes,
        "is_disputed": is_open,
        "may_dispute": may,
        "dispute_form": DisputeForm(),
    }


def _reversed(conversion: Conversion) -> dt.datetime:
    return conversion.reversed_at or conversion.received_at


@require_safe
def orders_csv(request: HttpRequest) -> HttpResponse:
    """The creator's orders of the period as CSV, with what the figures are dated by."""
    creator = creator_asking(request)
    form = earnings_form(request, creator)
    if not form.is_valid():
        raise Http404
    filters = form.filters()
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    name = f"{creator.handle}-{filters.from_on}-{filters.to_on}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response.write("\ufeff")
    writer = csv.writer(response)
    writer.writerow([_("Dated by"), _("the day of the order (occurred_at), UTC")])
    writer.writerow([_("First day"), filters.from_on.isoformat(), _("Last day (inclusive)"), filters.to_on.isoformat()])
    writer.writerow([_("As of"), timezone.now().isoformat(timespec="seconds")])
    writer.writerow(["merchant", "order_id", "occurred_at", "status", "currency", "guide", "amount", "your_share"])
    for conversion in conversions_for(scope=Scope(creator_id=creator.pk), filters=filters):
        cells = [
            conversion.merchant.slug,
            conversion.order_id,
            conversion.occurred_at.isoformat(),
            conversion.status,
            conversion.currency,
            conversion.placement.title if conversion.placement else "",
            decimal_string(conversion.amount_minor - conversion.refunded_minor, conversion.currency),
            decimal_string(conversion.creator_minor, conversion.currency),
        ]
        writer.writerow([safe_cell(cell) for cell in cells])
    return response
