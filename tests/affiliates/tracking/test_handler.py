"""`/go/<code>`: who is sent where, and what is noted of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings as django_settings
from django.db import OperationalError
from django.test import Client

import pytest

from affiliates.parties.models import Merchant, MerchantHost, Program
from affiliates.tracking import handler as handler_module
from affiliates.tracking.handler import runtime, wrap
from affiliates.tracking.models import Click, Link
from affiliates.tracking.services import link_map
from affiliates.tracking.services.creator_cookie import COOKIE, cookie_value
from affiliates.tracking.services.link_map import LinkMap
from affiliates.tracking.services.links import switch_link
from affiliates.tracking.services.loader import load_pending
from affiliates.tracking.services.segments import segment_paths
from community.models import Creator
from tests.factories.tracking import BROWSER, make_link, make_placement

pytestmark = pytest.mark.django_db

Answer = tuple[int, dict[str, str], bytes]


def ask(path: str, method: str = "GET", **environ: Any) -> Answer:
    """What the handler ahead of Django answers."""
    answer: list[Any] = []

    def start_response(status: str, headers: Iterable[tuple[str, str]]) -> None:
        answer.extend((int(status[:3]), dict(headers)))

    path, _, query = path.partition("?")
    request = {
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "REMOTE_ADDR": "203.0.113.9",
        "HTTP_USER_AGENT": BROWSER,
        **environ,
    }

    def django_application(environ: dict[str, Any], start: Any) -> list[bytes]:
        start("200 OK", [("X-From", "django")])
        return [b"django"]

    handler = runtime.handler()
    handler_module.runtime._handler = handler
    body = b"".join(wrap(django_application)(request, start_response))
    return answer[0], answer[1], body


def clicked(path: str, **environ: Any) -> Click:
    ask(path, **environ)
    load_pending()
    return Click.objects.select_related("verdict").latest("at")


@pytest.mark.parametrize(
    ("method", "status", "reason"),
    [("GET", 302, ""), ("HEAD", 302, "head"), ("POST", 405, None), ("PUT", 405, None), ("OPTIONS", 405, None),
     ("TRACE", 405, None), ("DELETE", 405, None), ("get", 405, None)],
)  # fmt: skip
def test_methods(link: Link, method: str, status: int, reason: str | None) -> None:
    assert ask(f"/go/{link.code}", method)[0] == status
    load_pending()
    assert list(Click.objects.values_list("verdict__reason", flat=True)) == ([] if reason is None else [reason])


def test_the_reader_is_sent_to_the_offer_with_the_click_id(link: Link) -> None:
    status, headers, body = ask(f"/go/{link.code}")
    load_pending()
    assert link.offer is not None
    assert headers["Location"] == f"{link.offer.url}?acme_ref={Click.objects.get().click_id}"
    assert (status, body) == (302, b"")


def test_nobody_keeps_or_indexes_the_redirect(link: Link) -> None:
    headers = ask(f"/go/{link.code}")[1]
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert headers["Referrer-Policy"] == "origin"


def test_a_merchant_s_address_keeps_its_own_query(house_link: Link) -> None:
    assert "?size=9&acme_ref=" in ask(f"/go/{house_link.code}")[1]["Location"]


def test_a_trailing_slash_is_forgiven(link: Link) -> None:
    assert ask(f"/go/{link.code}/")[0] == 302


@pytest.mark.parametrize("code", ["", "x", "aaaabbbbccccdd", "../../etc", "a" * 500, "%00", "\u00e9" * 12, "A" * 14])
def test_an_unknown_code_is_not_found(link: Link, code: str) -> None:
    status, headers, body = ask(f"/go/{code}")
    assert status == 404
    assert headers["Cache-Control"] == "no-store"
    assert b"There is no such link" in body


def test_everything_else_is_django_s(link: Link) -> None:
    assert ask("/guides/")[2] == b"django"


@pytest.mark.parametrize(
    "header",
    [
        {"HTTP_SEC_PURPOSE": "prefetch"},
        {"HTTP_SEC_PURPOSE": "prefetch;prerender"},
        {"HTTP_SEC_PURPOSE": "prefetch;anonymous-client-ip"},
        {"HTTP_PURPOSE": "prefetch"},
        {"HTTP_X_MOZ": "prefetch"},
        {"HTTP_X_PURPOSE": "preview"},
    ],
)
def test_a_prefetch_is_refused_and_the_real_click_counts(link: Link, header: dict[str, str]) -> None:
    status, headers, _body = ask(f"/go/{link.code}", **header)
    assert (status, headers["Cache-Control"], "Location" in headers) == (503, "no-store", False)
    assert ask(f"/go/{link.code}")[0] == 302
    load_pending()
    assert sorted(Click.objects.values_list("verdict__reason", flat=True)) == ["", "prefetch"]


def test_a_link_that_was_switched_off_is_gone_and_its_click_disabled(link: Link) -> None:
    switch_link(link=link, is_active=False)
    status, headers, body = ask(f"/go/{link.code}")
    assert (status, "Location" in headers) == (410, False)
    assert b"leads nowhere any more" in body
    load_pending()
    assert Click.objects.get().verdict.reason == "disabled"


def test_a_link_of_a_closed_programme_is_gone(link: Link) -> None:
    Program.objects.update(is_active=False)
    assert ask(f"/go/{link.code}")[0] == 410


def test_a_link_of_a_closed_merchant_is_gone(link: Link) -> None:
    Merchant.objects.update(is_active=False)
    assert ask(f"/go/{link.code}")[0] == 410


def test_a_destination_off_the_allow_list_is_never_reached(link: Link) -> None:
    MerchantHost.objects.all().delete()
    assert ask(f"/go/{link.code}")[0] == 410


@pytest.mark.parametrize(
    "query", ["url=https://evil.example", "p=//evil.example", "p=%0d%0aLocation:%20x", "next=//evil", "acme_ref=forged"]
)
def test_nothing_of_the_request_reaches_the_destination(link: Link, query: str) -> None:
    location = ask(f"/go/{link.code}?{query}", HTTP_HOST="evil.example", HTTP_X_FORWARDED_HOST="evil.example")[1][
        "Location"
    ]
    assert location.startswith("https://acme.example/")
    assert "evil" not in location
    assert "forged" not in location


HEADERS = ["HTTP_USER_AGENT", "HTTP_REFERER", "HTTP_ACCEPT_LANGUAGE", "HTTP_COOKIE", "QUERY_STRING", "REMOTE_ADDR"]


@pytest.mark.parametrize("name", [*HEADERS, "HTTP_SEC_FETCH_DEST", "HTTP_PURPOSE"])
@pytest.mark.parametrize("value", ["", "\x00", "a\r\nb", "\x1f\x1f", "\u00ff" * 9000, "x" * 70000, "%", ";;==;;"])
def test_no_header_can_make_it_fail(link: Link, name: str, value: str) -> None:
    status, headers, _body = ask(f"/go/{link.code}", **{name: value})
    assert status == 302
    assert headers["Location"].isprintable()
    assert load_pending().clicks == 1


def test_an_agent_is_cut_and_called_strange_when_it_is_endless(link: Link) -> None:
    click = clicked(f"/go/{link.code}", HTTP_USER_AGENT=BROWSER + "x" * 65536)
    assert (len(click.agent), click.verdict.reason) == (512, "agent")


def test_the_placement_and_block_are_noted(link: Link) -> None:
    place = make_placement(creator=link.creator)
    click = clicked(f"/go/{link.code}?p={place.ref}.pick-2")
    assert (click.placement, click.block) == (place, "pick-2")


@pytest.mark.parametrize(
    ("environ", "country"),
    [
        ({"HTTP_ACCEPT_LANGUAGE": "es-MX,es;q=0.9"}, "MX"),
        ({"HTTP_ACCEPT_LANGUAGE": "es-MX", "HTTP_COOKIE": "a=b; vitrina_reader=DE.EUR"}, "DE"),
        ({"HTTP_ACCEPT_LANGUAGE": "es-MX", "HTTP_COOKIE": "vitrina_reader=.EUR"}, "MX"),
        ({"HTTP_CF_IPCOUNTRY": "JP"}, ""),
        ({}, ""),
    ],
)
def test_the_country_is_the_chosen_one_or_a_guess(link: Link, environ: dict[str, str], country: str) -> None:
    assert clicked(f"/go/{link.code}", **environ).country == country


def test_a_trusted_proxy_names_the_country(link: Link, settings: Any) -> None:
    settings.COUNTRY_HEADER = "CF-IPCountry"
    assert clicked(f"/go/{link.code}", HTTP_CF_IPCOUNTRY="JP", HTTP_ACCEPT_LANGUAGE="de-DE").country == "JP"


@pytest.mark.parametrize(
    ("fetch", "reason"),
    [
        ({}, ""),
        ({"HTTP_SEC_FETCH_DEST": "document", "HTTP_SEC_FETCH_MODE": "navigate"}, ""),
        ({"HTTP_SEC_FETCH_DEST": "image", "HTTP_SEC_FETCH_MODE": "no-cors"}, "forced"),
        ({"HTTP_SEC_FETCH_DEST": "iframe", "HTTP_SEC_FETCH_MODE": "navigate"}, "forced"),
        ({"HTTP_SEC_FETCH_DEST": "empty", "HTTP_SEC_FETCH_MODE": "cors"}, "forced"),
    ],
)
def test_a_click_inside_another_page_is_forced(link: Link, fetch: dict[str, str], reason: str) -> None:
    assert clicked(f"/go/{link.code}", **fetch).verdict.reason == reason


def test_a_creator_s_own_click_does_not_count(link: Link, creator: Creator) -> None:
    cookie = f"x=y; {COOKIE}={cookie_value(creator.pk)}"
    assert clicked(f"/go/{link.code}", HTTP_COOKIE=cookie).verdict.reason == "self"


def test_another_creator_s_click_counts(link: Link, creator: Creator) -> None:
    cookie = f"{COOKIE}={cookie_value(creator.pk + 1)}"
    assert clicked(f"/go/{link.code}", HTTP_COOKIE=cookie).verdict.is_valid


def test_no_cookie_is_set(link: Link) -> None:
    assert "Set-Cookie" not in ask(f"/go/{link.code}")[1]


def test_the_address_is_nowhere(link: Link, settings: Any) -> None:
    address = "198.51.100.77"
    click = clicked(f"/go/{link.code}", REMOTE_ADDR=address, HTTP_REFERER=f"https://site.example/?ip={address}")
    written = b"".join(path.read_bytes() for path in segment_paths(Path(django_settings.JOURNAL_DIR)))
    assert click.click_id.encode() in written
    assert address.encode() not in written
    assert address not in str([getattr(click, field.attname) for field in Click._meta.concrete_fields])


def test_visitors_are_told_apart_by_address_and_agent(link: Link) -> None:
    keys = [
        clicked(f"/go/{link.code}", **environ).visitor_key
        for environ in ({}, {}, {"REMOTE_ADDR": "203.0.113.10"}, {"HTTP_USER_AGENT": BROWSER + " x"})
    ]
    assert keys[0] == keys[1]
    assert len(set(keys)) == 3


def test_the_forwarded_address_is_believed_only_behind_a_proxy(link: Link, settings: Any) -> None:
    first = clicked(f"/go/{link.code}", HTTP_X_FORWARDED_FOR="198.51.100.1")
    second = clicked(f"/go/{link.code}", HTTP_X_FORWARDED_FOR="198.51.100.2")
    assert first.visitor_key == second.visitor_key
    runtime.close()
    settings.TRUSTED_PROXY_COUNT = 1
    third = clicked(f"/go/{link.code}", HTTP_X_FORWARDED_FOR="198.51.100.1")
    assert third.visitor_key != first.visitor_key


def test_the_reader_is_redirected_when_the_journal_cannot_write(link: Link, settings: Any, tmp_path: Path) -> None:
    (tmp_path / "journal").write_text("in the way")
    settings.JOURNAL_DIR = tmp_path / "journal"
    assert [ask(f"/go/{link.code}")[0] for _ in range(3)] == [302] * 3
    ready, report = handler_module.journal_report()
    assert (ready, report["unrecorded"]) == (False, 3)


def test_the_reader_is_redirected_when_the_database_is_away(
    link: Link, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    links = LinkMap(snapshot=tmp_path / "links.json")
    links.refresh()

    def away(**_options: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(link_map, "link_rows", away)
    monkeypatch.setattr(link_map, "merchant_terms", away)
    handler = runtime.handler()
    handler.links = LinkMap(snapshot=tmp_path / "links.json")
    assert handler.links.load_snapshot()
    assert ask(f"/go/{link.code}")[0] == 302
    assert ask("/go/aaaabbbbccccdd")[0] == 503


def test_in_demo_mode_the_demo_shop_stands_in(link: Link, settings: Any) -> None:
    settings.DEMO_SHOP = True
    settings.BASE_URL = "http://127.0.0.1:8000"
    location = ask(f"/go/{link.code}")[1]["Location"]
    assert location.startswith("http://127.0.0.1:8000/_demo/shop/acme.example/")
    assert "acme_ref=" in location


def test_the_django_view_answers_the_same(link: Link, client: Client) -> None:
    response = client.get(f"/go/{link.code}", HTTP_USER_AGENT=BROWSER)
    assert (response.status_code, response["Cache-Control"]) == (302, "no-store")
    assert response["Location"].startswith("https://acme.example/")
    assert client.post(f"/go/{link.code}").status_code == 405
    assert client.get("/go/aaaabbbbccccdd").status_code == 404


def test_the_page_speaks_the_reader_s_language(link: Link) -> None:
    assert b'lang="es"' in ask("/go/aaaabbbbccccdd", HTTP_ACCEPT_LANGUAGE="es-MX,es;q=0.9,en;q=0.1")[2]
    assert b'lang="en"' in ask("/go/aaaabbbbccccdd", HTTP_ACCEPT_LANGUAGE="fr")[2]


def test_click_ids_are_never_the_same(link: Link) -> None:
    ids = {ask(f"/go/{link.code}")[1]["Location"].rpartition("=")[2] for _ in range(200)}
    assert len(ids) == 200
    assert {len(one) for one in ids} == {26}


def test_a_new_link_works_at_once(link: Link, merchant: Merchant) -> None:
    assert ask(f"/go/{link.code}")[0] == 302
    assert ask(f"/go/{make_link(merchant=merchant).code}")[0] == 302
