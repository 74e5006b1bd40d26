"""The wall between creators. Wagtail confines editors it trusts; a creator is trusted only with their own things.

For people who are creators and nothing more, `/cms/` consists of the addresses named here, and every page, picture and
revision in path, query or form must be their own. Everything else is answered as if it were not there. The list is
closed: an address that a new version of Wagtail brings is refused until somebody adds it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from wagtail.images import get_image_model
from wagtail.models import Page, Revision
from wagtail.query import PageQuerySet

from community.models import Creator
from community.selectors.roles import creator_of, is_finance, may_moderate
from guides.models import CreatorPage

Handler = Callable[[HttpRequest], HttpResponse]

#: Page views a creator needs for writing; each gets its page from the address.
PAGES = """
    add add_subpage preview_on_add edit preview_on_edit view_draft delete unpublish search search_results
    history history_results revisions_index revisions_view revisions_revert revisions_compare revisions_unschedule
    workflow_history workflow_history_detail confirm_workflow_cancellation
"""
PICTURES = """
    index index_results add add_multiple edit edit_multiple delete delete_multiple preview
    create_multiple_from_uploaded_image delete_upload_multiple
"""
PICTURE_CHOOSER = "choose choose_results chosen chosen_multiple create select_format"
PRODUCT_CHOOSER = "choose choose_results chosen chosen_multiple"
ADMIN = """
    home explore_root explore explore_results account logout login sprite javascript_catalog block_preview dismissibles
    choose_page choose_page_child choose_page_search choose_page_external_link choose_page_email_link
    choose_page_anchor_link choose_page_phone_link editing_sessions:ping editing_sessions:release
"""
#: Everything that is open to a creator, as far as their own things go.
OPEN = frozenset(
    prefix + name
    for prefix, names in (
        ("wagtailadmin_", ADMIN),
        ("wagtailadmin_pages:", PAGES),
        ("wagtailimages:", PICTURES),
        ("wagtailimages_chooser:", PICTURE_CHOOSER),
        ("product_chooser:", PRODUCT_CHOOSER),
    )
    for name in names.split()
)
#: Addresses of other apps of ours that look after themselves.
OUR_PREFIXES = ("studio_",)
#: Lists of pages, whose breadcrumbs lead up to pages that are nobody's: from there one is led to one's own.
UPSTAIRS = frozenset({"wagtailadmin_explore_root", "wagtailadmin_explore"})
PAGE_NAMES = frozenset({"page_id", "parent_page_id", "page_to_move_id", "destination_id"})
IMAGE_NAMES = frozenset({"image_id"})
#: What may stand for a revision in a comparison.
REVISION_WORDS = frozenset({"live", "earliest", "latest"})
#: (app, model) of what a creator edits side by side with editors.
EDITED = frozenset(
    {("wagtailcore", "page"), ("guides", "guidepage"), ("guides", "reviewpage"), ("guides", "creatorpage")}
)


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
        if name == "wagtailadmin_choose_page_child":
            pages -= set(public_pages().filter(pk__in=pages).values_list("pk", flat=True))
        if name.startswith("wagtailadmin_pages:"):
            pages |= _numbers([kwargs.get("pk")])
        if name.startswith("wagtailimages_chooser:chosen"):
            images |= _numbers([kwargs.get("pk"), *request.GET.getlist("id")])
        if name.startswith("wagtailadmin_choose_page"):
            _only_plain_choices(request)
        if name == "wagtailadmin_editing_sessions:ping":
            _only_pages(kwargs)
            pages |= _numbers([kwargs.get("object_id")])
        if not (all(owns_page(creator, pk) for pk in pages) and owns_images(creator, images)):
            raise Http404
        keys = (kwargs.get(key) for key in ("revision_id", "revision_id_a", "revision_id_b"))
        if not owns_revisions(creator, _numbers(key for key in keys if key not in REVISION_WORDS)):
            raise Http404
        collections = _numbers([*request.GET.getlist("collection_id"), *_collections_in(request.POST)])
        if collections - {creator.collection_id or 0}:
            raise Http404


def _only_pages(kwargs: dict[str, Any]) -> None:
    """Who else is editing is told of pages only, since the key says nothing of the kind of thing."""
    if (kwargs["app_label"], kwargs["model_name"].lower()) not in EDITED:
        raise Http404


def _only_plain_choices(request: HttpRequest) -> None:
    """Asked for one type of page, the chooser starts at the pages of that type, whosever they are."""
    if request.GET.get("page_type", "") not in ("", "wagtailcore.page"):
        raise Http404


def _collections_in(form: QueryDict) -> Iterator[str]:
    """The collections that a form names, with or without a prefix."""
    for name, values in form.lists():
        if name.rpartition("-")[2] == "collection":
            yield from map(str, values)


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
    """The keys among these values; nothing else counts as none.

    Python reads " 7", "7_0" and the digits of other scripts as numbers too, so a key in any other writing than plain
    digits is not a key.
    """
    keys = {str(value) for value in values if value not in (None, "")}
    if not all(key.isascii() and key.isdigit() for key in keys):
        raise Http404
    return {int(key) for key in keys}


def public_pages() -> PageQuerySet[Page]:
    """Pages whose present state everybody can read: lists in the admin show a draft's title, also of a live page."""
    return Page.objects.live().public().filter(has_unpublished_changes=False, depth__gt=1)


def linkable_pages(creator: Creator) -> Q:
    """What a creator may point to: public pages and their own."""
    wanted = Q(pk__in=public_pages().values("pk"))
    for path in CreatorPage.objects.filter(creator=creator).values_list("path", flat=True):
        wanted |= Q(path__startswith=path)
    return wanted


def owns_page(creator: Creator, pk: int) -> bool:
    """Whether a page is one of the creator's storefronts or stands below it. Two queries."""
    path = Page.objects.filter(pk=pk).values_list("path", flat=True).first()
    own = CreatorPage.objects.filter(creator=creator).values_list("path", flat=True)
    return path is not None and any(path.startswith(root) for root in own)


def owns_images(creator: Creator, ids: set[int]) -> bool:
    """Whether all these pictures lie in the creator's collection. One query."""
    if not ids:
        return True
    own = get_image_model().objects.filter(pk__in=ids, collection_id=creator.collection_id)
    return bool(own.count() == len(ids))


def owns_revisions(creator: Creator, ids: set[int]) -> bool:
    """Whether all these revisions are of the creator's own pages."""
    objects = Revision.page_revisions.filter(pk__in=ids).values_list("object_id", flat=True)
    found = list(objects)
    return len(found) == len(ids) and all(owns_page(creator, int(pk)) for pk in found)
