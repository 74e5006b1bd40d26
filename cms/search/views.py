"""One search over guides, products and creators."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from cms.search.selectors import LONGEST_QUERY, search_everything


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """Results for `?q=`, guides first. An empty question shows where to begin."""
    query = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_QUERY]
    reader = request.reader  # type: ignore[attr-defined]  # ReaderMiddleware
    results = None
    if query:
        results = search_everything(
            query, now=timezone.now(), reader_country=reader.country, reader_currency=reader.currency
        )
    context = {"query": query, "results": results}
    return render(request, "search/search.html", context)
