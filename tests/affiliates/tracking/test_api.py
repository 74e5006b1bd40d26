"""Clicks and links over the API: each key sees its own side."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client
from django.utils import timezone

import pytest

from affiliates.tracking.models import Click, Link
from community.models import Creator
from tests.factories.catalogue import make_offer
from tests.factories.community import make_creator
from tests.factories.parties import bearer, make_enrolment, make_key, make_merchant, make_program
from tests.factories.tracking import make_click, make_link, make_placement

pytestmark = pytest.mark.django_db


@pytest.fixture
def click(link: Link) -> Click:
    return make_click(link=link, placement=make_placement(creator=link.creator, title="Ten kettles"))


def get(client: Client, path: str, **owner: Any) -> Any:
    return client.get(f"/api/v1/{path}", **bearer(make_key(**owner)[1]))


def post_link(client: Client, creator: Creator, url: str, label: str = "") -> Any:
    body = json.dumps({"url": url, "label": label})
    return client.post("/api/v1/links", body, content_type="application/json", **bearer(make_key(creator=creator)[1]))


def ids(response: Any) -> list[str]:
    return [row["click_id"] for row in response.json()["results"]]


def test_a_click_is_listed_with_its_verdict(client: Client, click: Click, creator: Creator) -> None:
    row = get(client, "clicks", creator=creator).json()["results"][0]
    assert (row["click_id"], row["link"], row["creator"]) == (click.click_id, click.link.code, creator.handle)
    assert (row["guide_title"], row["merchant"], row["country"]) == ("Ten kettles", "acme", "DE")
    assert (row["verdict"], row["reason"]) == ("valid", None)


def test_an_invalid_click_says_why(client: Client, link: Link, creator: Creator) -> None:
    make_click(link=link, reason="bot")
    row = get(client, "clicks", creator=creator).json()["results"][0]
    assert (row["verdict"], row["reason"]) == ("invalid", "bot")


def test_each_key_sees_its_own_clicks(client: Client, click: Click, creator: Creator) -> None:
    stranger, shop = make_creator("mallory"), make_merchant("elsewhere")
    assert ids(get(client, "clicks", creator=creator)) == [click.click_id]
    assert ids(get(client, "clicks", merchant=click.merchant)) == [click.click_id]
    assert ids(get(client, "clicks", operator=True)) == [click.click_id]
    assert ids(get(client, "clicks", creator=stranger)) == []
    assert ids(get(client, "clicks", merchant=shop)) == []


@pytest.mark.parametrize("path", ["clicks", "links"])
def test_without_a_key_there_is_nothing(client: Client, path: str) -> None:
    assert client.get(f"/api/v1/{path}").status_code == 401


def test_a_key_without_the_scope_is_refused(client: Client, creator: Creator) -> None:
    assert get(client, "clicks", creator=creator, scopes=["reports:read"]).status_code == 403


def test_clicks_are_newest_first_and_confined_to_a_span(client: Client, link: Link, creator: Creator) -> None:
    now = timezone.now().replace(microsecond=0)
    made = [make_click(link=link, at=now - timezone.timedelta(hours=n)) for n in range(4)]
    assert ids(get(client, "clicks", creator=creator)) == [one.click_id for one in made]
    since, until = made[2].at.strftime("%Y-%m-%dT%H:%M:%SZ"), made[0].at.strftime("%Y-%m-%dT%H:%M:%SZ")
    found = get(client, f"clicks?since={since}&until={until}", creator=creator)
    assert ids(found) == [made[1].click_id, made[2].click_id]


def test_a_nonsense_time_is_named(client: Client, creator: Creator) -> None:
    response = get(client, "clicks?since=yesterday", creator=creator)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (400, "?since")


def test_pages_lead_on_without_gap_or_repetition(client: Client, link: Link, creator: Creator) -> None:
    at = timezone.now()
    made = {make_click(link=link, at=at).click_id for _ in range(5)}
    key = bearer(make_key(creator=creator)[1])
    address, seen = "/api/v1/clicks?limit=2", []
    while address:
        page = client.get(address, **key).json()
        seen += [row["click_id"] for row in page["results"]]
        address = page["next"]
    assert len(seen) == 5
    assert set(seen) == made


def test_the_number_of_queries_is_equal_for_few_and_many(
    client: Client, link: Link, creator: Creator, django_assert_num_queries: Any
) -> None:
    key = bearer(make_key(creator=creator)[1])
    make_click(link=link, placement=make_placement(creator=creator))
    client.get("/api/v1/clicks", **key)
    with django_assert_num_queries(2):
        client.get("/api/v1/clicks", **key)
    for _ in range(12):
        make_click(link=link, placement=make_placement(creator=creator))
    with django_assert_num_queries(2):
        client.get("/api/v1/clicks", **key)


def test_a_pasted_address_becomes_a_link(client: Client, creator: Creator, house_link: Link) -> None:
    response = post_link(client, creator, "https://www.acme.example/new?utm_source=x&size=9", "New thing")
    assert response.status_code == 201
    body = response.json()
    assert (body["destination"], body["merchant"], body["label"]) == (
        "https://www.acme.example/new?size=9", "acme", "New thing",
    )  # fmt: skip
    assert body["url"].endswith(f"/go/{body['code']}")
    assert client.get(f"/go/{body['code']}").status_code == 302


def test_the_same_address_again_is_the_same_link(client: Client, creator: Creator, house_link: Link) -> None:
    first = post_link(client, creator, "https://acme.example/new")
    again = post_link(client, creator, "https://acme.example/new?gclid=5#x")
    assert (again.status_code, again.json()["code"]) == (200, first.json()["code"])


def test_an_offer_s_address_is_a_link_to_the_offer(client: Client, creator: Creator, house_link: Link) -> None:
    offer = make_offer(merchant=house_link.merchant)
    body = post_link(client, creator, offer.url + "?utm_medium=mail").json()
    assert body["product"] == offer.product.slug


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://evil.example/", "unknown_host"),
        ("https://acme.example.evil.example/", "unknown_host"),
        ("https://user:pw@acme.example/", "credentials"),
        ("javascript:alert(1)", "scheme"),
        ("https://acme.example:8443/", "port"),
        ("", "malformed"),
    ],
)
def test_other_addresses_are_refused_by_name(
    client: Client, creator: Creator, house_link: Link, url: str, reason: str
) -> None:
    response = post_link(client, creator, url)
    assert response.status_code == 400
    fault = response.json()["errors"][0]
    assert (fault["pointer"], fault["detail"].split(":")[0]) == ("/url", reason)


def test_a_merchant_without_a_programme_for_the_creator_is_refused(client: Client, creator: Creator) -> None:
    make_program(make_merchant("closed"), is_open=False)
    response = post_link(client, creator, "https://closed.example/x")
    assert response.json()["errors"][0]["detail"].startswith("no_programme")


def test_a_brand_makes_no_links(client: Client, house_link: Link) -> None:
    key = bearer(make_key(merchant=house_link.merchant)[1])
    assert client.post("/api/v1/links", "{}", content_type="application/json", **key).status_code in (400, 403)


def test_a_creator_lists_their_own_links(client: Client, link: Link, creator: Creator) -> None:
    make_link(merchant=link.merchant, creator=make_creator("mallory"))
    rows = get(client, "links", creator=creator).json()["results"]
    assert [row["code"] for row in rows] == [link.code]


@pytest.mark.parametrize("joined", [False, True])
def test_a_link_says_whether_it_earns(client: Client, creator: Creator, joined: bool) -> None:
    program = make_program(make_merchant("acme"))
    if joined:
        make_enrolment(program, creator)
    made = post_link(client, creator, "https://acme.example/x").json()
    assert [made["earns"], get(client, "links", creator=creator).json()["results"][0]["earns"]] == [joined, joined]
