"""Every page type can be read, edited and previewed, and stands only where it belongs."""

from __future__ import annotations

from collections.abc import Callable

from django.test import Client
from django.urls import reverse

from wagtail.models import Page
from wagtail.test.utils import WagtailPageTestCase
from wagtail.test.utils.form_data import nested_form_data, streamfield

import pytest

from cms.core.models import StandardPage
from cms.home.models import HomePage
from guides.models import (
    CreatorIndexPage,
    CreatorPage,
    GuideIndexPage,
    GuidePage,
    ReviewPage,
    TopicIndexPage,
    TopicPage,
)
from tests.factories.catalogue import make_offer
from tests.factories.community import make_operator
from tests.factories.guides import make_guide, make_picture, make_review, make_storefront, make_topic

pytestmark = pytest.mark.django_db


def _page_of_text() -> Page:
    page = StandardPage(title="About", slug="about", body="<p>Who we are.</p>")
    return HomePage.objects.get(slug="home").add_child(instance=page)


def _front_page() -> Page:
    make_operator()  # without one, the front page leads to the first steps
    return HomePage.objects.get(slug="home")


MAKERS: dict[str, Callable[[], Page]] = {
    "front page": _front_page,
    "guide index": lambda: GuideIndexPage.objects.get(locale__language_code="en"),
    "topic index": lambda: TopicIndexPage.objects.get(locale__language_code="en"),
    "creator index": lambda: CreatorIndexPage.objects.get(locale__language_code="en"),
    "topic": make_topic,
    "storefront": make_storefront,
    "guide": lambda: make_guide(products=[make_offer().product], hero_image=make_picture(), topics=[make_topic()]),
    "review": lambda: make_review(product=make_offer().product),
    "page of text": _page_of_text,
}
every_type = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@pytest.fixture
def operators_client(client: Client) -> Client:
    client.force_login(make_operator())
    return client


@every_type
def test_it_can_be_read(client: Client, make: Callable[[], Page]) -> None:
    page = make()
    response = client.get(page.url)
    assert response.status_code == 200
    assert f"<title>{page.title}" in response.content.decode()


@every_type
def test_it_can_be_edited(operators_client: Client, make: Callable[[], Page]) -> None:
    response = operators_client.get(reverse("wagtailadmin_pages:edit", args=[make().pk]))
    assert response.status_code == 200


@every_type
def test_it_can_be_previewed(operators_client: Client, make: Callable[[], Page]) -> None:
    page = make()
    page.save_revision()
    response = operators_client.get(reverse("wagtailadmin_pages:view_draft", args=[page.pk]))
    assert response.status_code == 200
    assert page.title in response.content.decode()


@every_type
def test_its_first_heading_is_the_only_one_of_its_level(client: Client, make: Callable[[], Page]) -> None:
    assert client.get(make().url).content.decode().count("<h1") == 1


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (HomePage, GuideIndexPage),
        (HomePage, TopicIndexPage),
        (HomePage, CreatorIndexPage),
        (HomePage, StandardPage),
        (TopicIndexPage, TopicPage),
        (CreatorIndexPage, CreatorPage),
        (CreatorPage, GuidePage),
        (CreatorPage, ReviewPage),
    ],
)
def test_it_can_be_made_where_it_belongs(parent: type[Page], child: type[Page]) -> None:
    assert child in parent.allowed_subpage_models()


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (HomePage, GuidePage),
        (GuideIndexPage, GuidePage),
        (CreatorIndexPage, GuidePage),
        (CreatorPage, CreatorPage),
        (CreatorPage, StandardPage),
        (GuidePage, GuidePage),
        (TopicPage, TopicPage),
    ],
)
def test_it_can_be_made_nowhere_else(parent: type[Page], child: type[Page]) -> None:
    assert child not in parent.allowed_subpage_models()


@pytest.mark.parametrize(
    "model", [HomePage, GuideIndexPage, TopicIndexPage, CreatorIndexPage, TopicPage, CreatorPage, StandardPage]
)
def test_only_articles_take_comments(model: type[Page]) -> None:
    assert getattr(model, "accepts_comments", True) is False


@pytest.mark.parametrize("model", [GuidePage, ReviewPage])
def test_articles_take_comments(model: type[Page]) -> None:
    assert getattr(model, "accepts_comments", True) is True


class TestWithWagtailsOwnChecks(WagtailPageTestCase):
    def test_a_guide_is_routable_and_renders(self) -> None:
        guide = make_guide(products=[make_offer().product])
        self.assertPageIsRoutable(guide)
        self.assertPageIsRenderable(guide)

    def test_a_guide_is_editable_and_previewable(self) -> None:
        guide = make_guide()
        operator = make_operator()
        self.client.force_login(operator)
        form = nested_form_data(
            {"title": guide.title, "slug": guide.slug, "body": streamfield([]), "disclosure": streamfield([])}
        )
        self.assertPageIsEditable(guide, post_data=form)
        self.assertPageIsPreviewable(guide, post_data=form)
