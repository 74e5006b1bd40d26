"""What the creator's months of sales earn on top of their orders."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from affiliates.earnings.selectors.bonus_pages import bonus_page, tiers_in_words
from affiliates.earnings.selectors.volume_tiers import bonuses_of, counted_orders, tiers_for_creator
from guides.views.studio import creator_asking

ROWS_A_PAGE = 24
ORDERS_A_PAGE = 50


@require_safe
def bonuses(request: HttpRequest) -> HttpResponse:
    """The creator's months with sales in programmes that have tiers, and the tiers that they can reach now."""
    creator = creator_asking(request)
    page = Paginator(bonuses_of(creator_id=creator.pk), ROWS_A_PAGE).get_page(request.GET.get("p"))
    offered = tiers_in_words(tiers_for_creator(creator.pk, now=timezone.now()))
    return render(request, "guides/studio/bonuses.html", {"creator": creator, "bonuses": page, "offered": offered})


@require_safe
def bonus(request: HttpRequest, ref: str) -> HttpResponse:
    """One of the creator's own months: why it earns what it earns."""
    creator = creator_asking(request)
    found = get_object_or_404(bonuses_of(creator_id=creator.pk), ref=ref)
    orders = Paginator(counted_orders(found), ORDERS_A_PAGE).get_page(request.GET.get("p"))
    return render(request, "guides/studio/bonus.html", {"page_of": bonus_page(found), "orders": orders})
