"""One click as text: what the handler knows, and nothing that names a person.

Fields are joined by the ASCII unit separator, which cannot occur in an HTTP header. The address has already become a
keyed hash and a network class when a payload is made.
"""

from __future__ import annotations

from typing import NamedTuple

SEPARATOR = "\x1f"
VERSION = "1"
FIELDS = 13
_BLANK = str.maketrans({SEPARATOR: " ", "\x00": " ", "\n": " ", "\r": " "})


class BadPayload(ValueError):
    """A frame that was written well but does not hold a click of a version we know."""


class ClickRecord(NamedTuple):
    """A click as it was journaled; `at` in microseconds since 1970."""

    click_id: str
    at: int
    link: int
    method: str
    flags: str
    visitor: str
    network: str
    place: str
    country: str
    languages: str
    referrer_host: str
    agent: str


def encode(
    click_id: str,
    at: int,
    link: int,
    method: str,
    flags: str,
    visitor: str,
    network: str,
    place: str,
    country: str,
    languages: str,
    referrer_host: str,
    agent: str,
) -> bytes:
    """The payload of a click."""
    text = (
        f"1\x1f{click_id}\x1f{at}\x1f{link}\x1f{method}\x1f{flags}\x1f{visitor}\x1f{network}"
        f"\x1f{place}\x1f{country}\x1f{languages}\x1f{referrer_host}\x1f{agent}"
    )
    if text.count(SEPARATOR) != FIELDS - 1 or "\x00" in text:
        parts = (method, flags, visitor, network, place, country, languages, referrer_host, agent)
        clean = [part.translate(_BLANK) for part in parts]
        text = SEPARATOR.join((VERSION, click_id, str(at), str(link), *clean))
    return text.encode("latin-1", "replace")


def decode(payload: bytes) -> ClickRecord:
    """The click in a payload; BadPayload where it is none."""
    parts = payload.decode("latin-1").split(SEPARATOR)
    if len(parts) != FIELDS or parts[0] != VERSION:
        raise BadPayload(f"{len(parts)} fields, version {parts[0][:8]!r}")
    try:
        at, link = int(parts[2]), int(parts[3])
    except ValueError as error:
        raise BadPayload(str(error)) from error
    return ClickRecord(parts[1], at, link, *parts[4:])
