"""Where a link leads: a merchant's address with room for our click id. Nothing of the request ever gets in."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import quote, urlsplit

#: Parameters that other trackers put on addresses; they would claim the order for someone else.
TRACKING_PARAMETERS = frozenset(
    {
        *("gclid", "dclid", "fbclid", "msclkid", "yclid", "ttclid", "twclid", "igshid", "mc_cid", "mc_eid", "srsltid"),
        *("awc", "cjevent", "irclickid", "im_ref", "ranmid", "raneaid", "ransiteid", "sscid", "tag", "ascsubtag"),
        *("clickref", "afftrack", "u1", "sid", "subid", "subid1", "subid2", "subid3", "sharedid", "xcust", "dub_id"),
    }
)
_TRACKING_PREFIXES = ("utm_", "clickref", "hsa_", "pk_", "mtm_")
_SAFE_PATH = "/%:@!$&'()*+,;=~-._"
_SAFE_QUERY = _SAFE_PATH + "?[]|"


class Refused(StrEnum):
    """Why an address is not a destination."""

    MALFORMED = "malformed"
    SCHEME = "scheme"
    CREDENTIALS = "credentials"
    PORT = "port"
    UNKNOWN_HOST = "unknown_host"


class BadDestination(ValueError):
    """An address we do not send readers to; `reason` says why."""

    def __init__(self, reason: Refused) -> None:
        super().__init__(reason.value)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Address:
    """A checked, plain ASCII web address in its parts."""

    scheme: str
    host: str
    path: str
    query: str
    fragment: str

    def url(self) -> str:
        """The address as text."""
        return (
            f"{self.scheme}://{self.host}{self.path}"
            + (f"?{self.query}" if self.query else "")
            + (f"#{self.fragment}" if self.fragment else "")
        )


def parse_address(url: str) -> Address:
    """The parts of an http(s) address; BadDestination for anything a browser might read differently than we do."""
    if not url or len(url) > 2000 or "\\" in url or any(ord(c) <= 32 or ord(c) == 127 for c in url):
        raise BadDestination(Refused.MALFORMED)
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii").lower().rstrip(".")
    except (ValueError, UnicodeError):
        raise BadDestination(Refused.MALFORMED) from None
    if parts.scheme not in {"http", "https"}:
        raise BadDestination(Refused.SCHEME)
    if "@" in parts.netloc:
        raise BadDestination(Refused.CREDENTIALS)
    if port not in {None, 80, 443}:
        raise BadDestination(Refused.PORT)
    if not host or not all(c.isalnum() or c in ".-" for c in host):
        raise BadDestination(Refused.MALFORMED)
    return Address(
        parts.scheme,
        host,
        quote(parts.path or "/", safe=_SAFE_PATH),
        quote(parts.query, safe=_SAFE_QUERY),
        quote(parts.fragment, safe=_SAFE_QUERY),
    )


def _without(query: str, is_unwanted: Collection[str], prefixes: tuple[str, ...] = ()) -> str:
    kept = []
    for pair in query.split("&"):
        name = pair.partition("=")[0].lower()
        if pair and name not in is_unwanted and not (prefixes and name.startswith(prefixes)):
            kept.append(pair)
    return "&".join(kept)


def clean_address(address: Address) -> Address:
    """The address without other people's tracking parameters and without its fragment."""
    query = _without(address.query, TRACKING_PARAMETERS, _TRACKING_PREFIXES)
    return Address(address.scheme, address.host, address.path, query, "")


@dataclass(frozen=True, slots=True)
class Destination:
    """Text before and after the click id."""

    before: str
    after: str


#: A top-level domain that nobody can have (RFC 2606): the demo's merchants live there.
DEMO_HOSTS = ".example"


def destination(url: str, *, click_param: str, hosts: Collection[str], shop_base: str = "") -> Destination:
    """The destination of a link at one of `hosts`, carrying the click id in `click_param`.

    With `shop_base` the demo shop under that address stands in for hosts that cannot exist; real ones stay real.
    """
    address = parse_address(url)
    if address.host not in hosts:
        raise BadDestination(Refused.UNKNOWN_HOST)
    query = _without(address.query, {click_param.lower()})
    start = (
        f"{shop_base}/{address.host}"
        if shop_base and address.host.endswith(DEMO_HOSTS)
        else f"{address.scheme}://{address.host}"
    )
    before = f"{start}{address.path}?{query}{'&' if query else ''}{quote(click_param, safe='')}="
    return Destination(before, f"#{address.fragment}" if address.fragment else "")
