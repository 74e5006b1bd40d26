"""The creator's coupon codes, and the orders they helped that another touch was credited with."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from affiliates.earnings.selectors.assists import assists_of_creator
from affiliates.earnings.selectors.coupons import coupons_of_creator
from community.selectors.roles import creator_of

ASSISTS_A_PAGE = 20


@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """Whoever asks sees their own, and nothing of the creator who was credited instead."""
    creator = creator_of(request.user)
    if creator is None:
        raise Http404
    assists = Paginator(assists_of_creator(creator.pk), ASSISTS_A_PAGE).get_page(request.GET.get("page"))
    context = {"coupons": coupons_of_creator(creator.pk, now=timezone.now()), "assists": assists}
    return render(request, "guides/studio/codes.html", context)
