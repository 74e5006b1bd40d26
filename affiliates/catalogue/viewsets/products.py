"""Products in the admin."""

from __future__ import annotations

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.model import ModelViewSet

import django_filters

from affiliates.catalogue.forms import ProductForm
from affiliates.catalogue.models import Offer, Product


class IdentityColumn(Column):
    """Where a product's offers are split off, or another is merged into it."""

    def get_value(self, instance: Product) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("catalogue_product_identity", args=[instance.slug]), _("Identity")
        )


identity_link = IdentityColumn("identity", label=_("Identity"))


class ProductFilter(WagtailFilterSet):
    """By category, whether there is a GTIN, whether any shop lists it, and whether it was merged."""

    has_gtin = django_filters.BooleanFilter(label=_("Has a GTIN"), method="by_gtin")
    has_offers = django_filters.BooleanFilter(label=_("Is listed by a shop"), method="by_offers")
    was_merged = django_filters.BooleanFilter(label=_("Was merged into another"), method="by_merge")

    class Meta:
        model = Product
        fields = ["category"]

    def by_gtin(self, products: QuerySet[Product], name: str, value: bool) -> QuerySet[Product]:
        return products.exclude(gtin="") if value else products.filter(gtin="")

    def by_offers(self, products: QuerySet[Product], name: str, value: bool) -> QuerySet[Product]:
        listed = Exists(Offer.objects.filter(product=OuterRef("pk"), gone_at__isnull=True))
        return products.filter(listed) if value else products.filter(~listed)

    def by_merge(self, products: QuerySet[Product], name: str, value: bool) -> QuerySet[Product]:
        return products.filter(merged_into__isnull=not value)


class ProductViewSet(ModelViewSet):
    """Products, for editors and operators."""

    model = Product
    icon = "tag"
    menu_label = _("Products")
    copy_view_enabled = False
    list_display = ["name", "brand", "gtin", "category", "created_at", identity_link]
    filterset_class = ProductFilter
    list_export = ["slug", "name", "brand", "gtin", "mpn", "category", "created_at"]
    export_filename = "products"
    search_fields = ["name", "brand", "gtin", "mpn", "slug"]
    # The search engine reads words; numbers are found in the database.
    search_backend_name = None
    form_fields = [*ProductForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return ProductForm
