"""Short addresses of creators."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponseRedirect
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from guides.models import CreatorPage


@require_safe
def handle(request: HttpRequest, handle: str) -> HttpResponseRedirect:
    """`/@handle`: to the storefront in the reader's language, or in whichever there is."""
    pages = CreatorPage.objects.live().filter(creator__handle=handle).select_related("locale")
    found = {page.locale.language_code: page for page in pages}
    if not found:
        raise Http404
    page = found.get(get_language() or "en") or next(iter(found.values()))
    return HttpResponseRedirect(page.get_url(request))
