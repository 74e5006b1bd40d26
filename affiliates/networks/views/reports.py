"""Networks' reports in the admin: upload, try, import, and look at every row."""

from __future__ import annotations

from typing import Any, BinaryIO, cast
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST

from wagtail.admin import messages

from affiliates.earnings.views.finance import PER_PAGE, FinanceView, check_finance
from affiliates.networks.forms import LARGEST_FILE, DaysForm, ReportUploadForm
from affiliates.networks.models import ReportFile
from affiliates.networks.models.statements import RowResult
from affiliates.networks.registry import NAMES
from affiliates.networks.selectors.differences import differences
from affiliates.networks.selectors.reconciliation import (
    EQUAL,
    NOT_THERE,
    VERDICTS,
    days_of,
    sides,
    transactions,
    unreported,
    verdict_words,
)
from affiliates.networks.services.reports import counts_in_words, store_report

#: What a form adds to its file.
ENVELOPE = 64 * 1024


class ReportsPage(FinanceView):
    """A page about networks' reports."""

    parent: tuple[str, Any] | None = ("networks_reports", gettext_lazy("Network reports"))
    header_icon = "download"


class ReportsView(ReportsPage):
    """The imports, latest first."""

    template_name = "networks/admin/reports.html"
    page_title = gettext_lazy("Network reports")
    parent = None

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        files = ReportFile.objects.select_related("merchant", "requested_by")
        context["files"] = Paginator(files, PER_PAGE).get_page(self.request.GET.get("p"))
        return context


@method_decorator(csrf_exempt, name="dispatch")
class UploadView(ReportsPage):
    """A file to try. Who may not, or sends too much, is told so before the file is read."""

    template_name = "networks/admin/upload.html"
    page_title = gettext_lazy("Upload a report")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("form", ReportUploadForm())
        return super().get_context_data(**kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_FILE + ENVELOPE:
            messages.error(request, _("The file is larger than 500 MB."))
            return self.render_to_response(self.get_context_data(), status=413)
        return cast(HttpResponse, csrf_protect(self._take)(request))

    def _take(self, request: HttpRequest) -> HttpResponse:
        form = ReportUploadForm(request.POST, request.FILES)
        if not form.is_valid():
            return self.render_to_response(self.get_context_data(form=form), status=422)
        data = form.cleaned_data
        file = store_report(
            network=data["network"], merchant=data["merchant"], source=data["file"].file, name=data["file"].name,
            now=timezone.now(), mapping=data["mapping"], dry_run=True, requested_by=request.user,
        )  # fmt: skip
        return HttpResponseRedirect(reverse("networks_report", args=[file.ref]))


class ReportView(ReportsPage):
    """One import: what it did, or would do, and its rows."""

    template_name = "networks/admin/report.html"

    def get_page_title(self) -> str:
        return str(self.report())

    def report(self) -> ReportFile:
        """The import, read once a request."""
        if not hasattr(self, "_report"):
            found = ReportFile.objects.select_related("merchant", "mapping", "requested_by")
            self._report = get_object_or_404(found, ref=self.kwargs["ref"])
        return self._report

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        file = self.report()
        rows = file.rows.select_related("observation__change__conversion__merchant")
        result = self.request.GET.get("result", "")
        if result in RowResult.values:
            rows = rows.filter(result=result)
        context["report"], context["counts"] = file, counts_in_words(file)
        context["network"] = NAMES.get(file.network, file.network)
        context["is_open"] = file.status in {ReportFile.Status.QUEUED, ReportFile.Status.RUNNING}
        number = self.request.GET.get("row", "")
        if number.isascii() and number.isdigit() and len(number) < 10:
            rows = rows.filter(number=int(number))
        context["results"], context["result"] = RowResult.choices, result
        context["rows"] = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("p"))
        context["query"] = f"result={result}" if result in RowResult.values else ""
        context["may_import_now"] = file.is_dry_run and file.status == ReportFile.Status.DONE and bool(file.file)
        return context


@require_POST
def import_now(request: HttpRequest, ref: str) -> HttpResponse:
    """Import the very file that was tried."""
    user = check_finance(request)
    tried = get_object_or_404(ReportFile.objects.select_related("merchant", "mapping"), ref=ref, is_dry_run=True)
    if tried.status != ReportFile.Status.DONE or not tried.file:
        messages.error(request, _("Only a file whose dry run went well can be imported."))
        return HttpResponseRedirect(reverse("networks_report", args=[ref]))
    with tried.file.open("rb") as opened:
        source = cast(BinaryIO, getattr(opened.file, "file", opened))
        made = store_report(
            network=tried.network, merchant=tried.merchant, source=source, name=tried.name, now=timezone.now(),
            mapping=tried.mapping, requested_by=user,
        )  # fmt: skip
    messages.success(request, _("The import begins within moments."))
    return HttpResponseRedirect(reverse("networks_report", args=[made.ref]))


class ReconciliationView(ReportView):
    """For some days, what the network of an import reports against what is booked."""

    template_name = "networks/admin/reconciliation.html"

    def get_page_title(self) -> str:
        return _("Reported and booked: %(file)s") % {"file": self.report()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        file, asked = self.report(), self.request.GET
        today = timezone.now().date()
        first, last = days_of(file) or (today, today)
        form = DaysForm(asked if "since" in asked else {"since": first, "until": last})
        context |= {"form": form, "rows": None, "sides": []}
        if not form.is_valid():
            return context
        days = {"since": form.cleaned_data["since"], "until": form.cleaned_data["until"]}
        found = sides(file, **days)
        verdict, currency = asked.get("verdict", ""), asked.get("currency", "")
        context |= {
            "sides": found, "agrees": all(side.verdict == EQUAL for side in found), "verdict": verdict,
            "currency": currency, "days": urlencode(days),
            "query": urlencode({**days, "verdict": verdict, "currency": currency}),
        }  # fmt: skip
        if verdict in VERDICTS:
            rows = (
                unreported(file, **days).filter(currency=currency)
                if verdict == NOT_THERE
                else transactions(file, **days).filter(verdict=verdict, in_currency=currency)
            )
            context["rows"] = Paginator(rows, PER_PAGE).get_page(asked.get("p"))
            context["words"] = verdict_words(verdict)
        return context


class DifferencesView(ReportsPage):
    """Where networks' commissions and ours are not the same."""

    template_name = "networks/admin/differences.html"
    page_title = gettext_lazy("Differences")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["differences"] = differences()
        return context
