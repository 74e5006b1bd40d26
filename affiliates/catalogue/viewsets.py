"""The catalogue in the Wagtail admin."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail.admin.viewsets.base import ViewSetGroup
from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.forms import OfferForm, ProductForm
from affiliates.catalogue.models import FeedRun, Lane, Offer, Product, SourcePolicy


class ProductViewSet(ModelViewSet):
    """Products, for editors and operators."""

    model = Product
    icon = "tag"
    menu_label = _("Products")
    copy_view_enabled = False
    list_display = ["name", "brand", "gtin", "category", "created_at"]
    list_filter = ["category"]
    search_fields = ["name", "brand", "gtin", "mpn", "slug"]
    # The search engine reads words; numbers are found in the database.
    search_backend_name = None
    form_fields = [*ProductForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return ProductForm


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


class SourcePolicyViewSet(ModelViewSet):
    """What sources allow. Forbidding history deletes what was kept of it."""

    model = SourcePolicy
    icon = "lock"
    menu_label = _("Sources")
    copy_view_enabled = False
    list_display = ["name", "may_keep_history", "may_alert", "max_price_age_hours", "may_cache_images"]
    form_fields = ["slug", "name", "may_keep_history", "may_alert", "max_price_age_hours", "may_cache_images"]


class LaneViewSet(ModelViewSet):
    """Where merchants ship, as far as somebody found out."""

    model = Lane
    icon = "globe"
    menu_label = _("Lanes")
    copy_view_enabled = False
    list_display = ["merchant", "country", "ships", "min_days", "max_days", "source"]
    list_filter = ["merchant", "ships"]
    search_fields = ["merchant__name", "country"]
    form_fields = ["merchant", "country", "ships", "min_days", "max_days", "source"]


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


class CatalogueGroup(ViewSetGroup):
    """One entry of the menu."""

    menu_label = _("Catalogue")
    menu_icon = "tag"
    menu_order = 310
    items = (
        ProductViewSet("catalogue_products", url_prefix="products"),
        OfferViewSet("catalogue_offers", url_prefix="offers"),
        LaneViewSet("catalogue_lanes", url_prefix="lanes"),
        SourcePolicyViewSet("catalogue_sources", url_prefix="sources"),
        FeedRunViewSet("catalogue_feed_runs", url_prefix="feed-imports"),
    )
