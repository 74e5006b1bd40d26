"""The catalogue in the Wagtail admin."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from wagtail.admin.viewsets.base import ViewSetGroup

from affiliates.catalogue.viewsets.feeds import FeedMappingViewSet, FeedRunViewSet, FeedViewSet
from affiliates.catalogue.viewsets.health import HealthViewSet
from affiliates.catalogue.viewsets.offers import LaneViewSet, OfferViewSet
from affiliates.catalogue.viewsets.products import ProductViewSet
from affiliates.catalogue.viewsets.sources import SourcePolicyViewSet


class CatalogueGroup(ViewSetGroup):
    """One entry of the menu."""

    menu_label = _("Catalogue")
    menu_icon = "tag"
    menu_order = 310
    items = (
        ProductViewSet("catalogue_products", url_prefix="products"),
        OfferViewSet("catalogue_offers", url_prefix="offers"),
        HealthViewSet("catalogue_health", url_prefix="health"),
        LaneViewSet("catalogue_lanes", url_prefix="lanes"),
        SourcePolicyViewSet("catalogue_sources", url_prefix="sources"),
        FeedViewSet("catalogue_feeds", url_prefix="feeds"),
        FeedMappingViewSet("catalogue_feed_mappings", url_prefix="feed-mappings"),
        FeedRunViewSet("catalogue_feed_runs", url_prefix="feed-imports"),
    )
