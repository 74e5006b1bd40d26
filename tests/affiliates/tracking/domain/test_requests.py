"""Requests are reduced to facts that name nobody."""

from __future__ import annotations

import pytest

from affiliates.tracking.domain.requests import (
    address_facts,
    client_address,
    country_of_languages,
    place_in_query,
    referrer_host,
    split_place,
)


@pytest.mark.parametrize(
    ("forwarded", "hops", "address"),
    [
        ("", 0, "10.0.0.1"),
        ("1.1.1.1", 0, "10.0.0.1"),
        ("1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        ("1.1.1.1", 3, "1.1.1.1"),
        ("", 2, "10.0.0.1"),
    ],
)
def test_only_the_trusted_hops_are_believed(forwarded: str, hops: int, address: str) -> None:
    assert client_address("10.0.0.1", forwarded, hops) == address


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("8.8.8.8", "public4"),
        ("192.168.1.7", "private"),
        ("127.0.0.1", "private"),
        ("2a00:1450:4001::1", "public6"),
        ("::1", "private"),
        ("fe80::1%eth0", "private"),
        ("::ffff:8.8.8.8", "public4"),
        ("not an address", "unknown"),
    ],
)
def test_an_address_becomes_a_class(address: str, network: str) -> None:
    assert address_facts(address)[1] == network


def test_a_device_that_changes_its_ipv6_suffix_stays_the_same_visitor() -> None:
    assert address_facts("2a00:1450:4001:80b::1")[0] == address_facts("2a00:1450:4001:80b:1234::9")[0]


@pytest.mark.parametrize(
    ("languages", "country"),
    [("de-AT,de;q=0.9", "AT"), ("en,de-DE;q=0.5", "DE"), ("zh-Hant-TW", "TW"), ("en", ""), ("", ""), ("es-419", "")],
)
def test_the_country_is_guessed_from_a_region(languages: str, country: str) -> None:
    assert country_of_languages(languages) == country


@pytest.mark.parametrize(
    ("referrer", "host"),
    [
        ("https://Vitrina.example/a?b=c#d", "vitrina.example"),
        ("http://user:pass@host.example:8000/x", "host.example"),
        ("android-app://com.app/", ""),
        ("https://bad host/", ""),
        ("", ""),
    ],
)
def test_of_a_referrer_only_the_host_is_kept(referrer: str, host: str) -> None:
    assert referrer_host(referrer) == host


@pytest.mark.parametrize(
    ("place", "parts"),
    [
        ("abcdefg234", ("abcdefg234", "")),
        ("abcdefg234.9f2c-1", ("abcdefg234", "9f2c-1")),
        ("ABC", ("", "")),
        ("abcdef.", ("", "")),
        ("abcdef.a.b", ("", "")),
        ("'; drop table", ("", "")),
    ],
)
def test_a_place_is_a_reference_and_a_block(place: str, parts: tuple[str, str]) -> None:
    assert split_place(place) == parts


@pytest.mark.parametrize(
    ("query", "place"),
    [("p=abc", "abc"), ("x=1&p=abc&p=def", "abc"), ("q=p", ""), ("p=" + "a" * 900, "a" * 64), ("&&&", "")],
)
def test_the_first_place_of_a_query_counts(query: str, place: str) -> None:
    assert place_in_query(query) == place
