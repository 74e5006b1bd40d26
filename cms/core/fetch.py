"""The one way in which this site fetches what others name: feeds, shop pages, pictures, rates.

An address that somebody typed must never make us talk to our own network. The name is resolved once, every address it
resolves to is held against a list of our own (Python's `is_global` lets NAT64, 6to4 and more through), and the
connection goes to that very address, so that a name cannot change its mind between the check and the call. Each
redirect passes the same gate. Nothing is kept between two calls, and no address is logged: its query may be a key.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import ipaddress
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO
from urllib.parse import quote, unquote, urljoin, urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from cms import __version__

CHUNK = 64 * 1024
LONGEST_URL = 4096
REDIRECTS = frozenset({301, 302, 303, 307, 308})
PLAIN, PACKED = frozenset({"", "identity"}), frozenset({"gzip", "x-gzip"})
DEFAULT_PORTS = {"http": 80, "https": 443}
#: Of the headers a caller adds, those that may follow a redirect to another origin: none of them can be a credential.
HARMLESS = frozenset({"accept-language", "if-none-match", "if-modified-since"})
#: A name with a dot whose last label begins with a letter. IPv4 in its other spellings (127.1, 0x7f000001) is none.
HOST_NAME = re.compile(r"(?=.{1,253}\Z)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z][a-z0-9-]{1,62}")
#: Two standards turn names with these letters into two different hosts.
AMBIGUOUS = frozenset("\u00df\u03c2\u200c\u200d")

#: Not on the public internet, or no place for a shop: this host, private, link-local, shared and test networks,
#: relays into other networks, multicast, and the address at which one cloud answers its guests.
CLOSED_V4 = [
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "168.63.129.16/32", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
        "240.0.0.0/4",
    )
]  # fmt: skip
#: Outside of this nothing is global unicast: loopback, mapped and compatible IPv4, NAT64, local, multicast.
OPEN_V6 = ipaddress.IPv6Network("2000::/3")
#: Inside of it: Teredo and the other protocol assignments, documentation, 6to4, the 6bone.
CLOSED_V6 = [
    ipaddress.IPv6Network(network)
    for network in ("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20")
]

SENTENCES: dict[str, Promise] = {
    "scheme": _("Only http and https addresses are fetched."),
    "port": _("Only the ports 80 and 443 are used."),
    "userinfo": _("The address holds a user name or password."),
    "address": _("The address does not lead to a public host."),
    "redirects": _("The address redirects too often."),
    "size": _("What it sends is larger than allowed."),
    "type": _("What it sends is of another kind than expected."),
    "dns": _("The host's name cannot be resolved."),
    "connect": _("The host cannot be reached."),
    "tls": _("The host's certificate or encryption is not in order."),
    "timeout": _("The host does not answer in time."),
    "read": _("The answer breaks off or cannot be read."),
}


class _Refusal(Exception):
    """Carries a code and a sentence that anybody may read: it names no address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return str(SENTENCES[self.reason])


class FetchRefused(_Refusal):
    """We will not: `reason` is scheme, port, userinfo, address, redirects, size or type."""


class FetchFailed(_Refusal):
    """It did not work: `reason` is dns, connect, tls, timeout or read."""


@dataclass(frozen=True)
class Fetched:
    """What came. `body` is empty where it went to a sink."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    hops: tuple[str, ...]
    truncated: bool
    took_ms: int


def fetch(
    url: str,
    *,
    accept: str = "*/*",
    headers: Mapping[str, str] | None = None,
    max_bytes: int = 2_000_000,
    timeout: float = 5.0,
    max_redirects: int = 3,
    allow: frozenset[str] = frozenset(),
    sink: BinaryIO | None = None,
    other_hosts: bool = True,
) -> Fetched:
    """GET an address, or say with FetchRefused or FetchFailed why not. Every status that is not a redirect comes back.

    `timeout` is for all of it, redirects included. A body in memory is cut at `max_bytes`, which `truncated` says;
    into `sink` (which is written from where it stands, and may hold a part when this fails) only a whole one goes, and
    one that is too large is refused with "size". Where `accept` lists types, a good answer of another type is refused.
    `allow` names origins ("http://127.0.0.1:8000"), or folders of one ("http://127.0.0.1:8000/_demo/"), to which the
    rules for ports and addresses do not apply; a redirect from elsewhere does not lead there. Without `other_hosts` a
    redirect to another host is not followed but comes back,
    its `location` a whole address, for whoever first asks that host's leave.
    """
    began = time.monotonic()
    deadline = began + timeout
    hops: list[str] = []
    extra = {name.lower(): value for name, value in (headers or {}).items()}
    exempt = [_parse(place) for place in allow]
    target = _parse(url)
    trusted = _lies_in(target, exempt)
    while True:
        addresses = _addresses(target, deadline, exempt=trusted)
        with _connected(target, addresses, deadline) as connection:
            answer = _ask(connection, target, {"accept": accept, **extra})
            location = answer.getheader("location")
            if answer.status not in REDIRECTS or not location:
                body, truncated = _read(answer, accept=accept, max_bytes=max_bytes, sink=sink)
                named = {name.lower(): value for name, value in answer.getheaders()}
                took = round((time.monotonic() - began) * 1000)
                return Fetched(target.url, answer.status, named, body, tuple(hops), truncated, took)
        if len(hops) >= max_redirects:
            raise FetchRefused("redirects")
        following = _parse(_next_url(target.url, location))
        if not other_hosts and following.host != target.host:
            took = round((time.monotonic() - began) * 1000)
            return Fetched(target.url, answer.status, {"location": following.url}, b"", tuple(hops), False, took)
        hops.append(target.url)
        if following.origin != target.origin:
            extra = {name: value for name, value in extra.items() if name in HARMLESS}
        trusted = trusted and _lies_in(following, exempt)
        target = following


def check_url(url: str, *, allow: frozenset[str] = frozenset()) -> None:
    """FetchRefused where an address can be told from its spelling to be one we will not fetch. Resolves nothing.

    `allow` as `fetch` has it.
    """
    target = _parse(url)
    if _lies_in(target, [_parse(place) for place in allow]):
        return
    _check(target)
    if target.is_literal and not is_public_address(target.host):
        raise FetchRefused("address")


def is_public_address(address: str) -> bool:
    """Whether an IP address lies on the public internet, by our own list."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv4Address):
        return not any(parsed in network for network in CLOSED_V4)
    return parsed.scope_id is None and parsed in OPEN_V6 and not any(parsed in network for network in CLOSED_V6)


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


# The address ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Target:
    """An address taken apart, its host in ASCII."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def is_literal(self) -> bool:
        return _is_ip(self.host)

    @property
    def netloc(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.netloc}"

    @property
    def url(self) -> str:
        return self.origin + self.path


def _parse(url: str) -> _Target:
    # A browser drops some of these characters and reads others as slashes; two readers of one address are a hole.
    if len(url) > LONGEST_URL or any(character <= " " or character in "\\\x7f" for character in url):
        raise FetchRefused("address")
    try:
        parts = urlsplit(url)
        if parts.scheme not in DEFAULT_PORTS:
            raise FetchRefused("scheme")
        if "@" in parts.netloc:
            raise FetchRefused("userinfo")
        port = DEFAULT_PORTS[parts.scheme] if parts.port is None else parts.port
        path = quote(parts.path or "/", safe="/%:=&~+!$,;'()*@[]")
        query = quote(parts.query, safe="/%:=&~+!$,;'()*@[]?")
        return _Target(parts.scheme, _host(parts.hostname or ""), port, path + (f"?{query}" if query else ""))
    except ValueError:
        raise FetchRefused("address") from None


def _host(host: str) -> str:
    """The host in ASCII; digits of other scripts become what they would be resolved as before anybody judges them."""
    if AMBIGUOUS.intersection(host):
        raise FetchRefused("address")
    plain = host if ":" in host else host.encode("idna").decode("ascii").lower()
    if not plain or "%" in plain:
        raise FetchRefused("address")
    return plain.removesuffix(".")


def _lies_in(target: _Target, places: Iterable[_Target]) -> bool:
    """Whether an address is at one of these origins or in one of these folders; no way up leads out of a folder."""
    path = unquote(target.path.partition("?")[0])
    is_plain = "%" not in path and not any(part in {".", ".."} for part in path.split("/"))
    return any(
        target.origin == place.origin
        and (place.path == "/" or (is_plain and path.startswith(f"{place.path.rstrip('/')}/")))
        for place in places
    )


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _next_url(url: str, location: str) -> str:
    # Headers arrive as latin-1; many shops send UTF-8 in them.
    with contextlib.suppress(UnicodeError):
        location = location.encode("latin-1").decode("utf-8")
    try:
        return urljoin(url, location.strip().replace(" ", "%20"))
    except ValueError:
        raise FetchRefused("address") from None


def _check(target: _Target) -> None:
    if target.port not in DEFAULT_PORTS.values():
        raise FetchRefused("port")
    if not target.is_literal and not HOST_NAME.fullmatch(target.host):
        raise FetchRefused("address")


def _addresses(target: _Target, deadline: float, *, exempt: bool) -> list[str]:
    """Where to connect: every address of the host, all of them allowed."""
    if not exempt:
        _check(target)
    addresses = [target.host] if target.is_literal else _resolved(target, deadline)
    if not addresses:
        raise FetchFailed("dns")
    if not exempt and not all(map(is_public_address, addresses)):
        raise FetchRefused("address")
    return addresses


def _resolved(target: _Target, deadline: float) -> list[str]:
    # The system's resolver knows no deadline, so it is asked in a thread that may be left behind.
    answers: list[list[str]] = []

    def ask() -> None:
        with contextlib.suppress(OSError, UnicodeError):
            answers.append(resolve(target.host, target.port))

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(max(0.0, deadline - time.monotonic()))
    if thread.is_alive():
        raise FetchFailed("timeout")
    if not answers:
        raise FetchFailed("dns")
    return answers[0]


# The connection ---------------------------------------------------------------------------------------------------


class _Reader(io.RawIOBase):
    """Reads from a socket; no read outlasts the deadline of the whole."""

    def __init__(self, wire: _Wire) -> None:
        super().__init__()
        self.wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with self.wire.in_time() as sock:
            return sock.recv_into(buffer)


@dataclass
class _Wire:
    """What http.client asks of a socket. It is closed by whoever opened it, not by http.client."""

    sock: socket.socket
    deadline: float

    @contextlib.contextmanager
    def in_time(self) -> Iterator[socket.socket]:
        """The socket with the time that is left; what goes wrong on it is a failed fetch."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise FetchFailed("timeout")
        self.sock.settimeout(left)
        try:
            yield self.sock
        except TimeoutError:
            raise FetchFailed("timeout") from None
        except OSError:
            raise FetchFailed("read") from None

    def makefile(self, mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Reader(self), CHUNK)

    def sendall(self, data: bytes) -> None:
        with self.in_time() as sock:
            sock.sendall(data)

    def close(self) -> None:
        pass


@contextlib.contextmanager
def _connected(target: _Target, addresses: list[str], deadline: float) -> Iterator[http.client.HTTPConnection]:
    sock = _open(addresses, target.port, deadline)
    try:
        if target.scheme == "https":
            sock = _encrypted(sock, target.host, deadline)
        connection = http.client.HTTPConnection(target.host, target.port)
        connection.auto_open = 0
        connection.sock = _Wire(sock, deadline)
        yield connection
    except (http.client.HTTPException, zlib.error):
        raise FetchFailed("read") from None
    finally:
        sock.close()


def _open(addresses: list[str], port: int, deadline: float) -> socket.socket:
    """A connection to the first address that answers; none may use up the time of the next."""
    for number, address in enumerate(addresses[:4]):
        left = deadline - time.monotonic()
        if left <= 0:
            raise FetchFailed("timeout")
        with contextlib.suppress(OSError):
            return socket.create_connection((address, port), timeout=left / (len(addresses[:4]) - number))
    raise FetchFailed("timeout" if time.monotonic() >= deadline else "connect")


def _encrypted(sock: socket.socket, host: str, deadline: float) -> ssl.SSLSocket:
    sock.settimeout(max(0.01, deadline - time.monotonic()))
    try:
        return ssl.create_default_context().wrap_socket(sock, server_hostname=host)
    except TimeoutError:
        raise FetchFailed("timeout") from None
    except (OSError, ValueError):
        raise FetchFailed("tls") from None


def _ask(
    connection: http.client.HTTPConnection, target: _Target, headers: Mapping[str, str]
) -> http.client.HTTPResponse:
    connection.putrequest("GET", target.path, skip_host=True, skip_accept_encoding=True)
    ours = {
        "host": target.netloc,
        "user-agent": f"Vitrina/{__version__} (+{settings.BASE_URL}/)",
        "accept-encoding": "gzip",
        "connection": "close",
    }
    for name, value in {**headers, **ours}.items():
        connection.putheader(name, value)
    connection.endheaders()
    return connection.getresponse()


# The body ---------------------------------------------------------------------------------------------------------


def _read(
    answer: http.client.HTTPResponse, *, accept: str, max_bytes: int, sink: BinaryIO | None
) -> tuple[bytes, bool]:
    """The body as far as it is allowed, and whether that is not all of it."""
    if not 200 <= answer.status < 300:
        # An error page is not what a sink waits for, and nobody needs much of one.
        sink, max_bytes = None, min(max_bytes, CHUNK)
        if _encoding(answer) not in PLAIN | PACKED:
            return b"", False
    elif not _is_wanted(answer.getheader("content-type", ""), accept):
        raise FetchRefused("type")
    elif sink is not None and (answer.length or 0) > max_bytes:
        raise FetchRefused("size")
    memory = io.BytesIO()
    left = max_bytes
    for piece in _pieces(answer, max_bytes):
        (memory if sink is None else sink).write(piece[:left])
        left -= len(piece)
        if left < 0:
            if sink is not None:
                raise FetchRefused("size")
            break
    return memory.getvalue(), left < 0


def _is_wanted(content_type: str, accept: str) -> bool:
    """Whether a type is among those of an Accept header. A host that names no type may mean any."""
    kind = content_type.partition(";")[0].strip().lower()
    wanted = {entry.partition(";")[0].strip().lower() for entry in accept.split(",")}
    return not kind or bool({kind, f"{kind.partition('/')[0]}/*", "*/*"} & wanted)


def _encoding(answer: http.client.HTTPResponse) -> str:
    return answer.getheader("content-encoding", "").strip().lower()


def _pieces(answer: http.client.HTTPResponse, max_bytes: int) -> Iterator[bytes]:
    """The decoded body in pieces, none larger than a chunk, however much a few bytes would unfold to.

    Of what is sent, too, no more is read than is allowed: packed data can also unfold to nothing, for ever.
    """
    encoding = _encoding(answer)
    if encoding not in PLAIN | PACKED:
        raise FetchRefused("type")
    sent = 0
    unpack = zlib.decompressobj(31) if encoding in PACKED else None
    while data := answer.read(CHUNK):
        sent += len(data)
        if sent > max_bytes + max_bytes // 100 + CHUNK:
            raise FetchRefused("size")
        if unpack is None:
            yield data
            continue
        while data:
            if unpack.eof:
                unpack = zlib.decompressobj(31)
            yield unpack.decompress(data, CHUNK)
            data = unpack.unconsumed_tail or unpack.unused_data
    if unpack is not None and sent:
        while piece := unpack.decompress(b"", CHUNK):
            yield piece
        if not unpack.eof:
            raise FetchFailed("read")
    # A body that ends before its declared length is not the body.
    if answer.length:
        raise FetchFailed("read")
