"""What is kept of prices over time, and deleting it where the site's terms forbid it. For operators, in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from affiliates.catalogue.models import Reading, ReadingDay
from affiliates.catalogue.selectors.history_rights import tracking_is_on
from affiliates.catalogue.services.retention import forget_history
from cms.core import generation
from cms.core.staff_pages import StaffPage
from community.selectors.roles import is_operator


class PriceHistoryView(StaffPage):
    """How much is kept; where price tracking is off, a confirmation that names the number and deletes it."""

    template_name = "catalogue/admin/price_history.html"
    page_title = gettext_lazy("Price history")
    header_icon = "history"
    may_see = staticmethod(is_operator)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["readings"], context["days"] = Reading.objects.count(), ReadingDay.objects.count()
        context["kept"] = context["readings"] + context["days"]
        context["tracking_is_on"] = tracking_is_on()
        return context

    def post(self, request: HttpRequest) -> HttpResponse:
        if tracking_is_on():
            messages.error(request, _("Price tracking is on, so its history stays."))
        elif not request.POST.get("confirm"):
            messages.error(request, _("Nothing was deleted. Tick the box to confirm."))
        else:
            gone = forget_history()
            generation.bump()
            words = ngettext("%(count)s row deleted.", "%(count)s rows deleted.", gone)
            messages.success(request, words % {"count": gone})
        return HttpResponseRedirect(reverse("catalogue_history"))
