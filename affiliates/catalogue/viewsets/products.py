"""Products in the admin."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, QuerySet
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import BulkActionsCheckboxColumn, Column
from wagtail.admin.views.generic import IndexView
from wagtail.admin.viewsets.model import ModelViewSet

import django_filters

from affiliates.catalogue.forms import ProductForm
from affiliates.catalogue.models import Offer, Product
from cms.core.spreadsheets import safe_cell


class IdentityColumn(Column):
    """Where a product's offers are split off, or another is merged into it."""

    def get_value(self, instance: Product) -> SafeString:
        if instance.merged_into:
            into = reverse("catalogue_product_identity", args=[instance.merged_into.slug])
            return format_html(
                '<a href="{}">{}</a>', into, _("Merged into %(product)s") % {"product": instance.merged_into}
            )
        return format_html(
            '<a href="{}">{}</a>', reverse("catalogue_product_identity", args=[instance.slug]), _("Identity")
        )


identity_link = IdentityColumn("identity", label=_("Identity"))


class ProductFilter(WagtailFilterSet):
    """By category, whether there is a GTIN, whether any shop lists it, and whether it was merged."""

    has_gtin = django_filters.BooleanFilter(label=_("Has a GTIN"), method="by_gtin")
    has_offers = django_filters.BooleanFilter(label=_("Is listed by a shop"), method="by_offers")
    merged = django_filters.ChoiceFilter(
        label=_("Merged into another"),
        method="by_merge",
        choices=[("yes", _("Only these")), ("also", _("These too"))],
        empty_label=_("Left out"),
    )

    class Meta:
        model = Product
        fields = ["category"]

    def by_gtin(self, products: QuerySet[Product], name: str, value: bool) -> QuerySet[Product]:
        return products.exclude(gtin="") if value else products.filter(gtin="")

    def by_offers(self, products: QuerySet[Product], name: str, value: bool) -> QuerySet[Product]:
        listed = Exists(Offer.objects.filter(product=OuterRef("pk"), gone_at__isnull=True))
        return products.filter(listed) if value else products.filter(~listed)

    def by_merge(self, products: QuerySet[Product], name: str, value: str) -> QuerySet[Product]:
        return products.filter(merged_into__isnull=False) if value == "yes" else products

    def filter_queryset(self, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """A merged product stands for nothing by itself, so it is listed only where somebody asks for it."""
        found = super().filter_queryset(queryset)
        return found if self.form.cleaned_data.get("merged") else found.filter(merged_into__isnull=True)


class ProductIndexView(IndexView):
    """The list with boxes to tick, and an export that no spreadsheet takes for formulas: names come from shops."""

    custom_field_preprocess = {
        "variant": dict.fromkeys(IndexView.FORMATS, lambda variant: "; ".join(f"{k}: {v}" for k, v in variant.items())),
        "merged_into": dict.fromkeys(IndexView.FORMATS, lambda other: other.slug if other else ""),
    }

    def get_base_queryset(self) -> QuerySet[Product]:
        products: QuerySet[Product] = super().get_base_queryset()
        return products.select_related("merged_into")

    def preprocess_field_value(self, field: str, value: Any, export_format: str) -> Any:
        cell = super().preprocess_field_value(field, value, export_format)
        return safe_cell(cell) if isinstance(cell, str) and export_format == self.FORMAT_CSV else cell

    @cached_property
    def columns(self) -> list[Any]:
        return [BulkActionsCheckboxColumn("bulk_actions", obj_type="product"), *super().columns]

    def _get_title_column(self, *args: Any, **kwargs: Any) -> Any:
        return super()._get_title_column(*args, **kwargs, get_title_id=lambda product: f"product_{product.pk}_title")


class ProductViewSet(ModelViewSet):
    """Products, for editors and operators."""

    model = Product
    index_view_class = ProductIndexView
    index_template_name = "catalogue/admin/products.html"
    icon = "tag"
    menu_label = _("Products")
    copy_view_enabled = False
    list_display = ["name", "brand", "gtin", "category", "created_at", identity_link]
    filterset_class = ProductFilter
    list_export = ["slug", "name", "brand", "gtin", "mpn", "variant", "category", "created_at", "merged_into"]
    export_filename = "products"
    search_fields = ["name", "brand", "gtin", "mpn", "slug"]
    # The search engine reads words; numbers are found in the database.
    search_backend_name = None
    form_fields = [*ProductForm.Meta.fields]

    def get_form_class(self, for_update: bool = False) -> type[forms.ModelForm]:
        return ProductForm
