"""The public lists of the API: what is published, in pages that follow each other."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from tests.factories.community import make_creator
from tests.factories.guides import make_guide, make_review, make_storefront, make_topic

pytestmark = pytest.mark.django_db

MAKERS = {"guides": make_guide, "topics": make_topic, "creators": make_storefront}
every_list = pytest.mark.parametrize("name", MAKERS)


def _get(client: Client, name: str, query: str = "") -> dict[str, Any]:
    response = client.get(f"/api/v1/{name}{query}")
    assert response.status_code == 200
    return response.json()


@every_list
def test_an_empty_list_is_a_list(client: Client, name: str) -> None:
    assert _get(client, name) == {"results": [], "next": None}


@every_list
def test_pages_follow_each_other_until_all_are_told_once(client: Client, name: str) -> None:
    storefront = make_storefront() if name == "guides" else None
    for _ in range(5):
        MAKERS[name](**({"storefront": storefront} if storefront else {}))
    addresses, following = [], f"http://testserver/api/v1/{name}?limit=2"
    while following:
        answer = client.get(following).json()
        assert len(answer["results"]) <= 2
        addresses += [row["url"] for row in answer["results"]]
        following = answer["next"]
    assert len(addresses) == len(set(addresses)) == 5


@every_list
def test_every_address_told_can_be_read(client: Client, name: str) -> None:
    MAKERS[name]()
    for row in _get(client, name)["results"]:
        assert row["url"].startswith("http://testserver/")
        assert client.get(row["url"]).status_code == 200


@every_list
@pytest.mark.parametrize("query", ["?limit=0", "?limit=501", "?limit=x", "?cursor=nonsense"])
def test_a_wrong_question_is_told_what_is_wrong(client: Client, name: str, query: str) -> None:
    response = client.get(f"/api/v1/{name}{query}")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("application/problem+json")
    assert response.json()["errors"][0]["pointer"] in {"?limit", "?cursor"}


@every_list
def test_many_cost_as_many_queries_as_few(client: Client, name: str) -> None:
    counts = []
    storefront = make_storefront()
    for number in (2, 4):
        for _ in range(number):
            MAKERS[name](**({"storefront": storefront} if name == "guides" else {}))
        _get(client, name)
        with CaptureQueriesContext(connection) as captured:
            _get(client, name)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_a_guide_is_told_as_it_is(client: Client) -> None:
    storefront = make_storefront(make_creator("ada", is_trusted=True))
    guide = make_guide(storefront=storefront, title="Kettles", slug="kettles", summary="Which one.")
    [row] = _get(client, "guides")["results"]
    assert row.pop("published_at")
    assert row.pop("updated_at")
    assert row == {
        "title": guide.title,
        "kind": "guide",
        "url": "http://testserver/creators/ada/kettles/",
        "language": "en",
        "summary": "Which one.",
        "creator": "ada",
    }


def test_guides_and_reviews_of_all_languages_are_told_newest_first(client: Client) -> None:
    make_guide(title="First")
    make_review(title="Segunda", storefront=make_storefront(language="es"))
    rows = _get(client, "guides")["results"]
    assert [(row["title"], row["kind"], row["language"]) for row in rows] == [
        ("Segunda", "review", "es"),
        ("First", "guide", "en"),
    ]


def test_drafts_are_not_told(client: Client) -> None:
    make_guide(live=False)
    assert _get(client, "guides")["results"] == []


def test_a_creator_is_told_by_handle_name_and_country(client: Client) -> None:
    make_storefront(make_creator("ada", display_name="Ada", country="GB"))
    assert _get(client, "creators")["results"] == [
        {
            "handle": "ada",
            "name": "Ada",
            "country": "GB",
            "language": "en",
            "url": "http://testserver/creators/ada/",
        }
    ]
