"""Products in the admin."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from wagtail.admin.viewsets.model import ModelViewSet

from affiliates.catalogue.forms import ProductForm
from affiliates.catalogue.models import Product


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
