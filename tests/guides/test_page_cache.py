"""Whole pages are kept for readers without a session, one copy a language and country, and renewed at once."""

from __future__ import annotations

import gzip

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from affiliates.catalogue.signals import offers_changed
from cms.core import generation
from guides.models import GuidePage
from tests.factories.catalogue import make_offer
from tests.factories.community import make_operator, make_user
from tests.factories.guides import make_guide, make_storefront

pytestmark = pytest.mark.django_db


@pytest.fixture
def guide() -> GuidePage:
    make_operator()
    return make_guide(title="The guide", products=[make_offer().product])


def _queries(client: Client, address: str, **headers: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        client.get(address, headers=headers)
    return len(captured)


def test_an_anonymous_page_sets_no_cookie(client: Client, guide: GuidePage) -> None:
    assert not client.get(guide.url).cookies
    assert not client.get(guide.url).cookies


def test_the_second_reader_costs_no_query(client: Client, guide: GuidePage) -> None:
    client.get(guide.url)
    assert _queries(client, guide.url) == 0


def test_a_kept_page_equals_the_first(client: Client, guide: GuidePage) -> None:
    first, second = client.get(guide.url), client.get(guide.url)
    assert first.content == second.content
    assert dict(first.items()) == dict(second.items())


def test_head_is_answered_from_what_get_kept(client: Client, guide: GuidePage) -> None:
    client.get(guide.url)
    assert client.head(guide.url).status_code == 200


def test_a_get_after_a_head_has_its_text(client: Client, guide: GuidePage) -> None:
    client.head(guide.url)
    assert b"The guide" in client.get(guide.url).content


def test_a_browser_that_has_the_page_is_told_so(client: Client, guide: GuidePage) -> None:
    etag = client.get(guide.url)["ETag"]
    again = client.get(guide.url, headers={"If-None-Match": etag})
    assert again.status_code == 304
    assert not again.content


def test_a_browser_asks_again_each_time(client: Client, guide: GuidePage) -> None:
    assert "must-revalidate" in client.get(guide.url)["Cache-Control"]


def test_a_language_has_a_copy_of_its_own(client: Client, guide: GuidePage) -> None:
    german = client.get(guide.url, headers={"Accept-Language": "de-DE"}).content
    british = client.get(guide.url, headers={"Accept-Language": "en-GB"}).content
    assert german != british
    assert client.get(guide.url, headers={"Accept-Language": "de-DE"}).content == german


def test_headers_that_mean_the_same_share_a_copy(client: Client, guide: GuidePage) -> None:
    client.get(guide.url, headers={"Accept-Language": "de-DE"})
    assert _queries(client, guide.url, **{"Accept-Language": "de-DE,de;q=0.9,en;q=0.5"}) == 0


def test_a_chosen_country_has_a_copy_of_its_own(client: Client, guide: GuidePage) -> None:
    first = client.get(guide.url).content
    client.post("/choose/", {"country": "JP", "language": "en", "currency": "JPY", "next": guide.url})
    assert client.get(guide.url).content != first


def test_publishing_renews_the_page(
    client: Client, guide: GuidePage, django_capture_on_commit_callbacks: object
) -> None:
    client.get(guide.url)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        guide.title = "The same guide, better"
        guide.save_revision().publish()
    assert b"The same guide, better" in client.get(guide.url).content


def test_taking_a_page_down_takes_its_copy_down(
    client: Client, guide: GuidePage, django_capture_on_commit_callbacks: object
) -> None:
    client.get(guide.url)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        guide.unpublish()
    assert client.get(guide.url).status_code == 404


def test_a_change_of_offers_starts_a_new_generation(django_capture_on_commit_callbacks: object) -> None:
    offer = make_offer()
    before = generation.current()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        offers_changed.send(sender=type(offer), offer_ids=[offer.pk])
    assert generation.current() != before


def test_who_is_logged_in_is_never_kept(client: Client, guide: GuidePage) -> None:
    client.force_login(make_user(display_name="Wilhelmina Canary"))
    client.get(guide.url)
    assert b"Wilhelmina Canary" not in Client().get(guide.url).content


def test_who_is_logged_in_is_never_given_a_kept_page(client: Client, guide: GuidePage) -> None:
    client.get(guide.url)
    reader = Client()
    reader.force_login(make_user())
    assert _queries(reader, guide.url) > 0


def test_an_unknown_parameter_goes_past_what_is_kept(client: Client, guide: GuidePage) -> None:
    client.get(guide.url)
    assert _queries(client, f"{guide.url}?utm=1") > 0


def test_a_page_that_is_not_there_is_not_kept(client: Client, guide: GuidePage) -> None:
    address = "/creators/nobody/"
    assert client.get(address).status_code == 404
    assert _queries(client, address) > 0


@pytest.mark.parametrize("address", ["/search/?q=guide", "/account/login/", "/following/", "/healthz"])
def test_personal_and_technical_pages_are_not_kept(client: Client, guide: GuidePage, address: str) -> None:
    caches["pages"].clear()
    client.get(address)
    assert not [key for key in caches["pages"]._cache if ":page:" in key]


def test_a_host_has_a_copy_of_its_own(client: Client, guide: GuidePage) -> None:
    client.get(guide.url)
    assert _queries(client, guide.url, host="localhost") > 0


def test_a_storefront_is_kept_too(client: Client) -> None:
    make_operator()
    storefront = make_storefront()
    client.get(storefront.url)
    assert _queries(client, storefront.url) == 0


def test_who_takes_compressed_pages_gets_them(client: Client, guide: GuidePage) -> None:
    plain = client.get(guide.url).content
    packed = client.get(guide.url, headers={"Accept-Encoding": "gzip, br"})
    assert (packed["Content-Encoding"], gzip.decompress(packed.content)) == ("gzip", plain)


def test_caches_between_are_told_that_there_are_two(client: Client, guide: GuidePage) -> None:
    assert "Accept-Encoding" in client.get(guide.url)["Vary"]


@pytest.mark.parametrize("cookie", ["nonsense", "DE.EUR.extra", "xx.yyy", "ZZ."])
def test_made_up_choices_share_the_copy_of_who_chose_nothing(client: Client, guide: GuidePage, cookie: str) -> None:
    client.get(guide.url)
    client.cookies["vitrina_reader"] = cookie
    with CaptureQueriesContext(connection) as captured:
        client.get(guide.url)
    assert len(captured) == 0


def test_made_up_parameters_are_not_kept(client: Client, guide: GuidePage) -> None:
    client.get("/guides/?topic=<b>")
    with CaptureQueriesContext(connection) as captured:
        client.get("/guides/?topic=<b>")
    assert len(captured) > 0
