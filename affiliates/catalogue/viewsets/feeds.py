"""Feeds, column mappings and imports in the admin, for operators."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.viewsets.model import ModelViewSet
from wagtail.admin.widgets.button import HeaderButton

from affiliates.catalogue.feed_forms import FeedForm, FeedMappingForm, sample_of
from affiliates.catalogue.models import Feed, FeedMapping, FeedRun
from affiliates.parties.viewsets import TickedIndexView

FAULTS_SHOWN = 100
#: A heartbeat comes each second; after so long without one the page says so.
SILENCE_SHOWN = dt.timedelta(seconds=15)


class FeedInspectView(generic.InspectView):
    """A feed: how it is, what its last imports did, and a button that fetches it now."""

    template_name = "catalogue/admin/feed.html"

    def get_page_title(self) -> str:
        return str(self.object)

    def get_page_subtitle(self) -> str:
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        context["feed"] = self.object
        context["runs"] = self.object.runs.order_by("-created_at", "-pk")[:10]
        context["is_overdue"] = self.object.is_overdue(timezone.now())
        return context


class FeedIndexView(TickedIndexView):
    """Feeds with their merchants; addresses are shown as far as they may be."""

    custom_field_preprocess = {
        "merchant": dict.fromkeys(generic.IndexView.FORMATS, lambda merchant: merchant.slug),
    }

    def get_base_queryset(self) -> QuerySet[Feed]:
        feeds: QuerySet[Feed] = super().get_base_queryset()
        return feeds.select_related("merchant")


class FeedViewSet(ModelViewSet):
    """Feeds that are fetched again and again."""

    model = Feed
    icon = "download"
    menu_label = gettext_lazy("Feeds")
    copy_view_enabled = False
    inspect_view_enabled = True
    inspect_view_class = FeedInspectView
    inspect_template_name = "catalogue/admin/feed.html"
    index_view_class = FeedIndexView
    list_display = [
        "name", "merchant", Column("public_url", label=gettext_lazy("Address")), "succeeded_at", "next_run_at",
        "failures", "last_error", "is_active",
    ]  # fmt: skip
    list_export = [
        "merchant", "name", "format", "public_url", "is_complete", "is_active", "every_minutes", "checked_at",
        "succeeded_at", "failures", "last_error",
    ]  # fmt: skip
    export_filename = "feeds"
    list_filter = ["merchant", "format", "is_active"]
    search_fields = ["name", "merchant__name"]
    form_fields = [*FeedForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return FeedForm


class ReadsSample:
    """The button "Read the columns" fills the form from a sample; nothing is saved by it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if "read" not in request.POST:
            return super().post(request, *args, **kwargs)  # type: ignore[misc,no-any-return]
        self.object = self.get_object() if "pk" in self.kwargs else None  # type: ignore[attr-defined]
        typed = {name: request.POST.get(name, "") for name in FeedMappingForm.Meta.fields}
        found = None
        try:
            found = sample_of(request.FILES.get("sample"))
        except ValidationError as fault:
            messages.error(request, fault.messages[0])
        else:
            typed["slug"] = typed["slug"] or slugify(typed["name"])
            typed["delimiter"] = typed["delimiter"] or found.delimiter.replace("\t", "\\t")
            typed["encoding"] = typed["encoding"] or found.encoding
        self.form = FeedMappingForm(
            instance=self.object, initial=typed, found=found, for_user=request.user,
        )  # fmt: skip
        return self.render_to_response(self.get_context_data())  # type: ignore[attr-defined,no-any-return]


class FeedMappingCreateView(ReadsSample, generic.CreateView):
    """A new mapping."""


class FeedMappingEditView(ReadsSample, generic.EditView):
    """A mapping that is there."""


class FeedMappingIndexView(generic.IndexView):
    """Mappings with their merchants."""

    def get_base_queryset(self) -> QuerySet[FeedMapping]:
        mappings: QuerySet[FeedMapping] = super().get_base_queryset()
        return mappings.select_related("merchant")


class FeedMappingViewSet(ModelViewSet):
    """How merchants' own CSV files are read."""

    model = FeedMapping
    icon = "table"
    menu_label = gettext_lazy("Column mappings")
    copy_view_enabled = False
    add_view_class = FeedMappingCreateView
    index_view_class = FeedMappingIndexView
    edit_view_class = FeedMappingEditView
    create_template_name = "catalogue/admin/feed_mapping.html"
    edit_template_name = "catalogue/admin/feed_mapping.html"
    list_display = ["name", "slug", "merchant", "delimiter", "encoding"]
    list_filter = ["merchant"]
    search_fields = ["name", "slug"]
    form_fields = [*FeedMappingForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return FeedMappingForm


class FeedRunIndexView(generic.IndexView):
    """The list of imports, with the way to a new one. Their faults, which may be many, are left where they are."""

    def get_base_queryset(self) -> QuerySet[FeedRun]:
        runs: QuerySet[FeedRun] = super().get_base_queryset()
        return runs.select_related("merchant", "feed").defer("faults")

    @cached_property
    def header_buttons(self) -> list[Any]:
        return [HeaderButton(_("Upload a feed"), url=reverse("catalogue_feed_upload"), icon_name="upload")]


class FeedRunView(generic.InspectView):
    """One import: where it is while it runs, what it did afterwards, and what is wrong with the file."""

    template_name = "catalogue/admin/feed_run.html"

    def get_object(self, queryset: QuerySet[FeedRun] | None = None) -> FeedRun:
        related = FeedRun.objects.select_related("merchant", "feed", "mapping", "requested_by")
        return get_object_or_404(related, pk=self.pk)

    def get_page_title(self) -> str:
        return _("Import for %(merchant)s") % {"merchant": self.object.merchant}

    def get_page_subtitle(self) -> str:
        return ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        run: FeedRun = self.object
        context["run"] = run
        context["is_open"] = run.status in {FeedRun.Status.QUEUED, FeedRun.Status.RUNNING}
        context["percent"] = min(100, run.phase_done * 100 // run.phase_total) if run.phase_total else 0
        context["is_silent"] = run.heartbeat_at is not None and timezone.now() - run.heartbeat_at > SILENCE_SHOWN
        context["seconds"], context["rate"] = _pace(run)
        context["faults"] = run.faults[:FAULTS_SHOWN]
        context["faults_kept"] = len(run.faults)
        context["queued_before"] = FeedRun.objects.waiting().filter(created_at__lt=run.created_at).count()
        return context


def _pace(run: FeedRun) -> tuple[int, int]:
    """Seconds it took so far and rows a second; (0, 0) where nothing was done yet."""
    end = run.finished_at or run.heartbeat_at
    if end is None or end <= run.started_at:
        return 0, 0
    seconds = (end - run.started_at).total_seconds()
    return round(seconds), round(run.rows / seconds)


class FeedRunViewSet(ModelViewSet):
    """What imports did. Nothing can be changed here."""

    model = FeedRun
    icon = "download"
    menu_label = gettext_lazy("Feed imports")
    copy_view_enabled = False
    inspect_view_enabled = True
    index_view_class = FeedRunIndexView
    inspect_view_class = FeedRunView
    inspect_template_name = "catalogue/admin/feed_run.html"
    list_display = ["created_at", "merchant", "status", "rows", "created", "updated", "unchanged", "gone", "bad"]
    list_filter = ["merchant", "status"]
    form_fields = ["merchant"]
    inspect_view_fields = ["merchant", "status"]
