"""The creator's payment details and payouts, in the studio."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from allauth.account.decorators import reauthentication_required

from affiliates.earnings.domain.payout_methods import Method
from affiliates.earnings.domain.payouts import HOLD_AFTER_CHANGE
from affiliates.earnings.models import Payout
from affiliates.earnings.payout_forms import CountryForm, DetailsForm, MethodForm, open_methods
from affiliates.earnings.selectors.payout_profiles import active_profile, profile_versions
from affiliates.earnings.services.payout_profiles import set_payout_profile
from cms.core.reader import known_country
from community.models import Creator, User
from community.selectors.roles import creator_of

LAST_PAYOUTS = 50


def _creator(request: HttpRequest) -> Creator:
    """The creator who asks; 404 for everybody else."""
    creator = creator_of(request.user)
    if creator is None:
        raise Http404
    return creator


@require_safe
@never_cache
def details(request: HttpRequest) -> HttpResponse:
    """How the creator is paid, earlier versions, and what became of each payout."""
    creator, now = _creator(request), timezone.now()
    profile = active_profile(creator.pk)
    held_until = profile.created_at + HOLD_AFTER_CHANGE if profile else None
    payouts = Payout.objects.filter(creator=creator).select_related("profile", "quote", "batch").order_by("-pk")
    context: dict[str, Any] = {
        "creator": creator,
        "profile": profile,
        "held_until": held_until if held_until and held_until > now else None,
        "versions": profile_versions(creator.pk),
        "payouts": payouts.exclude(batch__rejected_at__isnull=False)[:LAST_PAYOUTS],
    }
    return render(request, "earnings/studio/payout_details.html", context)


@require_http_methods(["GET", "POST"])
@never_cache
@reauthentication_required
def change(request: HttpRequest) -> HttpResponse:
    """Country, then way of payment, then its details: three plain forms, of which the last one saves."""
    creator = _creator(request)
    country = known_country(request.GET.get("country")) or ""
    method = request.GET.get("method", "")
    context: dict[str, Any] = {"creator": creator, "country": country, "method": method}
    if not country:
        context["form"] = CountryForm(request.GET if "country" in request.GET else None)
        return render(request, "earnings/studio/payout_change.html", context)
    if method not in open_methods(country):
        context["form"] = MethodForm(request.GET if method else None, country=country)
        return render(request, "earnings/studio/payout_change.html", context)
    form = DetailsForm(request.POST or None, method=Method(method), country=country)
    if request.method == "POST" and form.is_valid():
        set_payout_profile(
            creator=creator,
            method=method,
            country=country,
            holder=form.cleaned_data["holder"],
            currency=form.cleaned_data["currency"],
            details=form.cleaned_data["details"],
            by=cast(User, request.user),
            now=timezone.now(),
        )
        messages.success(request, _("Your payment details are saved. Payouts are on hold for 48 hours."))
        return HttpResponseRedirect(reverse("studio_payout_details"))
    context |= {"form": form, "last": True}
    return render(
        request, "earnings/studio/payout_change.html", context, status=400 if request.method == "POST" else 200
    )
