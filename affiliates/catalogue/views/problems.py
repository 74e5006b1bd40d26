"""A reader says what is wrong with an offer, and sees what became of it."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from affiliates.catalogue.forms import ProblemForm
from affiliates.catalogue.models import Product, Ticket
from affiliates.catalogue.selectors.problems import offers_to_report, outcome_of, reports_of
from affiliates.catalogue.services.problems import ReportRefused, report_problem
from community.models import User

_PER_PAGE = 30


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, slug: str, merchant: str) -> HttpResponse:
    """One tap says what is wrong; the page says what happens then."""
    product = get_object_or_404(Product, slug=slug)
    offers = list(offers_to_report(product.merged_into or product, merchant))
    if not offers:
        raise Http404
    person = cast(User, request.user) if request.user.is_authenticated else None
    country = request.reader.country or ""  # type: ignore[attr-defined]  # ReaderMiddleware
    form = ProblemForm(request.POST or None, offers=offers, country=country)
    status = 200
    if request.method == "POST":
        if form.is_trapped:
            return HttpResponseRedirect(product.get_absolute_url())
        if form.is_valid():
            data = form.cleaned_data
            try:
                ticket = report_problem(
                    offer=form.offer,
                    kind=data["kind"],
                    country=data["country"],
                    user=person,
                    note=data["note"],
                    now=timezone.now(),
                )
            except ReportRefused as refused:
                form.add_error(None, str(refused.reason))
            else:
                return HttpResponseRedirect(reverse("catalogue:ticket", args=[ticket.ref]))
        status = 422
    context = {"form": form, "product": product, "merchant": offers[0].merchant, "offers": offers}
    return render(request, "catalogue/report_problem.html", context, status=status)


@never_cache
@require_safe
def ticket(request: HttpRequest, ref: str) -> HttpResponse:
    """Where a report stands. Its address is known to those who reported; it says nothing of who that was."""
    found = get_object_or_404(Ticket.objects.select_related("offer__product", "offer__merchant"), ref=ref)
    return render(request, "catalogue/ticket.html", {"ticket": found, "outcome": outcome_of(found)})


@never_cache
@login_required
@require_safe
def own_reports(request: HttpRequest) -> HttpResponse:
    """What this reader reported, and the answers."""
    page = Paginator(reports_of(cast(User, request.user)), _PER_PAGE).get_page(request.GET.get("page"))
    rows = [(found, outcome_of(found.ticket)) for found in page]
    return render(request, "catalogue/own_reports.html", {"page_of_reports": page, "rows": rows})
