"""The admin's window for choosing a product: search by name, brand or number, with pictures."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from wagtail.admin.ui.tables import Column
from wagtail.admin.viewsets.chooser import ChooserViewSet

from affiliates.catalogue.models import Product


class ProductChooserViewSet(ChooserViewSet):
    """Lists the catalogue's products; nothing is created here."""

    model = "catalogue.Product"
    icon = "tag"
    choose_one_text = _("Choose a product")
    choose_another_text = _("Choose another product")
    edit_item_text = _("Edit this product")
    url_filter_parameters: list[str] = []
    per_page = 20

    def get_object_list(self) -> QuerySet[Product]:
        """A merged product is chosen as the one it was merged into."""
        return Product.objects.standing()

    @property
    def columns(self) -> list[Any]:
        return [Column("brand", label=_("Brand")), Column("category", label=_("Category"))]


product_chooser_viewset = ProductChooserViewSet("product_chooser")
ProductChooserWidget = product_chooser_viewset.widget_class
