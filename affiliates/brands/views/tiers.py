"""What a brand pays on top for a creator's month of sales, and what that came to."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from affiliates.brands.views.access import is_manager, managed_merchant, merchant_of
from affiliates.earnings.selectors.bonus_pages import bonus_page, tiers_in_words
from affiliates.earnings.selectors.volume_tiers import bonuses_of, counted_orders, tiers_of
from affiliates.earnings.tier_forms import EndTiersForm, TiersForm
from affiliates.earnings.views.volume_tiers import add_by_form, end_by_form
from affiliates.parties.models import Merchant, Program

ROWS_A_PAGE = 50


def _form(merchant: Merchant, data: Any = None) -> TiersForm:
    programs = Program.objects.filter(merchant=merchant, is_active=True)
    return TiersForm(data, programs=programs, today=timezone.now().date(), initial={"program": programs.first()})


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def tiers(request: HttpRequest) -> HttpResponse:
    """The brand's versions and bonuses; a manager writes down another version."""
    merchant = merchant_of(request)
    if request.method != "POST":
        return _page(request, merchant, _form(merchant))
    if not is_manager(request, merchant):
        raise Http404
    form = _form(merchant, request.POST)
    if form.is_valid() and add_by_form(request, form):
        return _back(merchant)
    return _page(request, merchant, form, status=422)


def _page(request: HttpRequest, merchant: Merchant, form: TiersForm, *, status: int = 200) -> HttpResponse:
    context = {
        "merchant": merchant,
        "is_manager": is_manager(request, merchant),
        "versions": tiers_in_words(tiers_of(merchant_id=merchant.pk)[:ROWS_A_PAGE]),
        "bonuses": Paginator(bonuses_of(merchant_id=merchant.pk).earned(), ROWS_A_PAGE).get_page(
            request.GET.get("page")
        ),
        "form": form,
        "end_form": EndTiersForm(today=timezone.now().date(), auto_id=False),
    }
    return render(request, "brands/tiers.html", context, status=status)


def _back(merchant: Merchant) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('brands:tiers')}?merchant={merchant.slug}")


@never_cache
@login_required
@require_POST
def end(request: HttpRequest, ref: str) -> HttpResponse:
    """A manager lets a version end."""
    merchant = managed_merchant(request)
    end_by_form(request, get_object_or_404(tiers_of(merchant_id=merchant.pk), ref=ref))
    return _back(merchant)


@never_cache
@login_required
@require_safe
def bonus(request: HttpRequest, ref: str) -> HttpResponse:
    """One creator's month: why it costs what it costs, order by order."""
    merchant = merchant_of(request)
    found = get_object_or_404(bonuses_of(merchant_id=merchant.pk), ref=ref)
    orders = Paginator(counted_orders(found), ROWS_A_PAGE).get_page(request.GET.get("p"))
    context = {"merchant": merchant, "page_of": bonus_page(found), "orders": orders}
    return render(request, "brands/bonus.html", context)
