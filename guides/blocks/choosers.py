"""Choosing a product; a page's products are loaded in one go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from wagtail.blocks import ChooserBlock

from affiliates.catalogue.models import Product
from guides.product_chooser import ProductChooserWidget
from guides.selectors.known_products import load_products


class ProductChooserBlock(ChooserBlock):
    """A product of the catalogue."""

    class Meta:
        icon = "tag"
        label = _("Product")

    @cached_property
    def target_model(self) -> type[Product]:
        return Product

    @cached_property
    def widget(self) -> Any:
        return ProductChooserWidget()

    def bulk_to_python(self, values: Sequence[int | None]) -> list[Product | None]:
        """All products of a stream in one query at most, whatever their number; deleted ones are None.

        Pictures and offers come with the page's cards.
        """
        found = load_products(value for value in values if value)
        return [found.get(value) if value else None for value in values]
