"""Ways round the wall that were tried: odd numbers, other kinds of things, tags, uploads, and people of other roles."""

from __future__ import annotations

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

import pytest
from PIL import Image

from affiliates.parties.models import MerchantMember
from cms.core.models import SiteImage
from community.models import Creator
from guides.models import GuidePage
from guides.services.storefronts import open_storefront
from tests.factories.community import make_creator, make_user
from tests.factories.guides import make_guide, make_picture, make_review, make_storefront
from tests.factories.parties import make_merchant

pytestmark = pytest.mark.django_db

CANARY = "Kanarienvogel"
#: One number as Python reads it, written otherwise.
DISGUISES = [
    lambda key: str(key).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    lambda key: f"{key} ",
    lambda key: f"+{key}",
    lambda key: f"0_{key}",
]


@pytest.fixture
def alice() -> Creator:
    return make_creator("alice", is_trusted=True)


@pytest.fixture
def bob() -> Creator:
    return make_creator("bob", is_trusted=True)


@pytest.fixture
def bobs(bob: Creator, client: Client) -> Client:
    client.force_login(bob.user)
    return client


def _png() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (8, 8)).save(file, "PNG")
    return SimpleUploadedFile("own.png", file.getvalue(), "image/png")


@pytest.mark.parametrize("disguise", DISGUISES)
def test_a_picture_is_not_found_by_a_number_in_disguise(alice: Creator, bobs: Client, disguise) -> None:
    picture = make_picture(f"{CANARY} picture", creator=alice)
    answer = bobs.get(f"/cms/images/chooser/chosen/{disguise(picture.pk)}/")
    assert answer.status_code == 404


@pytest.mark.parametrize("disguise", DISGUISES)
def test_many_pictures_are_not_found_by_numbers_in_disguise(alice: Creator, bobs: Client, disguise) -> None:
    picture = make_picture(f"{CANARY} picture", creator=alice)
    answer = bobs.get(reverse("wagtailimages_chooser:chosen_multiple"), {"id": disguise(picture.pk)})
    assert answer.status_code == 404


def test_a_comparison_is_not_found_by_a_number_in_disguise(alice: Creator, bobs: Client) -> None:
    draft = make_guide(storefront=make_storefront(alice), title=f"{CANARY} draft", live=False)
    key = DISGUISES[0](draft.pk)
    assert bobs.get(f"/cms/pages/{key}/revisions/compare/earliest...latest/").status_code == 404


def test_asking_for_a_rare_type_does_not_lead_to_its_only_page(alice: Creator, bobs: Client) -> None:
    make_review(storefront=make_storefront(alice), title=f"{CANARY} review", live=False)
    answer = bobs.get(reverse("wagtailadmin_choose_page"), {"page_type": "guides.reviewpage"})
    assert CANARY not in answer.content.decode()


def test_pictures_take_no_tags_for_wagtail_would_offer_them_to_everybody(bob: Creator, bobs: Client) -> None:
    form = {
        "title": "Mine", "file": _png(), "alt": "A square", "origin": "own", "collection": bob.collection_id,
        "tags": CANARY,
    }  # fmt: skip
    bobs.post(reverse("wagtailimages:add"), form)
    assert list(SiteImage.objects.get().tags.all()) == []


def test_no_tags_are_suggested(alice: Creator, bobs: Client) -> None:
    make_picture("Plain", creator=alice).tags.add(f"{CANARY} tag")
    answer = bobs.get(reverse("wagtailadmin_tag_autocomplete"), {"term": CANARY[:4]})
    assert CANARY not in answer.content.decode()


def test_who_edits_is_told_of_ones_own_pages_only(bob: Creator, bobs: Client) -> None:
    own = make_guide(storefront=make_storefront(bob))
    address = reverse("wagtailadmin_editing_sessions:ping", args=["core", "siteimage", own.pk, 0])
    assert bobs.post(address).status_code == 404


def test_who_edits_ones_own_page_is_told(bob: Creator, bobs: Client) -> None:
    own = make_guide(storefront=make_storefront(bob))
    address = reverse("wagtailadmin_editing_sessions:ping", args=["guides", "guidepage", own.pk, 0])
    assert bobs.post(address).status_code == 200


def test_a_picture_is_uploaded_to_ones_own_collection(bob: Creator, bobs: Client) -> None:
    form = {"title": "Mine", "file": _png(), "alt": "A square", "origin": "own", "collection": bob.collection_id}
    bobs.post(reverse("wagtailimages:add"), form)
    assert SiteImage.objects.get().collection_id == bob.collection_id


@pytest.mark.parametrize(
    ("name", "field", "file"),
    [
        ("wagtailimages:add", "collection", "file"),
        ("wagtailimages:add_multiple", "collection", "files[]"),
        ("wagtailimages_chooser:create", "image-chooser-upload-collection", "image-chooser-upload-file"),
    ],
)
def test_a_picture_cannot_be_uploaded_to_anothers_collection(
    alice: Creator, bobs: Client, name: str, field: str, file: str
) -> None:
    prefix = field.removesuffix("collection")
    form = {f"{prefix}title": "Taken", file: _png(), f"{prefix}origin": "own", field: alice.collection_id}
    answer = bobs.post(reverse(name), form, headers={"X-Requested-With": "XMLHttpRequest"})
    assert answer.status_code == 404
    assert not SiteImage.objects.exists()


@pytest.mark.parametrize("name", ["drawing.svg", "drawing.png"])
def test_an_svg_is_refused_whatever_it_is_called(bob: Creator, bobs: Client, name: str) -> None:
    svg = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
    file = SimpleUploadedFile(name, svg, "image/svg+xml")
    form = {"title": "Drawn", "file": file, "origin": "own", "collection": bob.collection_id}
    bobs.post(reverse("wagtailimages:add"), form)
    assert not SiteImage.objects.exists()


def test_a_creator_of_two_languages_reaches_both_storefronts(bob: Creator, bobs: Client) -> None:
    for page in open_storefront(creator=bob, languages=["en", "es"]):
        assert bobs.get(reverse("wagtailadmin_explore", args=[page.pk])).status_code == 200


@pytest.mark.parametrize("name", ["wagtailadmin_pages:search", "wagtailadmin_choose_page_search"])
def test_searching_finds_ones_own_drafts_only(alice: Creator, bob: Creator, bobs: Client, name: str) -> None:
    make_guide(storefront=make_storefront(alice), title=f"Teapots of {CANARY}", live=False)
    make_guide(storefront=make_storefront(bob), title="Teapots of mine", live=False)
    html = bobs.get(reverse(name), {"q": "teapots"}).content.decode()
    assert "Teapots of mine" in html
    assert CANARY not in html


def _form(**fields: object) -> dict[str, str]:
    return nested_form_data(
        {"title": "Words", "slug": "words", "body": streamfield([]), "disclosure": streamfield([]), **fields}
    )


def test_who_is_not_trusted_publishes_nothing() -> None:
    carol = make_creator("carol")
    storefront = make_storefront(carol)
    client = Client()
    client.force_login(carol.user)
    address = reverse("wagtailadmin_pages:add", args=["guides", "guidepage", storefront.pk])
    client.post(address, _form(**{"action-publish": "1"}))
    assert not GuidePage.objects.filter(live=True).exists()


def test_who_is_not_trusted_asks_the_editors() -> None:
    carol = make_creator("carol")
    storefront = make_storefront(carol)
    client = Client()
    client.force_login(carol.user)
    address = reverse("wagtailadmin_pages:add", args=["guides", "guidepage", storefront.pk])
    client.post(address, _form(**{"action-submit": "1"}))
    assert GuidePage.objects.get().current_workflow_state is not None


def test_a_page_cannot_be_made_in_anothers_storefront(alice: Creator, bobs: Client) -> None:
    address = reverse("wagtailadmin_pages:add", args=["guides", "guidepage", make_storefront(alice).pk])
    assert bobs.post(address, _form()).status_code == 404
    assert not GuidePage.objects.exists()


@pytest.mark.parametrize("kind", ["image", "page"])
def test_a_preview_shows_nothing_of_others(alice: Creator, bob: Creator, bobs: Client, kind: str) -> None:
    draft = make_guide(storefront=make_storefront(alice), title=f"{CANARY} draft", slug="kanarienvogel", live=False)
    picture = make_picture(f"{CANARY} picture", creator=alice)
    own = make_guide(storefront=make_storefront(bob), live=False)
    embedded = {
        "image": [("image", {"image": picture.pk, "alt": "", "caption": ""})],
        "page": [("text", rich_text(f'<p><a linktype="page" id="{draft.pk}">x</a></p>'))],
    }[kind]
    address = reverse("wagtailadmin_pages:preview_on_edit", args=[own.pk])
    answer = bobs.post(address, _form(body=streamfield(embedded)))
    assert answer.json()["is_valid"] is False
    assert "kanarienvogel" not in bobs.get(address).content.decode().lower()


@pytest.mark.parametrize("address", ["/cms/", "/cms/pages/", "/cms/images/", "/cms/earnings/", "/cms/users/"])
def test_a_reader_has_no_studio(client: Client, address: str) -> None:
    client.force_login(make_user())
    assert client.get(address).status_code in {302, 403, 404}


@pytest.mark.parametrize("address", ["/cms/", "/cms/pages/", "/cms/images/", "/cms/earnings/", "/cms/payouts/"])
def test_a_brands_person_has_no_studio(client: Client, address: str) -> None:
    user = make_user()
    MerchantMember.objects.create(merchant=make_merchant(slug="acme"), user=user, role=MerchantMember.Role.MANAGER)
    client.force_login(user)
    assert client.get(address).status_code in {302, 403, 404}


@pytest.mark.parametrize(
    "address", ["/cms/payouts/", "/cms/orders/", "/cms/moderation/", "/cms/creators/", "/cms/sites/"]
)
def test_a_creator_has_no_other_role(bobs: Client, address: str) -> None:
    assert bobs.get(address).status_code == 404


@pytest.mark.parametrize("app", ["images", "documents", "pages"])
def test_wagtails_own_api_is_closed_to_creators(bobs: Client, app: str) -> None:
    assert bobs.get(f"/cms/api/main/{app}/").status_code == 404
