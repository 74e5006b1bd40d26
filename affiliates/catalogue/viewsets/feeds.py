"""Feeds and their imports in the admin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.models import FeedRun


class FeedRunViewSet(ModelViewSet):
    """What imports did. Nothing can be changed here."""

    model = FeedRun
    icon = "download"
    menu_label = _("Feed imports")
    copy_view_enabled = False
    inspect_view_enabled = True
    list_display = ["started_at", "merchant", "status", "rows", "created", "updated", "unchanged", "gone", "bad"]
    list_filter = ["merchant", "status"]
    form_fields = ["merchant"]
    inspect_view_fields = [
        "merchant", "source", "format", "status", "reason", "started_at", "finished_at", "rows", "created", "updated",
        "unchanged", "gone", "bad", "faults",
    ]  # fmt: skip
