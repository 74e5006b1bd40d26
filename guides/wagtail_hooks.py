"""What guides add to the admin: the product chooser, and what a creator may choose from."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as translate
from django.utils.translation import gettext_lazy as _

from wagtail import hooks
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.ui.components import Component
from wagtail.models import Page
from wagtail.query import PageQuerySet

from affiliates.earnings.selectors.balances import creator_balances
from cms.core.assets import asset_url
from community.models import Creator
from community.selectors.roles import creator_of, is_operator
from guides.models import ArticlePage, CreatorPage
from guides.product_chooser import product_chooser_viewset
from guides.selectors.unjoined import unjoined_shops_of
from guides.views import bonuses, codes, needs, programs, statements, studio, studio_disputes, transfers
from guides.wall import is_walled_in, linkable_pages


@hooks.register("register_admin_urls")
def studio_urls() -> list[Any]:
    return [
        path("earnings/codes/", codes.codes, name="studio_codes"),
        path("earnings/", studio.earnings, name="studio_earnings"),
        path("earnings/bonuses/", bonuses.bonuses, name="studio_bonuses"),
        path("earnings/bonuses/<slug:ref>/", bonuses.bonus, name="studio_bonus"),
        path("earnings/statements/", statements.statements, name="studio_statements"),
        path("earnings/statements/<slug:ref>/", statements.statement, name="studio_statement"),
        path("earnings/statements/<slug:ref>/csv/", statements.statement_as_csv, name="studio_statement_csv"),
        path("earnings/statements/<slug:ref>/pdf/", statements.statement_as_pdf, name="studio_statement_pdf"),
        path(
            "earnings/statements/<slug:ref>/transfers/",
            transfers.statement_transfers,
            name="studio_statement_transfers",
        ),
        path("earnings/transfers/", transfers.transfers, name="studio_transfers"),
        path("earnings/payouts/<slug:ref>/transfers/", transfers.payout_transfers, name="studio_payout_transfers"),
        path("earnings/lines/", transfers.lines, name="studio_lines"),
        path("earnings/claims/", studio_disputes.claims, name="studio_claims"),
        path("earnings/disputes/<slug:merchant>/<path:order_id>/", studio_disputes.dispute, name="studio_dispute"),
        path("earnings/orders.csv", studio.orders_csv, name="studio_orders_csv"),
        path("programmes/", programs.programs, name="studio_programs"),
        path("programmes/<slug:merchant>/<slug:step>/", programs.step, name="studio_program_step"),
        path("needs/", needs.needs, name="studio_needs"),
        path("needs/links/<str:code>/off/", needs.switch_off, name="studio_link_off"),
        path("earnings/orders/<slug:merchant>/<path:order_id>/", studio.order, name="studio_order"),
    ]


class EarningsMenuItem(MenuItem):
    """For creators only."""

    def is_shown(self, request: HttpRequest) -> bool:
        return creator_of(request.user) is not None


@hooks.register("register_admin_menu_item")
def earnings_menu_item() -> MenuItem:
    return EarningsMenuItem(_("Earnings"), reverse("studio_earnings"), icon_name="list-ol", order=120)


@hooks.register("register_admin_menu_item")
def programs_menu_item() -> MenuItem:
    return EarningsMenuItem(_("Programmes"), reverse("studio_programs"), icon_name="clipboard-list", order=125)


@hooks.register("after_create_page")
@hooks.register("after_edit_page")
def warn_of_unjoined(request: HttpRequest, page: Page) -> None:
    """Whoever saves an article is told which of its shops earn its author nothing."""
    article = page.specific
    if not isinstance(article, ArticlePage) or article.creator_id is None or request.method != "POST":
        return
    merchants = unjoined_shops_of(article)
    if merchants:
        names = ", ".join(str(merchant) for merchant in merchants)
        words = translate("Clicks to %(shops)s earn nothing here: the author has not joined their programmes.")
        buttons = [messages.button(reverse("studio_programs"), translate("Programmes"))]
        messages.warning(request, words % {"shops": names}, buttons=buttons)


@hooks.register("insert_global_admin_css")
def studio_css() -> SafeString:
    return format_html('<link rel="stylesheet" href="{}">', asset_url("css/studio.css"))


class EarningsPanel(Component):
    """What a creator sees first in the studio: the balance, and where it comes from."""

    order = 50
    template_name = "guides/studio/_panel.html"

    def get_context_data(self, parent_context: Any) -> dict[str, Any]:
        creator = creator_of(parent_context["request"].user)
        return {"balances": creator_balances(creator.pk) if creator else [], "creator": creator}


@hooks.register("construct_homepage_panels")
def earnings_panel(request: HttpRequest, panels: list[Any]) -> None:
    if creator_of(request.user) is not None:
        panels[:0] = [EarningsPanel(), programs.ProgramsPanel(), needs.NeedsPanel()]
    if is_operator(request.user):
        panels.append(needs.QueuePanel())


@hooks.register("register_admin_viewset")
def register_product_chooser() -> Any:
    return product_chooser_viewset


@hooks.register("construct_explorer_page_queryset")
def explorer_pages(parent: Page, pages: PageQuerySet[Page], request: HttpRequest) -> PageQuerySet[Page]:
    """A creator's explorer lists their own pages only."""
    return _own_pages(pages, request)


@hooks.register("construct_page_chooser_queryset")
def chooser_pages(pages: PageQuerySet[Page], request: HttpRequest) -> PageQuerySet[Page]:
    """A creator links to their own pages, and to nothing that is not public."""
    creator = is_walled_in(request.user)
    return pages if creator is None else pages.filter(linkable_pages(creator))


def _own_pages(pages: PageQuerySet[Page], request: HttpRequest) -> PageQuerySet[Page]:
    creator = is_walled_in(request.user)
    if creator is None:
        return pages
    own = Page.objects.none()
    for storefront in CreatorPage.objects.filter(creator=creator):
        own = own | Page.objects.descendant_of(storefront, inclusive=True)
    return pages.filter(pk__in=own.values("pk"))


@hooks.register("construct_image_chooser_queryset")
def chooser_images(images: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """A creator chooses among their own pictures."""
    creator = is_walled_in(request.user)
    return images if creator is None else images.filter(collection_id=creator.collection_id)


@hooks.register("construct_main_menu")
def creators_menu(request: HttpRequest, items: list[Any]) -> None:
    """A creator's menu holds what leads somewhere."""
    if creator := is_walled_in(request.user):
        nowhere = {"explorer", "reports", "settings", "help", "documents", "snippets"}
        items[:] = [item for item in items if item.name not in nowhere]
        items += [storefront_item(page) for page in storefronts_of(creator)]


def storefronts_of(creator: Creator) -> list[CreatorPage]:
    """A creator's storefronts, one a language. One query."""
    return list(CreatorPage.objects.filter(creator=creator).select_related("locale").order_by("pk"))


def storefront_item(page: CreatorPage) -> MenuItem:
    """The way to what one has written in a language."""
    label = _("My guides (%(language)s)") % {"language": page.locale.get_display_name()}
    url = reverse("wagtailadmin_explore", args=[page.pk])
    return MenuItem(label, url, name=f"storefront-{page.pk}", icon_name="doc-full-inverse", order=100)


@hooks.register("before_delete_page")
@hooks.register("before_unpublish_page")
def storefronts_stay(request: HttpRequest, page: Page) -> None:
    """A storefront is opened and closed by editors, not by its creator."""
    if is_walled_in(request.user) and isinstance(page.specific, CreatorPage):
        raise Http404


# After Wagtail's own, which stand lower in the list of apps and would come after.
@hooks.register("construct_homepage_summary_items", order=1000)
def creators_summary(request: HttpRequest, items: list[Any]) -> None:
    """Wagtail counts everybody's pages and pictures; a creator's front page counts none."""
    if is_walled_in(request.user):
        items.clear()


@hooks.register("construct_homepage_panels")
def creators_panels(request: HttpRequest, panels: list[Any]) -> None:
    """A creator's front page does not speak of other people's work."""
    if is_walled_in(request.user):
        panels[:] = [panel for panel in panels if "Locked" not in type(panel).__name__]
