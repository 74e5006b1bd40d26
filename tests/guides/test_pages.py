"""Every page type can be read, edited and previewed."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from wagtail.models import Page
from wagtail.test.utils import WagtailPageTestCase
from wagtail.test.utils.form_data import nested_form_data, rich_text, streamfield

from guides.models import (
    CreatorIndexPage,
    CreatorPage,
    GuideIndexPage,
    GuidePage,
    ReviewPage,
    TopicIndexPage,
    TopicPage,
)
from tests.factories.catalogue import make_offer, make_product
from tests.factories.community import make_operator
from tests.factories.guides import make_guide, make_picture, make_review, make_storefront, make_topic

pytestmark = pytest.mark.django_db


def _article_form(page: GuidePage) -> dict[str, Any]:
    return nested_form_data(
        {
            "title": page.title,
            "slug": page.slug,
            "summary": "",
            "body": streamfield([("text", rich_text("<p>Words.</p>"))]),
            "disclosure": streamfield([]),
            "tags": "",
            "comments": {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000},
        }
    )


def _pages() -> list[Page]:
    offer = make_offer(make_product(image=make_picture()))
    guide = make_guide(products=[offer.product], topics=[make_topic()], hero_image=make_picture())
    review = make_review(products=[offer.product], product=offer.product)
    indexes = [model.objects.first() for model in (GuideIndexPage, TopicIndexPage, CreatorIndexPage)]
    return [guide, review, guide.topics.first(), guide.get_parent().specific, *indexes]


class PageTypeTests(WagtailPageTestCase):
    """Wagtail's own assertions, once a page type."""

    def setUp(self) -> None:
        self.client.force_login(make_operator())

    def test_every_page_type_is_routable_and_renderable(self) -> None:
        for page in _pages():
            with self.subTest(type(page).__name__):
                self.assertPageIsRoutable(page)
                self.assertPageIsRenderable(page)

    def test_every_index_topic_and_storefront_is_editable_and_previewable(self) -> None:
        for page in _pages()[2:]:
            with self.subTest(type(page).__name__):
                self.assertPageIsEditable(page)
                self.assertPageIsPreviewable(page)

    def test_articles_are_editable_and_previewable(self) -> None:
        for page in _pages()[:2]:
            with self.subTest(type(page).__name__):
                self.assertPageIsEditable(page, post_data=_article_form(page))
                self.assertPageIsPreviewable(page, post_data=_article_form(page))

    def test_guides_and_reviews_stand_in_storefronts_only(self) -> None:
        for model in (GuidePage, ReviewPage):
            self.assertAllowedParentPageTypes(model, {CreatorPage})
            self.assertAllowedSubpageTypes(model, {})

    def test_topics_stand_in_the_topic_index_only(self) -> None:
        self.assertAllowedParentPageTypes(TopicPage, {TopicIndexPage})


def test_an_articles_author_is_whose_storefront_it_stands_in():
    storefront = make_storefront()
    assert make_guide(storefront=storefront).creator == storefront.creator


def test_a_storefronts_address_stays_the_handle():
    storefront = make_storefront()
    storefront.slug = "something-grander"
    storefront.save()
    assert storefront.slug == storefront.creator.handle


def test_the_handle_leads_to_the_storefront(client: Client):
    storefront = make_storefront()
    answer = client.get(f"/@{storefront.creator.handle}")
    assert answer.headers["Location"] == storefront.url


def test_an_unknown_handle_is_not_found(client: Client):
    assert client.get("/@nobody-here").status_code == 404


def test_the_guide_index_can_be_narrowed_to_a_topic(client: Client):
    topic = make_topic()
    wanted, other = make_guide(topics=[topic], title="Wanted"), make_guide(title="Unwanted")
    text = client.get(GuideIndexPage.objects.first().url, {"topic": topic.slug}).content.decode()
    assert (wanted.url in text, other.url in text) == (True, False)


@pytest.mark.parametrize("number", [1, 5])
def test_the_guide_index_costs_the_same_for_few_and_many(
    client: Client, django_assert_num_queries: Any, number: int
):
    for _ in range(number):
        make_guide(hero_image=make_picture(), topics=[make_topic()])
    address = GuideIndexPage.objects.first().url + "?uncached"
    client.get(address)
    with django_assert_num_queries(17):
        client.get(address)


def test_a_draft_is_not_in_the_lists(client: Client):
    make_guide(title="Only a draft", live=False)
    assert "Only a draft" not in client.get(GuideIndexPage.objects.first().url).content.decode()


def test_a_page_below_the_root_is_found_however_deep(client: Client):
    assert client.get(make_guide().url).status_code == 200


@pytest.mark.parametrize("address", ["/guides/nothing/", "/nothing/", "/creators/nobody/nothing/"])
def test_what_is_not_there_is_not_found(client: Client, address: str):
    assert client.get(address).status_code == 404
