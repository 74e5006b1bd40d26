"""The map of the site for search engines: what is public, and nothing else."""

from __future__ import annotations

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from tests.factories.catalogue import make_product
from tests.factories.guides import make_guide, make_storefront

pytestmark = pytest.mark.django_db


def test_the_map_names_guides_by_their_own_address(client: Client) -> None:
    guide = make_guide()
    response = client.get("/sitemap.xml")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/xml")
    assert f"<loc>http://testserver{guide.url}</loc>" in response.content.decode()


def test_the_map_names_both_languages(client: Client) -> None:
    guide = make_guide(storefront=make_storefront(language="es"))
    xml = client.get("/sitemap.xml").content.decode()
    assert f"<loc>http://testserver{guide.url}</loc>" in xml
    assert guide.url.startswith("/es/")
    assert "<loc>http://testserver/guides/</loc>" in xml


def test_a_draft_is_on_no_map(client: Client) -> None:
    make_guide(slug="unfinished", live=False)
    assert "unfinished" not in client.get("/sitemap.xml").content.decode()


def test_the_map_holds_nothing_of_the_studio(client: Client) -> None:
    assert "/cms/" not in client.get("/sitemap.xml").content.decode()


def test_the_map_names_products(client: Client) -> None:
    make_product(slug="kettle")
    assert "<loc>http://testserver/products/kettle/</loc>" in client.get("/sitemap.xml").content.decode()


def test_many_pages_cost_as_many_queries_as_few(client: Client) -> None:
    counts = []
    storefront = make_storefront()
    for number in (1, 5):
        for _ in range(number):
            make_guide(storefront=storefront)
            make_product()
        client.get("/sitemap.xml")
        with CaptureQueriesContext(connection) as captured:
            client.get("/sitemap.xml")
        counts.append(len(captured))
    assert counts[0] == counts[1]
