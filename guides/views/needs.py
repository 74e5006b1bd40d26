"""What the author's own pages need of them, in the studio."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from wagtail.admin.ui.components import Component

from community.selectors.roles import creator_of
from guides.selectors.needs import offers_in_need

#: As many as the front page names.
FIRST = 8


@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    """All of them; 404 for whoever is no creator."""
    creator = creator_of(request.user)
    if creator is None:
        raise Http404
    now = timezone.now()
    context = {"creator": creator, "as_of": now, "needs": offers_in_need(creator, now=now)}
    return render(request, "guides/studio/needs.html", context)


class NeedsPanel(Component):
    """The first of them on the studio's front page."""

    order = 60
    template_name = "guides/studio/_needs_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        creator = creator_of(parent_context["request"].user)
        found = offers_in_need(creator, now=timezone.now()) if creator else []
        return {"needs": found[:FIRST], "total": len(found), "more": len(found) > FIRST}
