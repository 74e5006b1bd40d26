"""A creator objects to a reversal, or claims a sale that was never reported."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from affiliates.earnings.models import Conversion
from affiliates.earnings.selectors.disputes import claims_of
from affiliates.earnings.services.claims import claim_sale
from affiliates.earnings.services.disputes import DisputeRefused, open_dispute
from guides.forms import ClaimForm, DisputeForm
from guides.views.studio import creator_asking, order_context


@require_POST
def dispute(request: HttpRequest, merchant: str, order_id: str) -> HttpResponse:
    """The creator's objection to a reversal, with evidence."""
    creator = creator_asking(request)
    conversion = get_object_or_404(
        Conversion.objects.select_related("merchant", "placement", "program", "creator"),
        creator=creator,
        merchant__slug=merchant,
        order_id=order_id,
    )
    form = DisputeForm(request.POST)
    if not form.is_valid():
        context = {**order_context(conversion), "dispute_form": form}
        return render(request, "guides/studio/order.html", context, status=422)
    try:
        open_dispute(conversion=conversion, creator=creator, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Your dispute is with the brand. You see its answer here."))
    except DisputeRefused as refused:
        messages.error(request, str(refused))
    return HttpResponseRedirect(reverse("studio_order", args=[merchant, order_id]))


@require_http_methods(["GET", "HEAD", "POST"])
def claims(request: HttpRequest) -> HttpResponse:
    """The creator's claims of sales that were never reported, and the form for another."""
    creator = creator_asking(request)
    form, status = ClaimForm(), 200
    if request.method == "POST":
        form = ClaimForm(request.POST)
        if form.is_valid():
            try:
                claim_sale(creator=creator, now=timezone.now(), **form.cleaned_data)
                messages.success(request, _("Your claim is with the brand. You see its answer here."))
                return HttpResponseRedirect(reverse("studio_claims"))
            except DisputeRefused as refused:
                form.add_error(None, str(refused))
        status = 422
    context: dict[str, Any] = {"form": form, "claims": claims_of(creator_id=creator.pk).order_by("-pk")[:100]}
    return render(request, "guides/studio/claims.html", context, status=status)
