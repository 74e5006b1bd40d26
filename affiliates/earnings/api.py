"""Orders in, commissions out. A key sees its own side only; bodies are read strictly by
`domain/reports.py`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db.models import Prefetch
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from ninja import Router

from affiliates.catalogue.models import Product
from affiliates.earnings.domain.postbacks import is_fresh, is_signed
from affiliates.earnings.domain.reports import CUSTOMERS, LARGEST_BATCH, MOST_LINES, STATUSES, Faults
from affiliates.earnings.models import CommissionRule, Conversion, VolumeTiers
from affiliates.earnings.selectors.answers import conversion_answers, plain, utc
from affiliates.earnings.selectors.reports import (
    GROUPS,
    CommissionReport,
    ReportFilter,
    ReportRow,
    Scope,
    commission_report,
)
from affiliates.earnings.services.intake import KeyReused, Reply, receive_orders, receive_postback
from affiliates.earnings.services.sandbox import tried_order, try_orders
from affiliates.parties.keys import KeyAuth, owner_filter, require_scope
from affiliates.parties.models import ApiKey, Merchant, Program
from affiliates.tracking.models import Placement
from cms.core.domain.money import CURRENCIES, decimal_string
from cms.core.paging import cursor_page
from cms.core.problems import Fault, Problem
from cms.core.spreadsheets import safe_cell
from community.models import Creator

router = Router(tags=["orders"])
LONGEST_REPORT = dt.timedelta(days=3660)
DEFAULT_REPORT = dt.timedelta(days=29)
REPORT_PARAMETERS = {
    "from",
    "to",
    "group_by",
    "currency",
    "creator",
    "guide",
    "product",
    "merchant",
    "status",
}
_MONEY = (
    "amount", "commission", "creator_share", "platform_fee", "pending", "approved", "paid", "reversed",
)  # fmt: skip
_COUNTS = ("clicks", "valid_clicks", "conversions")
#: Came later, so they stand last in a file: how much of `commission` and `creator_share` is volume bonus, and orders
#: that were helped and credited otherwise.
_ADDED_MONEY, _ADDED_COUNTS = ("bonus", "bonus_creator_share"), ("assists",)


def _text(longest: int, **more: Any) -> dict[str, Any]:
    return {"type": "string", "maxLength": longest, **more}


_AMOUNT: dict[str, Any] = {"type": "string", "pattern": r"^\d+(\.\d+)?$", "description": "net of tax and delivery"}
_LINE: dict[str, Any] = {
    "type": "object",
    "required": ["line_id", "amount"],
    "additionalProperties": False,
    "properties": {
        "line_id": _text(100),
        "sku": _text(120),
        "name": _text(300),
        "category": _text(200),
        "quantity": {"type": "integer", "minimum": 1, "default": 1},
        "amount": _AMOUNT,
        "refunded": {**_AMOUNT, "default": "0", "description": "cumulative"},
    },
}
_ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["order_id", "status", "currency", "occurred_at", "lines"],
    "additionalProperties": False,
    "properties": {
        "order_id": _text(100),
        "click_id": _text(100, nullable=True),
        "coupon": _text(100, nullable=True),
        "status": {"type": "string", "enum": list(STATUSES)},
        "currency": _text(3),
        "occurred_at": {"type": "string", "format": "date-time"},
        "customer": {"type": "string", "enum": list(CUSTOMERS), "nullable": True},
        "country": _text(2, nullable=True),
        "lines": {"type": "array", "minItems": 1, "maxItems": MOST_LINES, "items": _LINE},
        "version": {"type": "integer", "minimum": 0, "description": "the highest wins"},
        "note": _text(200, description="why the order was reversed"),
        "channel": _text(
            40,
            nullable=True,
            description="the channel you pay for this order. Absent, null or `affiliate`: this programme. Anything"
            " else, such as `paid_elsewhere` or `paid_search`: the order is stored and earns no commission,"
            " with the reason `paid_elsewhere`",
        ),
    },
}
_BODY = {"oneOf": [_ORDER, {"type": "array", "minItems": 1, "maxItems": LARGEST_BATCH, "items": _ORDER}]}
_REPORTED = {"requestBody": {"required": True, "content": {"application/json": {"schema": _BODY}}}}


def _reply(reply: Reply) -> HttpResponse:
    kind = "application/problem+json" if reply.status == 409 else "application/json"
    return HttpResponse(reply.body, status=reply.status, content_type=kind)


def _malformed(faults: Faults) -> Problem:
    return Problem(400, "Bad request", "Nothing was stored.", errors=[Fault(**fault) for fault in faults.faults])


@router.post(
    "/conversions",
    auth=KeyAuth(),
    summary="Report an order, or a batch of up to 1,000",
    openapi_extra=_REPORTED,
)
def report_orders(request: HttpRequest) -> HttpResponse:
    """The whole present state of an order; the same order_id again restates it. See the README for
    the body.

    With a sandbox key (`create_api_key --merchant … --sandbox`) everything is checked, attributed and reckoned as for a
    real order, the answer has the same shape with `"sandbox": true`, and no order, click or money is touched. The
    sandbox's own orders are known for 30 days, so restatements, versions and idempotency keys can be tried as well.
    """
    key = require_scope(request, "conversions:write")
    if key.merchant is None:
        raise Problem(403, "Forbidden", "Orders are reported with a merchant's key.")
    idempotency_key = request.headers.get("Idempotency-Key", "")
    if len(idempotency_key) > 200 or not idempotency_key.isprintable():
        raise Problem(400, "Bad request", "An Idempotency-Key has at most 200 printable characters.")
    try:
        body = request.body
    except RequestDataTooBig:
        raise Problem(413, "Content too large", "Send a smaller batch.") from None
    try:
        receive = try_orders if key.is_sandbox else receive_orders
        return _reply(
            receive(
                api_key=key,
                merchant=key.merchant,
                body=body,
                now=timezone.now(),
                idempotency_key=idempotency_key,
            )
        )
    except Faults as faults:
        raise _malformed(faults) from None
    except KeyReused:
        raise Problem(422, "Unprocessable content", "This Idempotency-Key was used before with another body.") from None


@router.get("/conversions/{path:order_id}", auth=KeyAuth(), summary="One order with its commission and why")
def read_order(request: HttpRequest, order_id: str) -> HttpResponse:
    """The same object that reporting it answers. Another side's order does not exist (404). A sandbox key sees what
    was reported with it, and no real order.
    """
    key = require_scope(request, "conversions:read")
    if key.is_sandbox and key.merchant:
        tried = tried_order(api_key=key, merchant=key.merchant, order_id=order_id, now=timezone.now())
        if tried is None:
            raise Problem(404, "Not found")
        return JsonResponse(tried)
    found = Conversion.objects.filter(order_id=order_id, **owner_filter(key))
    if merchant := request.GET.get("merchant"):
        found = found.filter(merchant__slug=merchant)
    elif key.is_operator:
        raise _refused("merchant", "Name the merchant; order numbers are its own.")
    orders = list(found.select_related("merchant", "program")[:2])
    if not orders:
        raise Problem(404, "Not found")
    if len(orders) > 1:
        raise _refused("merchant", "Several merchants have an order of this number; name one.")
    return JsonResponse(conversion_answers(orders, for_creator_id=key.creator_id)[0])


@router.get("/postback/{slug}", auth=None, summary="Report an order by calling a signed address")
def postback(request: HttpRequest, slug: str) -> HttpResponse:
    """`sig` is the hex HMAC-SHA256 of the query string before `&sig`; `ts` lies within five minutes."""
    query = request.META.get("QUERY_STRING", "")
    merchant = Merchant.objects.filter(slug=slug, is_active=True).first()
    # An unknown merchant takes as long and sounds the same as a wrong signature.
    signed = is_signed(merchant.postback_secret if merchant else "no such merchant", query)
    if merchant is None or not signed or not is_fresh(request.GET.get("ts", ""), now=timezone.now()):
        raise Problem(401, "Unauthorized", "The signature is wrong, or its time is not within five minutes.")
    try:
        return _reply(receive_postback(merchant=merchant, query=query, values=request.GET.dict(), now=timezone.now()))
    except Faults as faults:
        raise _malformed(faults) from None


@router.get("/programs", auth=KeyAuth(), summary="Programmes and what they pay")
def programs(request: HttpRequest) -> dict[str, Any]:
    """A merchant's key sees its own programmes, others see those in force; a creator sees no other's special
    rates.
    """
    key = require_scope(request, "programs:read")
    rules = CommissionRule.objects.select_related("creator", "group").order_by("version")
    if key.creator_id:
        rules = rules.shown_to(key.creator_id)
    found = Program.objects.filter(is_active=True, merchant__is_active=True)
    if key.merchant_id:
        found = found.filter(merchant_id=key.merchant_id)
    found = found.select_related("merchant").prefetch_related(Prefetch("rules", queryset=rules), "volume_tiers")
    rows, following = cursor_page(request, found, order=("pk",))
    return {"results": [_program(program) for program in rows], "next": following}


def _money(minor: int | None, program: Program) -> str | None:
    return None if minor is None else decimal_string(minor, program.currency)


def _program(program: Program) -> dict[str, Any]:
    return {
        "merchant": program.merchant.slug,
        "name": program.name,
        "currency": program.currency,
        "window_days": program.window_days,
        "model": program.attribution_model,
        "coupon_policy": program.coupon_policy,
        "click_param": program.click_param,
        "creator_share_percent": plain(program.creator_share_percent),
        "rules": [
            {
                "version": rule.version,
                "kind": rule.kind,
                "rate": plain(rule.percent)
                if rule.percent is not None
                else decimal_string(rule.flat_minor or 0, program.currency),
                "category": rule.category or None,
                "creator": rule.creator.handle if rule.creator else None,
                "country": rule.country or None,
                "effect": rule.effect,
                "group": rule.group.name if rule.group else None,
                "products": sorted(rule.product_numbers),
                "coupon": rule.coupon or None,
                "customer": rule.customer or None,
                "basket_min": _money(rule.basket_min_minor, program),
                "basket_max": _money(rule.basket_max_minor, program),
                "budget": _money(rule.budget_minor, program),
                "creator_month": _money(rule.creator_month_minor, program),
                "order_cap": _money(rule.order_minor, program),
                "from": utc(rule.starts_at),
                "to": utc(rule.ends_at) if rule.ends_at else None,
            }
            for rule in program.rules.all()
        ],
        "tiers": [_tiers(tiers) for tiers in program.volume_tiers.all()],
    }


def _tiers(tiers: VolumeTiers) -> dict[str, Any]:
    """Volume tiers in force for whole months, first and last inclusive; `rate` is for the part of a creator's approved
    sales of a month above `above`, up to the next, on top of the rules.
    """
    return {
        "version": tiers.version,
        "currency": tiers.currency,
        "from": tiers.starts,
        "to": tiers.last_month or None,
        "creator_share_percent": plain(tiers.creator_share_percent),
        "hold_days": tiers.hold_days,
        "tiers": [
            {"above": decimal_string(tier.above_minor, tiers.currency), "rate": plain(tier.percent)}
            for tier in tiers.tiers
        ],
    }


@router.get("/reports/commissions", auth=KeyAuth(), summary="Clicks, orders and commissions, summed")
def commissions(request: HttpRequest) -> HttpResponse:
    """Dated by the order's day in UTC, first and last day inclusive. JSON, or CSV with `Accept: text/csv`."""
    key = require_scope(request, "reports:read")
    group_by, filters = _report_query(request, key)
    report = commission_report(
        scope=Scope(merchant_id=key.merchant_id, creator_id=key.creator_id),
        filters=filters,
        group_by=group_by,
        now=timezone.now(),
    )
    if "text/csv" in request.headers.get("Accept", ""):
        return _report_csv(report)
    head = _report_head(report)
    return JsonResponse(
        {
            **head,
            "rows": [{"key": row.key, "label": row.label, **_figures(row)} for row in report.rows],
            "totals": [_figures(row) for row in report.totals],
        }
    )


def _report_head(report: CommissionReport) -> dict[str, str]:
    return {
        "from": report.from_on.isoformat(),
        "to": report.to_on.isoformat(),
        "group_by": report.group_by,
        "date_basis": report.date_basis,
        "time_zone": report.time_zone,
        "as_of": utc(report.as_of),
    }


def _figures(row: ReportRow) -> dict[str, Any]:
    figures: dict[str, Any] = {"currency": row.currency}
    figures |= {name: getattr(row, name) for name in (*_COUNTS, *_ADDED_COUNTS)}
    money = (*_MONEY, *_ADDED_MONEY)
    figures |= {name: decimal_string(getattr(row, f"{name}_minor"), row.currency) for name in money}
    return figures


def _report_csv(report: CommissionReport) -> HttpResponse:
    """One row a key and currency. What the report is about stands in every row, so that no file is without
    it.
    """
    head = _report_head(report)
    names = ["key", "label", "currency", *_COUNTS, *_MONEY, *head, *_ADDED_MONEY, *_ADDED_COUNTS]
    file = io.StringIO()
    writer = csv.DictWriter(file, names)
    writer.writeheader()
    for row in report.rows:
        cells = {"key": row.key, "label": row.label, **_figures(row), **head}
        writer.writerow({name: safe_cell(str(cell)) for name, cell in cells.items()})
    response = HttpResponse(file.getvalue(), content_type="text/csv; charset=utf-8")
    name = f"commissions-{report.group_by}-{report.from_on}-{report.to_on}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    for header, value in head.items():
        response[f"X-Report-{header.replace('_', '-').title()}"] = value
    return response


def _refused(parameter: str, detail: str) -> Problem:
    return Problem(400, "Bad request", errors=[{"pointer": f"?{parameter}", "detail": detail}])


def _report_query(request: HttpRequest, key: ApiKey) -> tuple[str, ReportFilter]:
    """The report asked for. Every fault in the query is named; a name of another side is no fault and finds
    nothing.
    """
    faults: list[Fault] = []
    values = request.GET

    def day(name: str, default: dt.date) -> dt.date:
        raw = values.get(name)
        if raw is None:
            return default
        try:
            if not re.fullmatch(r"\d{4}-\d\d-\d\d", raw, re.ASCII):
                raise ValueError(raw)
            return dt.date.fromisoformat(raw)
        except ValueError:
            faults.append({"pointer": f"?{name}", "detail": "Write a day such as 2026-03-01."})
            return default

    def one_of(name: str, choices: tuple[str, ...] | frozenset[str], default: str | None) -> str | None:
        raw = values.get(name)
        if raw is not None and raw not in choices:
            told = ", ".join(choices) if isinstance(choices, tuple) else "the currencies of ISO 4217"
            faults.append({"pointer": f"?{name}", "detail": f"One of {told}."})
        return raw or default

    def key_of(name: str, queryset: Any, field: str, key: Any = "pk") -> int | None:
        raw = values.get(name)
        return None if raw is None else queryset.filter(**{field: raw}).values_list(key, flat=True).first() or 0

    faults += [
        {"pointer": f"?{name}", "detail": "This parameter does not belong here."}
        for name in values
        if name not in REPORT_PARAMETERS
    ]
    group_by = one_of("group_by", GROUPS, "day") or "day"
    to_on = day("to", timezone.now().date())
    from_on = day("from", to_on - DEFAULT_REPORT if to_on.year > 1 else to_on)
    if not faults and from_on > to_on:
        faults.append({"pointer": "?from", "detail": "The first day comes after the last."})
    if not faults and (to_on - from_on > LONGEST_REPORT or to_on == dt.date.max):
        faults.append({"pointer": "?from", "detail": "A report covers at most ten years."})
    filters = ReportFilter(
        from_on=from_on,
        to_on=to_on,
        currency=one_of("currency", CURRENCIES, None),
        status=one_of("status", STATUSES, None),
    )
    if faults:
        raise Problem(400, "Bad request", errors=faults)
    return group_by, ReportFilter(
        from_on=from_on,
        to_on=to_on,
        currency=filters.currency,
        status=filters.status,
        creator_id=key_of("creator", Creator.objects, "handle"),
        placement_id=key_of("guide", Placement.objects, "ref"),
        product_id=key_of("product", Product.objects, "slug", Coalesce("merged_into", "pk")),
        merchant_id=key_of("merchant", Merchant.objects, "slug"),
    )
