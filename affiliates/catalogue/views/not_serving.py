"""The operator's list of what could not earn or serve."""

from __future__ import annotations

import csv
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from affiliates.catalogue.selectors.not_serving import troubles
from cms.core.spreadsheets import safe_cell
from cms.core.staff_pages import StaffPage
from community.selectors.roles import is_operator


class NotServingView(StaffPage):
    """Each thing with what to do, and the way there."""

    template_name = "catalogue/admin/not_serving.html"
    page_title = _("Could not earn or serve")
    header_icon = "warning"
    may_see = staticmethod(is_operator)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        now = timezone.now()
        context |= {"troubles": troubles(now=now), "as_of": now}
        return context


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The same as CSV."""
    if not is_operator(request.user):
        raise PermissionDenied
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="not-serving.csv"'
    writer = csv.writer(response)
    writer.writerow(["kind", "problem", "what", "to do", "as_of"])
    now = timezone.now()
    for row in troubles(now=now):
        cells = [row.kind, str(row.problem), row.what, str(row.todo), now.isoformat(timespec="seconds")]
        writer.writerow([safe_cell(cell) for cell in cells])
    return response
