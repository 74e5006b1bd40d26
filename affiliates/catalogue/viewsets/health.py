"""Whether offers still lead to the thing, in the admin."""

from __future__ import annotations

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.models import OfferHealth
from affiliates.parties.viewsets import SafeExportIndexView


class HealthIndexView(SafeExportIndexView):
    """Findings with their offers and shops."""

    def get_base_queryset(self) -> QuerySet[OfferHealth]:
        found: QuerySet[OfferHealth] = super().get_base_queryset()
        return found.select_related("offer__merchant")


class HealthViewSet(ModelViewSet):
    """What checks found. Nothing is written here but when to look again."""

    model = OfferHealth
    index_view_class = HealthIndexView
    icon = "view"
    menu_label = _("Link health")
    copy_view_enabled = False
    inspect_view_enabled = True
    list_display = [
        Column("offer", label=_("Offer"), accessor="offer.title"),
        Column("merchant", label=_("Shop"), accessor="offer.merchant.name"),
        "state",
        "since_at",
        "checked_at",
        "next_check_at",
        "detail",
    ]
    list_filter = ["state", "offer__merchant"]
    list_export = ["offer__title", "offer__merchant__name", "offer__url", "state", "since_at", "checked_at", "detail"]
    export_filename = "link-health"
    search_fields = ["offer__title", "offer__external_id", "offer__url"]
    search_backend_name = None
    ordering = ["-since_at"]
    # Looking again is asked for by moving the time.
    form_fields = ["next_check_at"]
    inspect_view_fields = [
        "offer",
        "state",
        "since_at",
        "checked_at",
        "next_check_at",
        "failures",
        "detail",
        "hidden_at",
    ]
