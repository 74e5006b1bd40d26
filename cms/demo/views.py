"""The demo shop, where a visitor buys and refunds through the real API, and the tour."""

from __future__ import annotations

import datetime as dt
import secrets
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliates.catalogue.json_ld import listing_json_ld
from affiliates.catalogue.models import Offer
from affiliates.earnings.models import Conversion
from affiliates.earnings.services.orders_in_hand import report_of
from affiliates.parties.models import Merchant, MerchantHost, Program
from cms.core.domain.money import decimal_string, half_even
from cms.demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from cms.demo.shop_client import Exchange, call
from cms.demo.tour import tour_steps

#: What a visitor can do to an order: the state it is restated in and the part refunded, in thirds of each line.
CHANGES: dict[str, tuple[str, int | None]] = {
    "approve": ("approved", None),
    "refund-third": ("approved", 1),
    "refund-two-thirds": ("approved", 2),
    "refund-all": ("approved", 3),
    "reverse": ("reversed", None),
}


def _require_demo() -> None:
    if not settings.DEMO_SHOP:
        raise Http404


@never_cache
@require_safe
def shop(request: HttpRequest, host: str, rest: str) -> HttpResponse:
    """The product page of a shop that does not exist; shows the click id that came with the visitor."""
    _require_demo()
    merchant = get_object_or_404(MerchantHost.objects.select_related("merchant"), host=host).merchant
    program = get_object_or_404(Program, merchant=merchant, is_active=True)
    address = f"https://{host}/{rest}"
    offer = Offer.objects.filter(merchant=merchant, url__startswith=address).select_related("product", "policy").first()
    context: dict[str, Any] = {
        "merchant": merchant,
        "offer": offer,
        "host": host,
        "address": address,
        "click_param": program.click_param,
        "click_id": request.GET.get(program.click_param, ""),
    }
    if offer is not None:
        context["json_ld"] = {"@context": "https://schema.org", **listing_json_ld(offer, now=timezone.now())}
    return render(request, "demo/shop.html", context, status=200 if offer else 404)


@never_cache
@require_POST
def buy(request: HttpRequest, merchant: str) -> HttpResponse:
    """The visitor buys: the shop reports a pending order."""
    _require_demo()
    shop_ = get_object_or_404(Merchant, slug=merchant)
    offer = get_object_or_404(
        Offer.objects.select_related("product"), pk=request.POST.get("offer") or 0, merchant=shop_
    )
    quantity = {"2": 2, "3": 3}.get(request.POST.get("quantity", "1"), 1)
    minor = (offer.price_minor or 4990) * quantity
    currency = offer.currency or shop_.currency
    body: dict[str, Any] = {
        "order_id": f"DEMO-{secrets.token_hex(4).upper()}",
        "click_id": request.POST.get("click_id") or None,
        "coupon": None,
        "status": "pending",
        "currency": currency,
        "occurred_at": timezone.now().astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "customer": "new",
        "country": shop_.home_country,
        "lines": [
            {
                "line_id": "1",
                "sku": offer.external_id,
                "name": offer.title[:200],
                "category": offer.product.category,
                "quantity": quantity,
                "amount": decimal_string(minor, currency),
                "refunded": decimal_string(0, currency),
            }
        ],
    }
    exchange = call(merchant, "POST", "/api/v1/conversions", body)
    if exchange.status not in (200, 201):
        return render(request, "demo/order.html", {"merchant": shop_, "exchange": exchange}, status=502)
    return redirect("demo:order", merchant=merchant, order_id=body["order_id"])


@never_cache
@require_safe
def order(request: HttpRequest, merchant: str, order_id: str) -> HttpResponse:
    """The order as Vitrina knows it, and what the visitor may do to it."""
    _require_demo()
    return _order_page(request, merchant, call(merchant, "GET", f"/api/v1/conversions/{quote(order_id, safe='')}"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, merchant: str, order_id: str) -> HttpResponse:
    """The shop restates the order whole: approved, refunded in part, or reversed."""
    _require_demo()
    if request.method != "POST":
        return redirect("demo:order", merchant=merchant, order_id=order_id)
    if (chosen := CHANGES.get(request.POST.get("change", ""))) is None:
        raise Http404
    status, thirds = chosen
    conversion = get_object_or_404(Conversion, merchant__slug=merchant, order_id=order_id)
    said = report_of(conversion)
    lines = tuple(
        line if thirds is None else replace(line, refunded_minor=_thirds(line.amount_minor, thirds))
        for line in said.lines
    )
    # All but state and refund stays as it was said before, so that the order keeps its terms.
    body = replace(said, status=status, lines=lines, version=None).as_json()
    return _order_page(request, merchant, call(merchant, "POST", "/api/v1/conversions", body))


def _thirds(minor: int, thirds: int) -> int:
    return half_even(Fraction(minor * thirds, 3))


def _possible(order: dict[str, Any]) -> list[str]:
    """What can still be done to an order: nothing once it was reversed or refunded whole."""
    if "amount" not in order or order.get("status") == "reversed":
        return []
    amount, refunded = Decimal(order["amount"]), Decimal(order["refunded"])
    if amount == 0 or refunded >= amount:
        return []
    done = int(refunded * 3 / amount + Decimal("0.5"))
    possible = [name for name, (_status, thirds) in CHANGES.items() if thirds is not None and thirds > done]
    return [*(["approve"] if order["status"] == "pending" else []), *possible, "reverse"]


def _order_page(request: HttpRequest, merchant: str, exchange: Exchange) -> HttpResponse:
    shop_ = get_object_or_404(Merchant, slug=merchant)
    if exchange.status == 404:
        raise Http404
    context = {"merchant": shop_, "exchange": exchange, "order": exchange.answer, "changes": _possible(exchange.answer)}
    return render(request, "demo/order.html", context)


@never_cache
@require_safe
def tour(request: HttpRequest) -> HttpResponse:
    """Five minutes for each role."""
    _require_demo()
    context = {"logins": DEMO_LOGINS, "password": DEMO_PASSWORD, "roles": tour_steps()}
    return render(request, "demo/tour.html", context)
