"""The product page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from affiliates.catalogue.json_ld import product_hub
from affiliates.catalogue.selectors.products import Moved, product_page
from cms.core.disclosure import Fact, disclosure_for


@require_safe
def product(request: HttpRequest, slug: str) -> HttpResponse:
    """One product: all its shops for this reader's country and every verdict on it."""
    # Nobody signs this page: its links are the house's, and so is the commission.
    reader = request.reader  # type: ignore[attr-defined]  # ReaderMiddleware
    country = reader.country
    try:
        page = product_page(slug, reader_country=country, reader_currency=reader.currency, now=timezone.now())
    except Moved as moved:
        return HttpResponsePermanentRedirect(moved.product.get_absolute_url())
    context = {
        "disclosure": disclosure_for(country, get_language() or "en", [Fact("house")]),
        "json_ld": product_hub(page.card),
        "product": page.card.product,
        "card": page.card,
        "page_data": page,
        "offers": page.offers,
        "image": page.card.image,
        "converted": next((o.comparison for o in page.offers if o.comparison and o.comparison.is_estimate), None),
    }
    return render(request, "catalogue/product.html", context)
