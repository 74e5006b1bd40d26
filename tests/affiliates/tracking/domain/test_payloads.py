"""A click comes out of its payload as it went in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affiliates.tracking.domain.payloads import BadPayload, decode, encode

LATIN = st.text(st.characters(max_codepoint=255), max_size=80)


def written(**changes: str) -> bytes:
    fields = {
        "method": "GET", "flags": "", "visitor": "f" * 32, "network": "public4", "place": "abcdefg.2",
        "country": "DE", "languages": "de", "referrer_host": "vitrina.example", "agent": "Mozilla/5.0",
    }  # fmt: skip
    return encode("a" * 26, 1_790_000_000_123_456, 42, **{**fields, **changes})


def test_every_field_comes_back() -> None:
    click = decode(written())
    assert (click.click_id, click.at, click.link) == ("a" * 26, 1_790_000_000_123_456, 42)
    assert (click.place, click.country, click.agent) == ("abcdefg.2", "DE", "Mozilla/5.0")


@given(LATIN, LATIN, LATIN)
def test_no_header_can_break_out_of_its_field(agent: str, languages: str, place: str) -> None:
    click = decode(written(agent=agent, languages=languages, place=place))
    assert (click.link, click.method, click.visitor) == (42, "GET", "f" * 32)
    assert click.agent == agent.replace("\x1f", " ").replace("\x00", " ") or set(agent) & set("\x1f\x00\r\n")


@pytest.mark.parametrize("payload", [b"", b"hello", written().replace(b"1\x1f", b"9\x1f", 1), written() + b"\x1f"])
def test_what_is_no_click_is_refused(payload: bytes) -> None:
    with pytest.raises(BadPayload):
        decode(payload)
