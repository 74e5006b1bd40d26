"""What a creator can reach of Wagtail's admin: their own things, and nobody else's (promise P1)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.db import connection
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, reverse

from wagtail.admin import urls as admin_urls
from wagtail.models import Collection, Page

import pytest

from cms.core.models import SiteDocument, SiteImage
from community.models import Creator
from guides import wall
from guides.models import CreatorPage, GuidePage
from guides.wall import OPEN, is_walled_in
from tests.factories.catalogue import make_product
from tests.factories.community import make_creator, make_editor, make_operator
from tests.factories.guides import make_guide, make_picture, make_storefront

pytestmark = pytest.mark.django_db

CANARY = "Kanarienvogel"
#: Logging out is everybody's right, and would end the test.
NOT_CRAWLED = {"wagtailadmin_logout"}


@dataclass
class World:
    """Alice has things that Bob must not see; Bob asks for them."""

    alice: Creator
    bob: Creator
    storefront: CreatorPage
    draft: GuidePage
    rewritten: GuidePage
    picture: SiteImage
    document: SiteDocument
    own_storefront: CreatorPage
    own_draft: GuidePage
    own_picture: SiteImage


@pytest.fixture
def world() -> World:
    alice, bob = make_creator("alice-a", is_trusted=True), make_creator("bob-b", is_trusted=True)
    storefront, own_storefront = make_storefront(alice), make_storefront(bob)
    picture = make_picture(f"{CANARY} picture", creator=alice)
    document = SiteDocument(title=f"{CANARY} file", collection=alice.collection)
    document.file.save("canary.pdf", ContentFile(b"%PDF-1.4"))
    rewritten = make_guide(storefront=storefront, title="Live and known")
    rewritten.title = f"{CANARY} to come"
    rewritten.save_revision()
    return World(
        alice=alice,
        bob=bob,
        storefront=storefront,
        draft=make_guide(storefront=storefront, title=f"{CANARY} draft", live=False, hero_image=picture),
        rewritten=rewritten,
        picture=picture,
        document=document,
        own_storefront=own_storefront,
        own_draft=make_guide(storefront=own_storefront, title="Bob's draft", live=False),
        own_picture=make_picture("Bob's picture", creator=bob),
    )


@pytest.fixture
def bobs(world: World, client: Client) -> Client:
    client.force_login(world.bob.user)
    return client


def admin_patterns(patterns: Any = admin_urls.urlpatterns, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """(view name, names of its arguments) of every address below /cms/."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from admin_patterns(
                pattern.url_patterns, f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            )
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield f"{prefix}{pattern.name}", list(pattern.pattern.regex.groupindex) or list(pattern.pattern.converters)


def candidates(name: str, world: World) -> list[Any]:
    """What a curious Bob would put in for an argument."""
    revision = world.draft.latest_revision_id
    things = [world.draft.pk, world.picture.pk, world.document.pk, world.alice.collection_id]
    words = {
        "action_name": ["publish", "delete", "copy", "approve"],
        "action": ["delete", "publish", "move", "add_to_collection"],
        "app_label": ["wagtailcore", "core"],
        "app_name": ["core", "guides"],
        "model_name": ["page", "siteimage", "sitedocument"],
        "content_type_app_name": ["guides"],
        "content_type_model_name": ["guidepage"],
        "filter_spec": ["max-165x165"],
        "revision_id": [revision],
        "revision_id_a": ["earliest", revision],
        "revision_id_b": ["latest", revision],
        "object_id": [world.draft.pk],
        "image_id": [world.picture.pk],
        "document_id": [world.document.pk],
        "doc_id": [world.document.pk],
        "collection_id": [world.alice.collection_id],
        "destination_id": [world.own_storefront.pk],
        "ref": ["nothing"],
        "merchant": ["nobody"],
        "order_id": ["A-1"],
    }
    if name in words:
        return words[name]
    if name in {"page_id", "parent_page_id", "page_to_move_id"}:
        return [world.draft.pk, world.storefront.pk]
    return things


def _is_open(name: str) -> bool:
    return name in wall.OPEN or name.startswith(wall.OUR_PREFIXES)


def addresses(world: World) -> Iterator[tuple[str, str]]:
    """(view name, address) of every admin view with every combination of Alice's things."""
    for name, arguments in admin_patterns():
        if name in NOT_CRAWLED:
            continue
        combinations = itertools.product(*(candidates(argument, world) for argument in arguments))
        # Where the door itself is shut, one knock is as good as many.
        for values in combinations if _is_open(name) else itertools.islice(combinations, 1):
            try:
                yield name, reverse(name, kwargs=dict(zip(arguments, values, strict=True)))
            except NoReverseMatch:
                continue


def queries(world: World) -> list[str]:
    ids = "&".join(f"id={pk}" for pk in (world.draft.pk, world.picture.pk, world.document.pk))
    return ["", f"?{ids}&q={CANARY}&collection_id={world.alice.collection_id}&child_of={world.storefront.pk}&fields=*"]


def bodies(world: World) -> list[dict[str, Any]]:
    return [
        {"title": "Taken", "slug": "taken", "id": [world.draft.pk, world.picture.pk], "action-publish": "1"},
        {
            "collection": world.alice.collection_id,
            "new_title": "Taken",
            "new_slug": "taken",
            "new_parent_page": world.own_storefront.pk,
            "chosen_page_id": world.own_storefront.pk,
            "page_id": world.draft.pk,
        },
    ]


def rows() -> dict[str, list[Any]]:
    """What nobody but its owner may change."""
    tables = {
        "wagtailcore_page": "id, title, slug, path, live, latest_revision_id, owner_id, go_live_at, expire_at, locked",
        "wagtailcore_revision": "id",
        "core_siteimage": "id, title, collection_id",
        "core_sitedocument": "id, title, collection_id",
        "wagtailcore_collection": "id, name, path",
        "auth_group": "id, name",
        "wagtailcore_grouppagepermission": "id",
        "community_creator": "id, display_name, is_trusted",
        "wagtailcore_site": "id, hostname",
    }
    found = {}
    with connection.cursor() as cursor:
        for table, columns in tables.items():
            cursor.execute(f"SELECT {columns} FROM {table} ORDER BY id")
            found[table] = cursor.fetchall()
    return found


def test_no_admin_address_names_another_creators_things(world: World, bobs: Client):
    leaks = []
    for name, address in addresses(world):
        for query in queries(world):
            answer = bobs.get(address + query)
            text = b"".join(answer.streaming_content) if answer.streaming else answer.content
            # Bob's own question, which is the bare word, may be shown to him again.
            if f"{CANARY} ".encode() in text:
                leaks.append(f"{name} {address}{query}")
    assert not leaks


def test_without_the_wall_the_admin_would_name_them(world: World, client: Client, settings: Any):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "CreatorWall" not in name]
    client.force_login(world.bob.user)
    assert CANARY in client.get(reverse("wagtailadmin_api:images:listing")).content.decode()


def test_no_admin_address_changes_another_creators_things(world: World, bobs: Client):
    # Some of Wagtail's own forms fall over a body that lacks their fields; only what is written counts here.
    bobs.raise_request_exception = False
    before, changes = rows(), []
    for name, address in addresses(world):
        for body in bodies(world):
            bobs.force_login(world.bob.user)
            bobs.post(address, body)
            if (now := rows()) != before:
                changes.append(f"{name} {address}")
                before = now
    assert not changes


def _statuses(client: Client, page: Page, *names: str) -> dict[str, int]:
    return {name: client.get(reverse(name, args=[page.pk])).status_code for name in names}


VIEWS = ("wagtailadmin_pages:edit", "wagtailadmin_pages:history", "wagtailadmin_pages:view_draft")


def test_another_creators_page_is_not_found(world: World, bobs: Client):
    found = _statuses(bobs, world.draft, *VIEWS, "wagtailadmin_explore")
    assert set(found.values()) == {404}, found


def test_ones_own_page_is_found(world: World, bobs: Client):
    found = _statuses(bobs, world.own_draft, *VIEWS, "wagtailadmin_pages:delete")
    assert set(found.values()) == {200}, found


def test_ones_own_storefront_lists_ones_own_guides(world: World, bobs: Client):
    answer = bobs.get(reverse("wagtailadmin_explore", args=[world.own_storefront.pk]))
    assert "Bob&#x27;s draft" in answer.content.decode()


def test_the_root_of_the_tree_leads_to_ones_own_storefront(world: World, bobs: Client):
    answer = bobs.get(reverse("wagtailadmin_explore_root"))
    assert answer.headers["Location"] == reverse("wagtailadmin_explore", args=[world.own_storefront.pk])


def test_the_studios_front_page_opens(world: World, bobs: Client):
    assert bobs.get(reverse("wagtailadmin_home")).status_code == 200


def test_the_picture_chooser_shows_ones_own_pictures_only(world: World, bobs: Client):
    text = bobs.get(reverse("wagtailimages_chooser:choose_results")).content.decode()
    assert ("Bob&#x27;s picture" in text, CANARY in text) == (True, False)


def test_the_page_chooser_finds_nobodys_drafts(world: World, bobs: Client):
    address = reverse("wagtailadmin_choose_page_search")
    assert not [word for word in ("draft", "come") if CANARY in bobs.get(address, {"q": word}).content.decode()]


def test_the_page_chooser_finds_what_everybody_can_read(world: World, bobs: Client):
    public = make_guide(storefront=world.storefront, title="Kettles for everybody")
    text = bobs.get(reverse("wagtailadmin_choose_page_search"), {"q": "Kettles"}).content.decode()
    assert str(public.title) in text


def test_the_page_chooser_opens_on_ones_own_shelf(world: World, bobs: Client):
    text = bobs.get(reverse("wagtailadmin_choose_page_child", args=[world.own_storefront.pk])).content.decode()
    assert "Bob" in text


def test_the_product_chooser_shows_the_catalogue(world: World, bobs: Client):
    make_product("Still Kettle")
    answer = bobs.get(reverse("product_chooser:choose_results"))
    assert "Still Kettle" in answer.content.decode()


def test_a_mixed_choice_of_pictures_is_refused_whole(world: World, bobs: Client):
    address = reverse("wagtailimages_chooser:chosen_multiple")
    assert bobs.get(address, {"id": [world.own_picture.pk, world.picture.pk]}).status_code == 404


def test_a_picture_cannot_be_put_into_anothers_collection(world: World, bobs: Client):
    address = reverse("wagtailimages:edit", args=[world.own_picture.pk])
    bobs.post(address, {"title": "Moved", "collection": world.alice.collection_id})
    world.own_picture.refresh_from_db()
    assert world.own_picture.collection_id == world.bob.collection_id


def test_a_creator_cannot_delete_their_storefront(world: World, bobs: Client):
    bobs.post(reverse("wagtailadmin_pages:delete", args=[world.own_storefront.pk]))
    assert Page.objects.filter(pk=world.own_storefront.pk).exists()


@pytest.mark.parametrize("make", [make_editor, make_operator])
def test_editors_and_operators_are_not_walled_in(make: Any):
    assert is_walled_in(make()) is None


def test_an_editor_who_also_writes_is_not_walled_in():
    creator = make_creator()
    creator.user.groups.add(Group.objects.get(name="Editors"))
    assert is_walled_in(type(creator.user).objects.get(pk=creator.user.pk)) is None


def test_an_editor_edits_every_creators_page(world: World, client: Client):
    client.force_login(make_editor())
    assert client.get(reverse("wagtailadmin_pages:edit", args=[world.draft.pk])).status_code == 200


def test_the_list_of_open_addresses_names_only_addresses_that_exist():
    assert set() == OPEN - {name for name, _arguments in admin_patterns()}


def test_a_creator_has_rights_in_their_own_collection_only(world: World):
    permissions = world.bob.group.collection_permissions.values_list("collection", flat=True)
    assert set(permissions) == {world.bob.collection_id}


def test_a_creators_collection_stands_below_the_root(world: World):
    assert Collection.objects.get(pk=world.bob.collection_id).depth == 2
