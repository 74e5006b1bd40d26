"""A page may point only to what its author may use."""

from __future__ import annotations

from typing import Any

from django.test import Client
from django.urls import reverse

from wagtail.rich_text import RichText
from wagtail.test.utils.form_data import nested_form_data, querydict_from_html, rich_text, streamfield

import pytest

from community.models import Creator
from guides.models import CreatorPage, GuidePage
from guides.services.references import foreign_references
from tests.factories.community import make_creator, make_editor
from tests.factories.guides import make_guide, make_picture, make_storefront

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob() -> Creator:
    return make_creator("bob-b", is_trusted=True)


@pytest.fixture
def storefront(bob: Creator) -> CreatorPage:
    return make_storefront(bob)


@pytest.fixture
def alices() -> GuidePage:
    alice = make_creator("alice-a", is_trusted=True)
    picture = make_picture(creator=alice)
    return make_guide(storefront=make_storefront(alice), live=False, hero_image=picture)


def _foreign(storefront: CreatorPage, **fields: Any) -> list[str]:
    page = make_guide(storefront=storefront, live=False, **fields)
    return [reference.field for reference in foreign_references(page, storefront.creator)]


def test_ones_own_picture_is_ones_own(storefront: CreatorPage):
    assert _foreign(storefront, hero_image=make_picture(creator=storefront.creator)) == []


def test_anothers_lead_picture_is_foreign(storefront: CreatorPage, alices: GuidePage):
    assert _foreign(storefront, hero_image=alices.hero_image) == ["hero_image"]


def test_anothers_picture_in_a_block_is_foreign(storefront: CreatorPage, alices: GuidePage):
    block = ("image", {"image": alices.hero_image, "alt": "Taken", "caption": ""})
    assert _foreign(storefront, body=[block]) == ["body"]


def test_a_link_to_anothers_draft_is_foreign(storefront: CreatorPage, alices: GuidePage):
    link = RichText(f'<p><a linktype="page" id="{alices.pk}">Look</a></p>')
    assert _foreign(storefront, body=[("text", link)]) == ["body"]


def test_a_link_to_anothers_live_page_is_everybodys(storefront: CreatorPage):
    link = RichText(f'<p><a linktype="page" id="{make_guide().pk}">Look</a></p>')
    assert _foreign(storefront, body=[("text", link)]) == []


def test_a_picture_in_the_middle_of_rich_text_is_foreign(storefront: CreatorPage, alices: GuidePage):
    embed = RichText(f'<p>x</p><embed embedtype="image" id="{alices.hero_image_id}" alt="" format="left"/>')
    assert _foreign(storefront, body=[("text", embed)]) == ["body"]


def test_a_link_to_nothing_is_foreign(storefront: CreatorPage):
    link = RichText('<p><a linktype="page" id="999999">Look</a></p>')
    assert _foreign(storefront, body=[("text", link)]) == ["body"]


def _form(client: Client, page: GuidePage, *, body: list[Any], hero: int | None) -> dict[str, Any]:
    """The edit form as a browser would send it, with another text and lead picture."""
    html = client.get(reverse("wagtailadmin_pages:edit", args=[page.pk])).content.decode()
    sent = {name: values[-1] for name, values in querydict_from_html(html, form_id="page-edit-form").lists()}
    comments = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    drawn_by_scripts = {"body": streamfield(body), "disclosure": streamfield([]), "comments": comments}
    return {**sent, **nested_form_data(drawn_by_scripts), "hero_image": hero or "", "facts_confirmed": "on"}


def _smuggle(client: Client, page: GuidePage, alices: GuidePage, kind: str, **more: Any) -> Any:
    bodies = {
        "block": [("image", {"image": alices.hero_image_id, "alt": "Taken", "caption": ""})],
        "text": [("text", rich_text(f'<p><a linktype="page" id="{alices.pk}">Look</a></p>', features=["link"]))],
        "field": [("text", rich_text("<p>Innocent.</p>"))],
        "nothing": [("text", rich_text("<p>Innocent.</p>"))],
    }
    hero = alices.hero_image_id if kind == "field" else None
    form = _form(client, page, body=bodies[kind], hero=hero)
    return client.post(reverse("wagtailadmin_pages:edit", args=[page.pk]), form | more)


def test_an_innocent_form_is_saved(client: Client, storefront: CreatorPage, alices: GuidePage):
    page = make_guide(storefront=storefront, live=False)
    client.force_login(storefront.creator.user)
    _smuggle(client, page, alices, "nothing")
    page.refresh_from_db()
    assert "Innocent" in str(page.get_latest_revision_as_object().body)


@pytest.mark.parametrize("kind", ["block", "text", "field"])
def test_a_crafted_form_is_refused_whatever_its_button(
    client: Client, storefront: CreatorPage, alices: GuidePage, kind: str
):
    page = make_guide(storefront=storefront, live=False)
    client.force_login(storefront.creator.user)
    before = page.latest_revision_id
    for button in ({}, {"action-publish": "Publish"}, {"action-submit": "Submit"}):
        _smuggle(client, page, alices, kind, **button)
        page.refresh_from_db()
        assert (page.latest_revision_id, page.live) == (before, False), button


def test_the_refusal_names_the_block(client: Client, storefront: CreatorPage, alices: GuidePage):
    page = make_guide(storefront=storefront, live=False)
    client.force_login(storefront.creator.user)
    text = _smuggle(client, page, alices, "block").content.decode()
    assert r"\u201cPicture\u201d points to something that is not yours to use" in text  # inside the editor's JSON


def test_an_editor_may_use_anybodys_picture(client: Client, storefront: CreatorPage, alices: GuidePage):
    page = make_guide(storefront=storefront, live=False)
    client.force_login(make_editor())
    _smuggle(client, page, alices, "field")
    page.refresh_from_db()
    assert page.get_latest_revision_as_object().hero_image_id == alices.hero_image_id


def test_a_storefront_cannot_show_anothers_picture(client: Client, storefront: CreatorPage, alices: GuidePage):
    client.force_login(storefront.creator.user)
    address = reverse("wagtailadmin_pages:edit", args=[storefront.pk])
    form = querydict_from_html(client.get(address).content.decode(), form_id="page-edit-form").dict()
    comments = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    form |= nested_form_data({"comments": comments})
    answer = client.post(address, form | {"social_image": alices.hero_image_id, "action-publish": "Publish"})
    storefront.refresh_from_db()
    assert ("not yours to use" in answer.content.decode(), storefront.social_image_id) == (True, None)
