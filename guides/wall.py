"""The wall between creators. Wagtail confines editors it trusts; a creator is trusted only with their own things.

For people who are creators and nothing more, `/cms/` consists of the addresses named here, and every page, picture and
revision in path, query or form must be their own. Everything else is answered as if it were not there. The list is
closed: an address that a new version of Wagtail brings is refused until somebody adds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from wagtail.images import get_image_model
from wagtail.models import Page, Revision

from community.models import Creator
from community.selectors.roles import creator_of, is_finance, may_moderate
from guides.models import CreatorPage

Handler = Callable[[HttpRequest], HttpResponse]

#: Addresses without an object of anybody's.
OPEN = frozenset(
    """
    wagtailadmin_home wagtailadmin_explore_root wagtailadmin_account wagtailadmin_logout wagtailadmin_login
    wagtailadmin_sprite wagtailadmin_javascript_catalog wagtailadmin_block_preview wagtailadmin_dismissibles
    wagtailadmin_choose_page_external_link wagtailadmin_choose_page_email_link
    wagtailadmin_choose_page_anchor_link wagtailadmin_choose_page_phone_link wagtailadmin_choose_page
    wagtailadmin_choose_page_search wagtailadmin_pages:add wagtailadmin_pages:preview_on_add
    wagtailadmin_explore wagtailadmin_explore_results wagtailadmin_choose_page_child
    wagtailadmin_pages:search wagtailadmin_pages:search_results
    wagtailadmin_pages:add_subpage wagtailadmin_pages:edit wagtailadmin_pages:preview_on_edit
    wagtailadmin_pages:view_draft wagtailadmin_pages:delete wagtailadmin_pages:unpublish
    wagtailadmin_pages:history wagtailadmin_pages:history_results wagtailadmin_pages:revisions_index
    wagtailadmin_pages:revisions_revert wagtailadmin_pages:revisions_view wagtailadmin_pages:revisions_compare
    wagtailadmin_pages:revisions_unschedule wagtailadmin_pages:workflow_history
    wagtailadmin_pages:workflow_history_detail wagtailadmin_pages:confirm_workflow_cancellation
    wagtailadmin_editing_sessions:ping wagtailadmin_editing_sessions:release
    wagtailimages:index wagtailimages:index_results wagtailimages:add wagtailimages:add_multiple
    wagtailimages:edit wagtailimages:edit_multiple wagtailimages:delete wagtailimages:delete_multiple
    wagtailimages:preview wagtailimages:create_multiple_from_uploaded_image wagtailimages:delete_upload_multiple
    wagtailimages_chooser:choose wagtailimages_chooser:choose_results wagtailimages_chooser:chosen
    wagtailimages_chooser:chosen_multiple wagtailimages_chooser:create wagtailimages_chooser:select_format
    product_chooser:choose product_chooser:choose_results product_chooser:chosen product_chooser:chosen_multiple
    """.split()
)
#: Addresses of other apps of ours that look after themselves.
OUR_PREFIXES = ("earnings_", "earnings:", "studio")
#: Lists of pages, whose breadcrumbs lead up to pages that are nobody's: from there one is led to one's own.
UPSTAIRS = frozenset({"wagtailadmin_explore_root", "wagtailadmin_explore"})
PAGE_NAMES = frozenset({"page_id", "parent_page_id", "page_to_move_id", "destination_id"})
IMAGE_NAMES = frozenset({"image_id"})


def is_walled_in(user: Any) -> Creator | None:
    """The creator, if the person is one and has no wider role."""
    creator = creator_of(user)
    if creator is None or may_moderate(user) or is_finance(user) or user.is_superuser:
        return None
    return creator


class CreatorWallMiddleware:
    """Stands before every view below `/cms/`."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not request.path.startswith("/cms/"):
            return None
        user = request.user
        if not user.is_authenticated:
            return None
        creator = is_walled_in(user)
        if creator is None:
            return None
        match = request.resolver_match
        name = match.view_name if match else ""
        if name not in OPEN and not name.startswith(OUR_PREFIXES):
            raise Http404
        if name in UPSTAIRS and (home := _way_home(creator, kwargs.get("parent_page_id"))):
            return home
        self._check(request, creator, name, kwargs)
        return None

    def _check(self, request: HttpRequest, creator: Creator, name: str, kwargs: dict[str, Any]) -> None:
        pages = _numbers(kwargs.get(key) for key in PAGE_NAMES)
        images = _numbers(kwargs.get(key) for key in IMAGE_NAMES)
        if name.startswith("wagtailadmin_pages:"):
            pages |= _numbers([kwargs.get("pk")])
        if name.startswith("wagtailimages_chooser:chosen"):
            images |= _numbers([kwargs.get("pk"), *request.GET.getlist("id")])
        if name == "wagtailadmin_editing_sessions:ping":
            pages |= _numbers([kwargs.get("object_id")])
        if not (all(owns_page(creator, pk) for pk in pages) and owns_images(creator, images)):
            raise Http404
        revisions = _numbers(kwargs.get(key) for key in ("revision_id", "revision_id_a", "revision_id_b"))
        if not owns_revisions(creator, revisions):
            raise Http404
        collections = _numbers([*request.GET.getlist("collection_id"), *request.POST.getlist("collection")])
        if collections - {creator.collection_id or 0}:
            raise Http404


def _way_home(creator: Creator, parent_page_id: Any) -> HttpResponse | None:
    """To the creator's storefront, when the list asked for is of the root or of a page above a storefront."""
    own = list(CreatorPage.objects.filter(creator=creator).order_by("pk").values_list("pk", "path"))
    if not own:
        return None
    if parent_page_id is not None:
        path = Page.objects.filter(pk=parent_page_id).values_list("path", flat=True).first()
        if path is None or not any(one.startswith(path) and one != path for _pk, one in own):
            return None
    return redirect("wagtailadmin_explore", own[0][0])


def _numbers(values: Iterable[Any]) -> set[int]:
    return {int(value) for value in values if str(value or "").isascii() and str(value or "").isdigit()}


def owns_page(creator: Creator, pk: int) -> bool:
    """Whether a page is one of the creator's storefronts or stands below it. Two queries."""
    path = Page.objects.filter(pk=pk).values_list("path", flat=True).first()
    own = CreatorPage.objects.filter(creator=creator).values_list("path", flat=True)
    return path is not None and any(path.startswith(root) for root in own)


def owns_images(creator: Creator, ids: set[int]) -> bool:
    """Whether all these pictures lie in the creator's collection. One query."""
    return not ids or get_image_model().objects.filter(pk__in=ids, collection_id=creator.collection_id).count() == len(ids)


def owns_revisions(creator: Creator, ids: set[int]) -> bool:
    """Whether all these revisions are of the creator's own pages."""
    objects = Revision.page_revisions.filter(pk__in=ids).values_list("object_id", flat=True)
    found = list(objects)
    return len(found) == len(ids) and all(owns_page(creator, int(pk)) for pk in found)

