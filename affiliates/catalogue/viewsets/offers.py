"""Offers and lanes in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import CreateView, IndexView
from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.forms import LaneForm, OfferForm
from affiliates.catalogue.models import Lane, Offer
from affiliates.parties.viewsets import SafeExportIndexView, TickedIndexView


def _slug(row: Any) -> str:
    return str(row.slug)


class OfferIndexView(TickedIndexView):
    """Offers with their products, merchants and sources."""

    custom_field_preprocess = {
        name: dict.fromkeys(IndexView.FORMATS, _slug) for name in ("product", "merchant", "policy")
    }

    def get_base_queryset(self) -> QuerySet[Offer]:
        offers: QuerySet[Offer] = super().get_base_queryset()
        return offers.select_related("product", "merchant", "policy")


class OfferViewSet(ModelViewSet):
    """Offers come from feeds; an operator sets them right."""

    model = Offer
    icon = "link"
    menu_label = _("Offers")
    copy_view_enabled = False
    index_view_class = OfferIndexView
    list_display = [
        "title", "product", "merchant", "external_id", Column("stated_price", label=_("Price")), "currency",
        "availability", "price_seen_at", "gone_at",
    ]  # fmt: skip
    list_filter = ["merchant", "availability", "condition", "policy", "source_kind"]
    list_export = [
        "merchant", "external_id", "product", "title", "stated_price", "currency", "availability", "condition", "url",
        "policy", "source_kind", "source_label", "price_seen_at", "gone_at",
    ]  # fmt: skip
    export_filename = "offers"
    search_fields = ["title", "external_id", "url", "product__name", "product__gtin"]
    form_fields = [*OfferForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return OfferForm


class LaneCreateView(CreateView):
    """A merchant's page leads here with its merchant chosen."""

    def get_initial(self) -> dict[str, Any]:
        merchant = self.request.GET.get("merchant", "")
        return {**super().get_initial(), **({"merchant": merchant} if merchant.isdecimal() else {})}


class LaneIndexView(SafeExportIndexView):
    """Lanes with their merchants."""

    custom_field_preprocess = {"merchant": dict.fromkeys(IndexView.FORMATS, _slug)}

    def get_base_queryset(self) -> QuerySet[Lane]:
        lanes: QuerySet[Lane] = super().get_base_queryset()
        return lanes.select_related("merchant")


class LaneViewSet(ModelViewSet):
    """Where merchants ship, as far as somebody found out."""

    model = Lane
    icon = "globe"
    menu_label = _("Lanes")
    copy_view_enabled = False
    add_view_class = LaneCreateView
    index_view_class = LaneIndexView
    list_export = ["merchant", "country", "ships", "min_days", "max_days", "source_kind", "source", "seen_at"]
    export_filename = "lanes"
    list_display = ["merchant", "country", "ships", "min_days", "max_days", "source_kind", "source", "seen_at"]
    list_filter = ["merchant", "ships", "source_kind"]
    search_fields = ["merchant__name", "country"]
    form_fields = [*LaneForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return LaneForm
