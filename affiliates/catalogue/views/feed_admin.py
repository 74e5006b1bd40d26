"""What operators do with feeds in the admin: upload a file, fetch a feed now, take the faults along."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from wagtail.admin import messages

from affiliates.catalogue.feed_forms import FeedUploadForm
from affiliates.catalogue.models import Feed, FeedRun
from affiliates.catalogue.services.feed_fetching import LARGEST_FILE, fetch_soon, queue_run
from cms.core.spreadsheets import safe_cell
from community.models import User
from community.selectors.roles import is_operator

#: What a form adds to its file.
ENVELOPE = 64 * 1024


def _check(request: HttpRequest) -> User:
    if not is_operator(request.user):
        raise PermissionDenied
    return cast(User, request.user)


@csrf_exempt
def upload(request: HttpRequest) -> HttpResponse:
    """Who may not upload, or sends too much, is told so before the file is read; only then is the form looked into."""
    _check(request)
    if int(request.META.get("CONTENT_LENGTH") or 0) > LARGEST_FILE + ENVELOPE:
        form = FeedUploadForm()
        messages.error(request, _("The file is larger than 500 MB."))
        return _page(request, form, status=413)
    return _upload(request)


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    user = _check(request)
    form = FeedUploadForm(request.POST or None, request.FILES or None, initial=_chosen(request))
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=200 if request.method != "POST" else 422)
    data = form.cleaned_data
    run = queue_run(
        merchant=data["merchant"], format=data["format"], mapping=data["mapping"], complete=data["complete"],
        file=data["file"].file, source=data["file"].name, requested_by=user, now=timezone.now(),
    )  # fmt: skip
    messages.success(request, _("The file is here."))
    return HttpResponseRedirect(reverse("catalogue_feed_runs:inspect", args=[run.pk]))


def _chosen(request: HttpRequest) -> dict[str, Any]:
    """What a link to this page fills in."""
    return {name: request.GET[name] for name in ("merchant", "format", "mapping") if request.GET.get(name)}


def _page(request: HttpRequest, form: FeedUploadForm, status: int) -> HttpResponse:
    runs = FeedRun._meta.verbose_name_plural or ""
    context = {
        "form": form,
        "header_title": _("Upload a feed"),
        "page_title": _("Upload a feed"),
        "header_icon": "upload",
        "breadcrumbs_items": [
            {"url": reverse("wagtailadmin_home"), "label": _("Home")},
            {"url": reverse("catalogue_feed_runs:index"), "label": str(runs).capitalize()},
            {"url": "", "label": _("Upload a feed")},
        ],
    }
    return render(request, "catalogue/admin/feed_upload.html", context, status=status)


@require_POST
def fetch_now(request: HttpRequest, number: int) -> HttpResponse:
    """The worker fetches the feed within moments, whether or not the shop says that it is new."""
    _check(request)
    feed = get_object_or_404(Feed.objects.select_related("merchant"), pk=number)
    if fetch_soon(feed=feed, now=timezone.now()):
        messages.success(request, _("The feed is fetched within moments. Reload this page to see what came."))
    else:
        messages.error(request, _("The feed or its merchant is switched off. Switch it on first."))
    return HttpResponseRedirect(reverse("catalogue_feeds:inspect", args=[feed.pk]))


class _Echo:
    """Hands a CSV writer's lines through."""

    def write(self, line: str) -> str:
        return line


@require_safe
def faults_csv(request: HttpRequest, number: int) -> StreamingHttpResponse:
    """The rows of an import that could not be read, for whoever makes the feed."""
    _check(request)
    run = get_object_or_404(FeedRun.objects.select_related("merchant"), pk=number)

    def lines() -> Iterator[str]:
        writer = csv.writer(_Echo())
        yield writer.writerow(["row", "id", "field", "reason"])
        for fault in run.faults:
            yield writer.writerow([safe_cell(str(fault.get(key, ""))) for key in ("row", "id", "field", "reason")])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="faults-{run.merchant.slug}-{run.pk}.csv"'
    return response
