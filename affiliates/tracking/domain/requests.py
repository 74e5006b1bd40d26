"""Small facts about a request, each reduced to what a verdict or a report needs."""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache

_REGION = re.compile(r"^[A-Za-z]{2,3}(?:-[A-Za-z]{4})?-([A-Za-z]{2})$")
_PLACE = re.compile(r"^([a-z2-7]{4,20})(?:\.([A-Za-z0-9_-]{1,40}))?$")
_HOST = re.compile(r"^[a-z0-9.-]{1,253}$")


@lru_cache(maxsize=4096)
def referrer_host(referrer: str) -> str:
    """The host of a Referer header, nothing else of it."""
    parts = referrer[:500].split("/", 3)
    if len(parts) < 3 or parts[0] not in {"http:", "https:"}:
        return ""
    host = parts[2].rpartition("@")[2].partition(":")[0].lower()
    return host if _HOST.match(host) else ""


def is_country(text: str) -> bool:
    """Whether `text` looks like a country code; "XX" and "T1" are what proxies say when they do not know."""
    return len(text) == 2 and text.isascii() and text.isalpha() and text.upper() != "XX"


@lru_cache(maxsize=8192)
def country_of_languages(languages: str) -> str:
    """The first region named in an Accept-Language header, or ""."""
    for item in languages.split(","):
        match = _REGION.match(item.partition(";")[0].strip())
        if match and is_country(match.group(1)):
            return match.group(1).upper()
    return ""


@lru_cache(maxsize=8192)
def split_place(place: str) -> tuple[str, str]:
    """`ref.block` of the `p` parameter as (ref, block); two empty texts where it is neither."""
    match = _PLACE.match(place)
    return (match.group(1), match.group(2) or "") if match else ("", "")


def place_in_query(query: str) -> str:
    """The first `p` parameter of a query string, at most 64 characters."""
    if query.startswith("p=") and "&" not in query:
        return query[2:66]
    for pair in query[:2048].split("&"):
        if pair.startswith("p="):
            return pair[2:66]
    return ""


def client_address(remote: str, forwarded: str, hops: int) -> str:
    """The address of the client as seen by the outermost of `hops` proxies we run; forged entries lie before it."""
    if hops <= 0 or not forwarded:
        return remote
    chain = forwarded.split(",")
    return chain[max(0, len(chain) - hops)].strip() or remote


@lru_cache(maxsize=32_768)
def address_facts(address: str) -> tuple[bytes, str]:
    """(what stands for the address in the visitor key, its network class).

    Of an IPv6 address only the network counts, since a device changes the rest of it by itself.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64].encode("utf-8", "replace"), "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        else:
            packed = parsed.packed[:8]
            return packed, "public6" if parsed.is_global else "private"
    return parsed.packed, "public4" if parsed.is_global else "private"
