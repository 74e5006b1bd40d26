"""What the catalogue adds to the admin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from wagtail import hooks
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.sidebar import LinkMenuItem
from wagtail.permissions import register_permission_policy

from affiliates.catalogue.models import Feed, FeedMapping, FeedRun, Lane, Offer, OfferHealth, Product, SourcePolicy
from affiliates.catalogue.selectors.identity import suggestions_waiting
from affiliates.catalogue.selectors.problems import waiting_problems
from affiliates.catalogue.views import feed_admin, forget_history, identity, not_serving, problem_queue
from affiliates.catalogue.views.bulk_merge import MergeProducts
from affiliates.catalogue.views.bulk_offers import FetchFeeds, LookAtOffers
from affiliates.catalogue.views.bulk_shops import ResumeShops, SuspendShops
from affiliates.catalogue.viewsets import CatalogueGroup
from affiliates.parties.viewsets import OPERATOR, STAFF, RolePolicy
from community.selectors.roles import is_operator, may_moderate

# Offers come from feeds and imports are a record, so neither is added by hand; clicks and orders refer to offers and
# products, so nobody deletes one.
register_permission_policy(Product, RolePolicy(Product, roles=STAFF))
register_permission_policy(Offer, RolePolicy(Offer, roles=OPERATOR, actions=("view", "change")))
register_permission_policy(Lane, RolePolicy(Lane, roles=OPERATOR, actions=("view", "add", "change", "delete")))
register_permission_policy(SourcePolicy, RolePolicy(SourcePolicy, roles=OPERATOR))
register_permission_policy(OfferHealth, RolePolicy(OfferHealth, roles=STAFF, actions=("view", "change")))
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


hooks.register("register_bulk_action", MergeProducts)
hooks.register("register_bulk_action", LookAtOffers)
hooks.register("register_bulk_action", FetchFeeds)
hooks.register("register_bulk_action", SuspendShops)
hooks.register("register_bulk_action", ResumeShops)


@hooks.register("register_admin_urls")
def problem_urls() -> list[URLPattern]:
    return [
        path("problems/", problem_queue.ProblemQueueView.as_view(), name="catalogue_problems"),
        path("problems/shops/<slug:slug>/suspend/", problem_queue.suspend, name="catalogue_suspend"),
        path("problems/shops/<slug:slug>/lift/", problem_queue.lift, name="catalogue_lift"),
        path("problems/<slug:ref>/", problem_queue.decide, name="catalogue_problem_decide"),
    ]


@hooks.register("register_reports_menu_item")
def not_serving_menu_item() -> MenuItem:
    return OperatorMenuItem(
        _("Could not earn or serve"),
        reverse("catalogue_not_serving"),
        name="not-serving",
        icon_name="warning",
        order=700,
    )


class OperatorMenuItem(MenuItem):
    """For operators only."""

    def is_shown(self, request: HttpRequest) -> bool:
        return is_operator(request.user)


@hooks.register("register_admin_urls")
def report_urls() -> list[URLPattern]:
    return [
        path("reports/not-serving/", not_serving.NotServingView.as_view(), name="catalogue_not_serving"),
        path("reports/not-serving.csv", not_serving.export, name="catalogue_not_serving_csv"),
    ]


@hooks.register("register_reports_menu_item")
def history_menu_item() -> MenuItem:
    return OperatorMenuItem(
        _("Price history"), reverse("catalogue_history"), name="price-history", icon_name="history", order=710
    )


@hooks.register("register_admin_urls")
def history_urls() -> list[URLPattern]:
    return [path("reports/price-history/", forget_history.PriceHistoryView.as_view(), name="catalogue_history")]


@hooks.register("register_admin_urls")
def identity_urls() -> list[URLPattern]:
    return [
        path("matches/", identity.MatchesView.as_view(), name="catalogue_matches"),
        path("matches/<int:number>/", identity.decide_match, name="catalogue_match_decide"),
        path("merges/", identity.ChangesView.as_view(), name="catalogue_identity_changes"),
        path("merges/<int:number>/undo/", identity.undo, name="catalogue_identity_undo"),
        path("identity/<slug:slug>/", identity.ProductIdentityView.as_view(), name="catalogue_product_identity"),
        path("identity/<slug:slug>/merge/", identity.merge, name="catalogue_product_merge"),
        path("identity/<slug:slug>/split/", identity.split, name="catalogue_product_split"),
    ]


class WaitingMenuItem(MenuItem):
    """For those who decide, with the number of things that wait for it."""

    def __init__(self, *args: Any, waiting: Callable[[], int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = waiting

    def is_shown(self, request: HttpRequest) -> bool:
        return may_moderate(request.user)

    def render_component(self, request: HttpRequest) -> LinkMenuItem:
        waiting = self.waiting()
        label = f"{self.label} ({waiting})" if waiting else str(self.label)
        return LinkMenuItem(
            self.name, label, self.url, icon_name=self.icon_name, classname=self.classname, attrs=self.attrs
        )


@hooks.register("register_admin_menu_item")
def problems_menu_item() -> MenuItem:
    return WaitingMenuItem(
        _("Readers' reports"),
        reverse("catalogue_problems"),
        name="problems",
        icon_name="warning",
        order=95,
        waiting=waiting_problems,
    )


@hooks.register("register_admin_menu_item")
def matches_menu_item() -> MenuItem:
    return WaitingMenuItem(
        _("Matches to decide"),
        reverse("catalogue_matches"),
        name="matches",
        icon_name="tag",
        order=312,
        waiting=suggestions_waiting,
    )
