"""Readers are sent to a merchant's own hosts with our click id, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.tracking.domain.destinations import BadDestination, clean_address, destination, parse_address

HOSTS = frozenset({"acme.example", "www.acme.example"})


def leads_to(url: str, **options: str) -> str:
    found = destination(url, click_param="ref", hosts=HOSTS, **options)
    return f"{found.before}ID{found.after}"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://acme.example", "https://acme.example/?ref=ID"),
        ("https://acme.example/a/b?x=1", "https://acme.example/a/b?x=1&ref=ID"),
        ("https://acme.example/a#top", "https://acme.example/a?ref=ID#top"),
        ("https://ACME.example/a?REF=old&x=1", "https://acme.example/a?x=1&ref=ID"),
        ("https://acme.example/caf\u00e9", "https://acme.example/caf%C3%A9?ref=ID"),
        ("https://acme.example/a%20b?q=%26", "https://acme.example/a%20b?q=%26&ref=ID"),
        ("https://acme.example:443/a", "https://acme.example/a?ref=ID"),
    ],
)
def test_the_click_id_is_added(url: str, expected: str) -> None:
    assert leads_to(url) == expected


def test_the_demo_shop_stands_in_for_the_host() -> None:
    base = "http://127.0.0.1:8000/_demo/shop"
    assert leads_to("https://acme.example/a?x=1", shop_base=base) == f"{base}/acme.example/a?x=1&ref=ID"


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://evil.example/", "unknown_host"),
        ("https://acme.example.evil.example/", "unknown_host"),
        ("https://acme.example@evil.example/", "credentials"),
        ("https://evil.example\\@acme.example/", "malformed"),
        ("//evil.example/x", "scheme"),
        ("javascript:alert(1)", "scheme"),
        ("ftp://acme.example/", "scheme"),
        ("https://acme.example:8443/", "port"),
        ("https://acme.example/a\r\nSet-Cookie: x=1", "malformed"),
        ("https://acme.example/a\tb", "malformed"),
        (" https://acme.example/", "malformed"),
        ("https://", "malformed"),
        ("https://acme.example:99999/", "malformed"),
        ("", "malformed"),
        ("https://acme.example/" + "x" * 2000, "malformed"),
    ],
)
def test_anything_else_is_refused_by_name(url: str, reason: str) -> None:
    with pytest.raises(BadDestination) as refusal:
        leads_to(url)
    assert refusal.value.reason == reason


@given(st.text(max_size=60))
def test_nothing_written_after_the_host_changes_it_or_breaks_a_header(rest: str) -> None:
    try:
        location = leads_to("https://acme.example/" + rest)
    except BadDestination:
        return
    assert location.startswith("https://acme.example/")
    assert location.isascii()
    assert location.isprintable()


def test_other_people_s_tracking_is_taken_off() -> None:
    url = "https://acme.example/a?utm_source=x&size=9&gclid=1&awc=2&fbclid=3#frag"
    assert clean_address(parse_address(url)).url() == "https://acme.example/a?size=9"
