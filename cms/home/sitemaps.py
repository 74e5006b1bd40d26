"""The map of the site for search engines: public pages of all languages, and products."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.sitemaps import Sitemap as PlainSitemap
from django.db.models import QuerySet

from wagtail.contrib.sitemaps import Sitemap
from wagtail.models import Page

from affiliates.catalogue.models import Product
from cms.home.selectors import public_pages


class PageMap(Sitemap):
    """Every page that everybody may read. Wagtail's own map knows only the site's first language."""

    def items(self) -> QuerySet[Page]:
        return public_pages()


class ProductMap(PlainSitemap):
    """Every product's page, which has no language of its own."""

    limit = 5000

    def items(self) -> QuerySet[Product]:
        return Product.objects.standing().order_by("pk")

    def get_urls(self, page: Any = 1, site: Any = None, protocol: str | None = None) -> list[dict[str, Any]]:
        from_page: list[Product] = list(self.paginator.page(page).object_list)
        return [{"location": f"{settings.BASE_URL}{product.get_absolute_url()}"} for product in from_page]

    def get_latest_lastmod(self) -> dt.datetime | None:
        return None


SITEMAPS = {"pages": PageMap, "products": ProductMap}
