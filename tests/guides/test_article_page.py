"""A guide as a reader gets it."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from wagtail.models import PageViewRestriction

import pytest

from cms.core.models import SiteRendition
from guides.selectors.articles import related_articles
from tests.factories.catalogue import make_offer, make_product
from tests.factories.guides import make_guide, make_picture, make_review, make_topic

pytestmark = pytest.mark.django_db


def _queries_of(client: Client, address: str) -> list[str]:
    address += "?uncached"  # an unknown parameter goes past the page cache
    client.get(address)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def _guide_with(number: int, topic):
    products = [make_offer(make_product(image=make_picture())).product for _ in range(number)]
    comparison = {
        "caption": "Side by side",
        "rows": ["Weight"],
        "columns": [{"product": product, "values": ["1 kg"]} for product in products],
    }
    guide = make_guide(products=products, topics=[topic], hero_image=make_picture())
    guide.body.append(("comparison", comparison))
    guide.save_revision().publish()
    return guide


def test_twelve_products_cost_as_many_queries_as_two(client: Client):
    topic = make_topic()
    few, many = _guide_with(2, topic), _guide_with(12, topic)
    counts = [len(_queries_of(client, page.url)) for page in (few, many)]
    assert counts[0] == counts[1]


def test_reading_a_guide_makes_no_picture_sizes(client: Client):
    guide = _guide_with(3, make_topic())
    before = SiteRendition.objects.count()
    client.get(guide.url)
    assert SiteRendition.objects.count() == before


def test_a_guide_page_with_related_ones_costs_at_most_twenty_five_queries(client: Client):
    topic = make_topic()
    make_guide(topics=[topic], hero_image=make_picture())
    make_review(topics=[topic], hero_image=make_picture())
    found = _queries_of(client, _guide_with(12, topic).url)
    assert len(found) <= 25, "\n".join(found)


def test_a_guide_in_a_restricted_part_of_the_tree_is_not_recommended():
    topic = make_topic()
    hidden, shown = make_guide(topics=[topic]), make_guide(topics=[topic])
    PageViewRestriction.objects.create(page=hidden.get_parent(), restriction_type="login")
    assert related_articles(make_guide(topics=[topic]), [topic]) == [shown]
