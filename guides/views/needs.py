"""What the author's own pages need of them, in the studio."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from wagtail.admin.ui.components import Component

from affiliates.tracking.models import Link
from affiliates.tracking.selectors.link_health import failing_links
from affiliates.tracking.services.links import switch_link
from community.models import Creator
from community.selectors.roles import creator_of
from guides.selectors.needs import offers_in_need

#: As many as the front page names.
FIRST = 8


def _creator(request: HttpRequest) -> Creator:
    """The creator who asks; 404 for everybody else."""
    creator = creator_of(request.user)
    if creator is None:
        raise Http404
    return creator


@require_safe
def needs(request: HttpRequest) -> HttpResponse:
    """All of them; 404 for whoever is no creator."""
    creator, now = _creator(request), timezone.now()
    context = {
        "creator": creator,
        "as_of": now,
        "needs": offers_in_need(creator, now=now),
        "links": list(failing_links(creator.pk)),
    }
    return render(request, "guides/studio/needs.html", context)


@require_POST
def switch_off(request: HttpRequest, code: str) -> HttpResponse:
    """Switch one of the creator's own links off; 404 for another's."""
    link = get_object_or_404(Link, creator=_creator(request), code=code)
    switch_link(link=link, is_active=False)
    messages.success(request, _("%(link)s leads nowhere from now on.") % {"link": link.label or link.url})
    return redirect("studio_needs")


class NeedsPanel(Component):
    """The first of them on the studio's front page."""

    order = 60
    template_name = "guides/studio/_needs_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        request = parent_context["request"]
        creator = creator_of(request.user)
        found = offers_in_need(creator, now=timezone.now()) if creator else []
        links = list(failing_links(creator.pk)) if creator else []
        return {
            "request": request,
            "needs": found[:FIRST],
            "links": links[:FIRST],
            "total": len(found) + len(links),
            "more": max(len(found), len(links)) > FIRST,
        }


class QueuePanel(Component):
    """The operator's way to what all authors' pages need."""

    order = 60
    template_name = "guides/studio/_queue_panel.html"
