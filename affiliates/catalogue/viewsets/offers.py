"""Offers and lanes in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail.admin.views.generic import CreateView
from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.forms import LaneForm, OfferForm
from affiliates.catalogue.models import Lane, Offer


class OfferViewSet(ModelViewSet):
    """Offers come from feeds; an operator sets them right."""

    model = Offer
    icon = "link"
    menu_label = _("Offers")
    copy_view_enabled = False
    list_display = ["title", "merchant", "external_id", "currency", "availability", "price_seen_at", "gone_at"]
    list_filter = ["merchant", "availability", "policy"]
    search_fields = ["title", "external_id", "url", "product__name", "product__gtin"]
    form_fields = [*OfferForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return OfferForm


class LaneCreateView(CreateView):
    """A merchant's page leads here with its merchant chosen."""

    def get_initial(self) -> dict[str, Any]:
        merchant = self.request.GET.get("merchant", "")
        return {**super().get_initial(), **({"merchant": merchant} if merchant.isdecimal() else {})}


class LaneViewSet(ModelViewSet):
    """Where merchants ship, as far as somebody found out."""

    model = Lane
    icon = "globe"
    menu_label = _("Lanes")
    copy_view_enabled = False
    add_view_class = LaneCreateView
    list_display = ["merchant", "country", "ships", "min_days", "max_days", "source_kind", "source", "seen_at"]
    list_filter = ["merchant", "ships", "source_kind"]
    search_fields = ["merchant__name", "country"]
    form_fields = [*LaneForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return LaneForm
