"""Lists of guides, topics and creators cost the same for few and for many, and are ordered by time alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import pytest

from cms.core.models import SiteRendition
from guides.models import GuideIndexPage, GuidePage
from tests.factories.catalogue import make_offer
from tests.factories.community import make_creator, make_operator
from tests.factories.earnings import make_rule, make_shop
from tests.factories.guides import make_guide, make_picture, make_review, make_storefront, make_topic

pytestmark = pytest.mark.django_db

ADDRESSES = ["/", "/guides/", "/topics/", "/topics/kettles/", "/creators/", "/creators/ada/", "/search/?q=Article"]


@pytest.fixture
def add() -> Callable[[int], None]:
    """Adds guides and reviews on one topic by one creator, and as many further topics and creators."""
    make_operator()
    topic = make_topic("Kettles", slug="kettles")
    storefront = make_storefront(make_creator("ada", is_trusted=True, portrait_id=make_picture().pk))

    def more(number: int) -> None:
        for _ in range(number):
            make_guide(storefront=storefront, topics=[topic], hero_image=make_picture())
            make_review(storefront=storefront, topics=[topic], hero_image=make_picture())
            make_guide(
                storefront=make_storefront(make_creator(portrait_id=make_picture().pk)), topics=[make_topic(), topic]
            )

    return more


def _queries(client: Client, address: str) -> list[str]:
    client.get(address, HTTP_HX_REQUEST="true")  # what is loaded once for all readers is loaded now
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address, HTTP_HX_REQUEST="true").status_code == 200
    return [query["sql"] for query in captured.captured_queries]


def test_many_cost_as_many_queries_as_few(client: Client, add: Callable[[int], None]) -> None:
    add(1)
    few = {address: _queries(client, address) for address in ADDRESSES}
    add(4)
    many = {address: _queries(client, address) for address in ADDRESSES}
    dearer = {address: many[address] for address in ADDRESSES if len(many[address]) != len(few[address])}
    assert not dearer


def test_a_list_makes_no_picture_sizes(client: Client, add: Callable[[int], None]) -> None:
    add(2)
    before, made = SiteRendition.objects.count(), {}
    for address in ADDRESSES:
        client.get(address)
        made[address] = SiteRendition.objects.count() - before
    assert made == dict.fromkeys(ADDRESSES, 0)


def _titles(client: Client, address: str = "/guides/") -> list[str]:
    return [article.title for article in client.get(address).context["articles"].object_list]


def _published(title: str, days_ago: int, **fields: object) -> GuidePage:
    guide = make_guide(title=title, **fields)
    at = timezone.now() - dt.timedelta(days=days_ago)
    GuidePage.objects.filter(pk=guide.pk).update(first_published_at=at)
    return guide


def test_the_newest_comes_first(client: Client) -> None:
    _published("Old", 20)
    _published("New", 1)
    _published("Older", 30)
    assert _titles(client) == ["New", "Old", "Older"]


def test_commission_moves_nothing_in_a_list(client: Client) -> None:
    shop = make_shop(percent="1")
    offer = make_offer(merchant=shop.merchant)
    _published("Pays nothing", 1)
    _published("Pays", 5, products=[offer.product])
    before = _titles(client)
    make_rule(shop.program, percent=str(Decimal("10")))
    assert _titles(client, "/guides/?page=1") == before


def test_drafts_are_in_no_list(client: Client) -> None:
    make_guide(title="Unfinished", live=False)
    assert _titles(client) == []


def test_a_language_lists_its_own_guides(client: Client) -> None:
    make_guide(title="In English")
    make_guide(title="En español", storefront=make_storefront(language="es"))
    assert _titles(client) == ["In English"]
    assert _titles(client, "/es/guides/") == ["En español"]


def test_the_index_narrows_by_topic(client: Client) -> None:
    topic = make_topic("Kettles", slug="kettles")
    make_guide(title="On kettles", topics=[topic])
    make_guide(title="On lamps", topics=[make_topic()])
    assert _titles(client, "/guides/?topic=kettles") == ["On kettles"]


def test_the_index_narrows_by_creator(client: Client) -> None:
    make_guide(title="By Ada", storefront=make_storefront(make_creator("ada", is_trusted=True)))
    make_guide(title="By somebody")
    assert _titles(client, "/guides/?creator=ada") == ["By Ada"]


@pytest.mark.parametrize(
    "query", ["?page=0", "?page=999", "?page=x", "?topic=%00", "?creator=' OR 1", "?topic=nothing"]
)
def test_a_nonsense_question_gets_a_page(client: Client, query: str) -> None:
    make_guide()
    assert client.get(f"/guides/{query}").status_code == 200


def test_a_long_list_comes_in_pages(client: Client) -> None:
    storefront = make_storefront()
    for _ in range(13):
        make_guide(storefront=storefront)
    assert len(_titles(client)) == 12
    assert len(_titles(client, "/guides/?page=2")) == 1


def test_an_empty_index_says_so(client: Client) -> None:
    assert GuideIndexPage.objects.exists()
    assert "empty-state" in client.get("/guides/").content.decode()
