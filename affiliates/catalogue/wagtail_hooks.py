"""What the catalogue adds to the admin."""

from __future__ import annotations

from django.urls import URLPattern, path

from wagtail import hooks
from wagtail.permissions import register_permission_policy

from affiliates.catalogue.models import Feed, FeedMapping, FeedRun, Lane, Offer, Product, SourcePolicy
from affiliates.catalogue.views import feed_admin
from affiliates.catalogue.viewsets import CatalogueGroup
from affiliates.parties.viewsets import OPERATOR, STAFF, RolePolicy

# Offers come from feeds and imports are a record, so neither is added by hand; clicks and orders refer to offers and
# products, so nobody deletes one.
register_permission_policy(Product, RolePolicy(Product, roles=STAFF))
register_permission_policy(Offer, RolePolicy(Offer, roles=OPERATOR, actions=("view", "change")))
register_permission_policy(Lane, RolePolicy(Lane, roles=OPERATOR, actions=("view", "add", "change", "delete")))
register_permission_policy(SourcePolicy, RolePolicy(SourcePolicy, roles=OPERATOR))
register_permission_policy(Feed, RolePolicy(Feed, roles=OPERATOR, actions=("view", "add", "change", "delete")))
register_permission_policy(FeedMapping, RolePolicy(FeedMapping, roles=OPERATOR))
register_permission_policy(FeedRun, RolePolicy(FeedRun, roles=OPERATOR, actions=("view",)))


@hooks.register("register_admin_urls")
def feed_urls() -> list[URLPattern]:
    return [
        path("feed-imports/upload/", feed_admin.upload, name="catalogue_feed_upload"),
        path("feed-imports/<int:number>/faults.csv", feed_admin.faults_csv, name="catalogue_feed_faults"),
        path("feeds/<int:number>/fetch/", feed_admin.fetch_now, name="catalogue_feed_fetch"),
    ]


@hooks.register("register_admin_viewset")
def catalogue() -> CatalogueGroup:
    return CatalogueGroup()
