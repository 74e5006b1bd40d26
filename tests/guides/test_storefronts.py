"""A creator's storefront: opened when they become one, with rights to it and to nothing else."""

from __future__ import annotations

from django.test import Client

from wagtail.models import GroupPagePermission

import pytest

from community.models import Creator
from community.services.creators import change_creator
from guides.models import CreatorPage
from guides.services.storefronts import open_storefront, renew_rights, welcome_creator
from tests.factories.community import make_creator, make_user
from tests.factories.guides import make_guide, make_storefront

pytestmark = pytest.mark.django_db


def _rights(creator: Creator) -> set[tuple[int, str]]:
    rows = GroupPagePermission.objects.filter(group=creator.group)
    return set(rows.values_list("page_id", "permission__codename"))


def test_who_becomes_a_creator_has_a_live_storefront(client: Client) -> None:
    make_creator("ada")
    assert client.get("/creators/ada/").status_code == 200


def test_a_new_creators_storefront_is_in_their_language() -> None:
    creator = make_creator("ines", user=make_user(language="es"))
    assert [page.locale.language_code for page in creator.storefronts.all()] == ["es"]


def test_a_language_the_site_does_not_have_gives_the_sites_own() -> None:
    creator = make_creator("jan", user=make_user(language="cs"))
    assert [page.locale.language_code for page in creator.storefronts.all()] == ["en"]


def test_opening_it_again_changes_nothing() -> None:
    creator = make_creator("ada")
    page = CreatorPage.objects.get(creator=creator)
    assert welcome_creator(creator=creator) == [page]
    assert CreatorPage.objects.get(creator=creator).latest_revision_id == page.latest_revision_id


def test_its_own_words_stay_when_it_is_opened_again() -> None:
    creator = make_creator("ada")
    open_storefront(creator=creator, taglines={"en": "First words."})
    open_storefront(creator=creator, taglines={"en": "Other words."})
    assert CreatorPage.objects.get(creator=creator).summary == "First words."


def test_its_address_is_the_handle_whatever_is_asked_for() -> None:
    page = make_storefront(make_creator("ada"))
    page.slug = "somebody-else"
    page.full_clean()
    assert page.slug == "ada"


def test_storefronts_in_two_languages_know_of_each_other(client: Client) -> None:
    creator = make_creator("ada")
    english, spanish = open_storefront(creator=creator, languages=["en", "es"])
    assert english.translation_key == spanish.translation_key
    assert 'hreflang="es"' in client.get(english.url).content.decode()


def test_a_new_creator_may_write_and_not_publish() -> None:
    creator = make_creator()
    page = CreatorPage.objects.get(creator=creator)
    assert _rights(creator) == {(page.pk, "add_page"), (page.pk, "change_page")}


def test_a_trusted_creator_may_publish() -> None:
    creator = make_creator(is_trusted=True)
    assert (CreatorPage.objects.get(creator=creator).pk, "publish_page") in _rights(creator)


def test_trust_given_later_gives_the_right_to_publish() -> None:
    creator = make_creator()
    open_storefront(creator=creator, languages=["en", "es"])
    creator.is_trusted = True
    change_creator(creator=creator)
    assert sum(name == "publish_page" for _page, name in _rights(creator)) == 2


def test_trust_taken_back_takes_the_right_away() -> None:
    creator = make_creator(is_trusted=True)
    creator.is_trusted = False
    change_creator(creator=creator)
    assert not any(name == "publish_page" for _page, name in _rights(creator))


def test_a_right_that_does_not_belong_there_is_taken_back() -> None:
    creator = make_creator()
    page = CreatorPage.objects.get(creator=creator)
    lock = GroupPagePermission.objects.filter(permission__codename="lock_page").first()
    permission = lock.permission if lock else page.group_permissions.first().permission
    GroupPagePermission.objects.get_or_create(group=creator.group, page=page, permission=permission)
    renew_rights(creator=creator)
    assert {name for _page, name in _rights(creator)} == {"add_page", "change_page"}


def test_a_creators_rights_are_in_their_own_storefronts_only() -> None:
    ada, bob = make_creator("ada"), make_creator("bob")
    open_storefront(creator=ada, languages=["en", "es"])
    own = set(CreatorPage.objects.filter(creator=ada).values_list("pk", flat=True))
    assert {page for page, _name in _rights(ada)} == own
    assert not own & {page for page, _name in _rights(bob)}


def test_a_guide_belongs_to_whose_storefront_it_stands_in() -> None:
    storefront = make_storefront(make_creator("ada", is_trusted=True))
    assert make_guide(storefront=storefront).creator == storefront.creator


def test_an_at_sign_and_the_handle_lead_to_the_storefront(client: Client) -> None:
    make_creator("ada")
    response = client.get("/@ada")
    assert response.status_code == 302
    assert response["Location"] == "/creators/ada/"


def test_an_unknown_handle_is_not_found(client: Client) -> None:
    assert client.get("/@nobody").status_code == 404


def test_a_storefront_lists_its_creators_guides(client: Client) -> None:
    storefront = make_storefront(make_creator("ada", is_trusted=True))
    make_guide(storefront=storefront, title="Kettles that last")
    make_guide(title="By somebody else")
    html = client.get(storefront.url).content.decode()
    assert "Kettles that last" in html
    assert "By somebody else" not in html
