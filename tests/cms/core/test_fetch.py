"""Nothing that a stranger types makes us talk to our own network, and no host can hold us longer than we said."""

from __future__ import annotations

import datetime as dt
import gzip
import io
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cms.core import fetch as module
from cms.core.fetch import FetchFailed, FetchRefused, fetch, is_public_address

PUBLIC = "93.184.215.14"
#: Addresses in every spelling that reaches, somewhere, a network of ours.
SPELLINGS = r"""
http://127.0.0.1/ http://127.1/ http://127.0.1/ http://2130706433/ http://0x7f000001/ http://0x7f.0.0.1/
http://0177.0.0.1/ http://017700000001/ http://0/ http://0.0.0.0/ http://127.0.0.1./ http://127.0.0.0x1/
http://①②⑦.⓪.⓪.①/ http://１２７.０.０.１/ http://127。0。0。1/ http://⑯⑨。②⑤④。⑯⑨｡②⑤④/ http://localhost/ http://localhost./
http://LOCALHOST/ http://ｌocalhost/ http://metadata/ http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[::127.0.0.1]/ http://[::ffff:0:127.0.0.1]/
http://[64:ff9b::7f00:1]/ http://[64:ff9b::a9fe:a9fe]/ http://[64:ff9b:1::7f00:1]/ http://[2002:7f00:1::]/
http://[2001::7f00:1]/ http://[2001:0:53aa:64c::1]/ http://[2001:db8::1]/ http://[fc00::1]/ http://[fd00:ec2::254]/
http://[fe80::1]/ http://[fe80::1%25eth0]/ http://[fe80::1%eth0]/ http://[fec0::1]/ http://[ff02::1]/ http://[100::1]/
http://[3fff::1]/ http://[3ffe::1]/ http://[5f00::1]/ http://10.0.0.1/ http://10.255.255.255/ http://100.64.0.1/
http://100.100.100.200/ http://169.254.169.254/ http://169.254.170.2/ http://172.16.0.1/ http://172.31.255.255/
http://192.0.0.192/ http://192.0.2.1/ http://192.88.99.1/ http://192.168.0.1/ http://198.18.0.1/ http://198.19.255.255/
http://198.51.100.1/ http://203.0.113.1/ http://224.0.0.1/ http://240.0.0.1/ http://255.255.255.255/
http://168.63.129.16/ http://2852039166/ http://0xa9fea9fe/ http://0251.0376.0251.0376/ http://169.16689662/
https://127.0.0.1/ https://[::1]/ http:/// http://./ http://../ http://.example.com/ http://exa%6dple.com/
http://example.com%2f@127.0.0.1/ http://user@example.com/ http://user:pass@example.com/ http://:@example.com/
http://example.com@127.0.0.1/ http://127.0.0.1:80@example.com/ http://example.com\@127.0.0.1/ http:\\127.0.0.1/
http://example.com:22/ http://example.com:8080/
https://example.com:8443/ http://example.com:0/ http://example.com:99999/ http://example.com:-1/ http://example.com:8o/
ftp://example.com/ file:///etc/passwd gopher://127.0.0.1:6379/_x dict://127.0.0.1/ javascript:alert(1) data:text/plain,x
//example.com/ example.com /etc/passwd ldap://127.0.0.1/ http+unix://%2fvar%2frun%2fdocker.sock/ http://[127.0.0.1]/
http://straße.test/ http://example/ http://[::1 http://[v1.x]/ http://example.123/ http://example.0x7f/
"""
HOSTILE = [
    *SPELLINGS.split(),
    " http://example.com/",
    "http://exa mple.com/",
    "http://example.com\n.evil.test/",
    "http://127.0.0.1\t/",
    "http://example.com/\r\nX-Evil: 1",
    "http://\x00example.com/",
    "http://\ud800.example/",
    "",
    "http://example.com/" + "a" * 5000,
]


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Each attempt to connect; the resolver reads numbers as the C library would and sends names to a public host."""
    attempts: list[tuple[str, int]] = []

    def refuse(address: tuple[str, int], timeout: float) -> socket.socket:
        attempts.append(address)
        raise ConnectionRefusedError

    def resolve(host: str, port: int) -> list[str]:
        try:
            return [socket.inet_ntoa(socket.inet_aton(host))]
        except OSError:
            return ["127.0.0.1"] if host.startswith("localhost") else [PUBLIC]

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(module, "resolve", resolve)
    return attempts


@pytest.mark.parametrize("url", HOSTILE, ids=lambda url: ascii(url)[:60])
def test_a_hostile_address_is_refused_without_a_connection(url: str, connections: list[tuple[str, int]]) -> None:
    with pytest.raises(FetchRefused):
        fetch(url)
    assert connections == []


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://example.com/", "scheme"),
        ("http://example.com:22/", "port"),
        ("http://u:p@example.com/", "userinfo"),
        ("http://127.0.0.1/", "address"),
    ],
)
def test_a_refusal_says_which_rule_it_is(url: str, reason: str, connections: list[tuple[str, int]]) -> None:
    with pytest.raises(FetchRefused) as refusal:
        fetch(url)
    assert refusal.value.reason == reason


def test_what_is_said_of_a_fault_holds_no_part_of_the_address(connections: list[tuple[str, int]]) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetch("https://example.com/feed?apikey=secret")
    assert "secret" not in f"{failure.value} {failure.value!r}"
    assert failure.value.__context__ is None or failure.value.__suppress_context__


def test_the_connection_goes_to_the_address_that_was_checked(
    connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([[PUBLIC], ["127.0.0.1"]])
    monkeypatch.setattr(module, "resolve", lambda host, port: next(answers))
    with pytest.raises(FetchFailed):
        fetch("http://rebinding.example/")
    assert connections == [(PUBLIC, 80)]


@pytest.mark.parametrize("second", ["127.0.0.1", "fe80::1%2", "64:ff9b::7f00:1", "10.0.0.1", "nonsense"])
def test_one_closed_address_among_several_is_enough_to_refuse(
    second: str, connections: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "resolve", lambda host, port: [PUBLIC, second])
    with pytest.raises(FetchRefused):
        fetch("http://example.com/")
    assert connections == []


@pytest.mark.parametrize("address", [PUBLIC, "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001:830::200e"])
def test_public_addresses_are_public(address: str) -> None:
    assert is_public_address(address)


def test_a_name_nobody_knows_is_a_failure_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "unknown")

    monkeypatch.setattr(module, "resolve", unknown)
    with pytest.raises(FetchFailed) as failure:
        fetch("http://nobody.example/")
    assert failure.value.reason == "dns"


def test_a_resolver_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "resolve", lambda host, port: time.sleep(3))
    began = time.monotonic()
    with pytest.raises(FetchFailed) as failure:
        fetch("http://slow.example/", timeout=0.2)
    assert failure.value.reason == "timeout"
    assert time.monotonic() - began < 1


# With a listener --------------------------------------------------------------------------------------------------


class Listener:
    """Answers each connection with what a function writes; remembers what it was asked."""

    def __init__(self, answer: Callable[[socket.socket], None], port: int) -> None:
        self.answer, self.origin = answer, f"http://127.0.0.1:{port}"
        self.asked: list[str] = []

    def serve(self, server: socket.socket) -> None:
        while True:
            try:
                client, _address = server.accept()
            except OSError:
                return
            with client:
                self.asked.append(client.recv(65536).decode("latin-1"))
                try:
                    self.answer(client)
                except OSError:
                    continue


@contextmanager
def listening(answer: Callable[[socket.socket], None] | bytes) -> Iterator[Listener]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        write = answer if callable(answer) else lambda client: client.sendall(answer)
        listener = Listener(write, server.getsockname()[1])
        threading.Thread(target=listener.serve, args=(server,), daemon=True).start()
        yield listener
        server.shutdown(socket.SHUT_RDWR)


def reply(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if not any(name.lower() == "content_length" for name in headers):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def get(listener: Listener, path: str = "/", **options: object) -> module.Fetched:
    return fetch(listener.origin + path, allow=frozenset({listener.origin}), **options)  # type: ignore[arg-type]


def test_an_allowed_origin_is_fetched() -> None:
    with listening(reply(b"hello", Content_Type="text/plain", ETag='"7"')) as shop:
        fetched = get(shop, "/a?b=c#d")
    assert (fetched.status, fetched.body, fetched.truncated, fetched.hops) == (200, b"hello", False, ())
    assert fetched.headers["etag"] == '"7"'
    assert fetched.url == f"{shop.origin}/a?b=c"


def test_we_say_who_we_are_and_bring_no_cookie(settings: object) -> None:
    settings.BASE_URL = "https://guide.example"  # type: ignore[attr-defined]
    with listening(reply()) as shop:
        get(shop, "/naïve path".replace(" ", "%20"))
    assert shop.asked[0].startswith("GET /na%C3%AFve%20path HTTP/1.1\r\n")
    assert "user-agent: Vitrina/0.1.0 (+https://guide.example/)\r\n" in shop.asked[0]
    assert "cookie" not in shop.asked[0].lower()


def test_an_origin_that_is_not_allowed_gets_no_connection() -> None:
    with listening(reply()) as shop, pytest.raises(FetchRefused):
        fetch(f"{shop.origin}/", allow=frozenset({"http://127.0.0.1:1"}))
    assert shop.asked == []


def test_a_redirect_within_the_origin_is_followed() -> None:
    answers = iter([reply(status="302 Found", Location="/two words"), reply(b"here")])
    with listening(lambda client: client.sendall(next(answers))) as shop:
        fetched = get(shop, "/one")
    assert (fetched.body, fetched.url, fetched.hops) == (b"here", f"{shop.origin}/two%20words", (f"{shop.origin}/one",))


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1/", "http://[::1]/", "//169.254.169.254/x", "http://10.0.0.1/", "file:///etc/passwd",
     "http://u:p@example.com/", "http://example.com:25/", "http://2130706433/", "http://[64:ff9b::7f00:1]/"],
)  # fmt: skip
def test_a_redirect_into_a_closed_network_is_refused(location: str) -> None:
    with listening(reply(status="302 Found", Location=location)) as shop, pytest.raises(FetchRefused):
        get(shop)
    assert len(shop.asked) == 1


def test_a_stranger_cannot_redirect_into_an_allowed_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    with listening(reply(b"private")) as inside, listening(reply(status="302 Found", Location=inside.origin)) as out:
        port = int(out.origin.rpartition(":")[2])
        connect = socket.create_connection
        monkeypatch.setattr(module, "resolve", lambda host, _port: [PUBLIC])
        monkeypatch.setattr(socket, "create_connection", lambda address, timeout: connect(("127.0.0.1", port)))
        with pytest.raises(FetchRefused):
            fetch("http://example.com/", allow=frozenset({inside.origin}))
    assert inside.asked == []


def test_a_redirect_to_another_host_comes_back_where_those_are_not_followed() -> None:
    with listening(reply(status="302 Found", Location="https://other.example/two words")) as shop:
        fetched = get(shop, "/one", other_hosts=False)
    assert (fetched.status, fetched.headers["location"]) == (302, "https://other.example/two%20words")


def test_a_fourth_redirect_is_refused() -> None:
    with listening(reply(status="302 Found", Location="/again")) as shop, pytest.raises(FetchRefused) as refusal:
        get(shop)
    assert refusal.value.reason == "redirects"
    assert len(shop.asked) == 4


def test_a_credential_does_not_follow_to_another_origin() -> None:
    with listening(reply()) as second, listening(reply(status="302 Found", Location=second.origin)) as first:
        fetch(
            first.origin,
            headers={"Authorization": "Bearer secret", "X-Key": "secret", "If-None-Match": '"7"'},
            allow=frozenset({first.origin, second.origin}),
        )
    assert first.asked[0].count("secret") == 2
    assert "secret" not in second.asked[0]
    assert 'if-none-match: "7"' in second.asked[0]


def _drip(client: socket.socket) -> None:
    for _ in range(100):
        client.sendall(b"a")
        time.sleep(0.05)


def _drip_body(client: socket.socket) -> None:
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
    _drip(client)


@pytest.mark.parametrize("answer", [_drip, _drip_body, lambda client: time.sleep(5)])
def test_a_host_that_drips_meets_the_deadline(answer: Callable[[socket.socket], None]) -> None:
    began = time.monotonic()
    with listening(answer) as shop, pytest.raises(FetchFailed) as failure:
        get(shop, timeout=0.4)
    assert failure.value.reason == "timeout"
    assert time.monotonic() - began < 1.5


def test_a_long_body_is_cut_in_memory() -> None:
    with listening(reply(b"x" * 3000)) as shop:
        fetched = get(shop, max_bytes=1000)
    assert (len(fetched.body), fetched.truncated) == (1000, True)


def test_a_body_of_the_very_limit_is_whole() -> None:
    with listening(reply(b"x" * 1000)) as shop:
        assert not get(shop, max_bytes=1000).truncated


@pytest.mark.parametrize("length", ["3000", None])
def test_a_long_body_is_refused_by_a_sink(length: str | None) -> None:
    sink = io.BytesIO()
    declared = reply(b"x" * 3000) if length else b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 3000
    with listening(declared) as shop, pytest.raises(FetchRefused) as refusal:
        get(shop, max_bytes=1000, sink=sink)
    assert refusal.value.reason == "size"
    assert len(sink.getvalue()) <= 1000


def test_a_sink_gets_the_whole_body() -> None:
    sink = io.BytesIO()
    with listening(reply(b"x" * 200_000)) as shop:
        fetched = get(shop, sink=sink)
    assert (sink.getvalue(), fetched.body) == (b"x" * 200_000, b"")


def test_an_error_page_does_not_reach_the_sink() -> None:
    sink = io.BytesIO()
    with listening(reply(b"gone", status="404 Not Found")) as shop:
        assert get(shop, sink=sink).status == 404
    assert sink.getvalue() == b""


def test_packed_data_is_unpacked() -> None:
    packed = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two" * 50_000)
    with listening(reply(packed, Content_Encoding="gzip")) as shop:
        assert get(shop).body == b"one " + b"two" * 50_000


def test_a_gzip_bomb_unfolds_no_further_than_the_limit() -> None:
    pack = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(pack.compress(bytes(1_000_000)) for _ in range(200)) + pack.flush()
    with listening(reply(bomb, Content_Encoding="gzip")) as shop:
        fetched = get(shop, max_bytes=10_000)
    assert (len(fetched.body), fetched.truncated) == (10_000, True)


def test_packed_data_that_unfolds_to_nothing_ends() -> None:
    empty = gzip.compress(b"", mtime=0) * 20_000
    with listening(reply(empty, Content_Encoding="gzip")) as shop, pytest.raises(FetchRefused) as refusal:
        get(shop, max_bytes=10_000)
    assert refusal.value.reason == "size"


@pytest.mark.parametrize(
    "answer",
    [
        reply(b"x", Content_Length="10"),
        reply(gzip.compress(b"x" * 100, mtime=0)[:-9], Content_Encoding="gzip"),
        reply(b"not gzip", Content_Encoding="gzip"),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab",
        b"SSH-2.0-OpenSSH\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    ],
)
def test_an_answer_that_breaks_off_is_a_failure(answer: bytes) -> None:
    with listening(answer) as shop, pytest.raises(FetchFailed) as failure:
        get(shop)
    assert failure.value.reason == "read"


def test_another_type_than_was_asked_for_is_refused() -> None:
    with listening(reply(b"x", Content_Type="image/svg+xml")) as shop, pytest.raises(FetchRefused) as refusal:
        get(shop, accept="text/html, application/xhtml+xml;q=0.9")
    assert refusal.value.reason == "type"


def test_an_unknown_packing_is_refused() -> None:
    with listening(reply(b"x", Content_Encoding="br")) as shop, pytest.raises(FetchRefused):
        get(shop)


def test_not_modified_comes_back_as_it_is() -> None:
    with listening(b"HTTP/1.1 304 Not Modified\r\nContent-Length: 900000000\r\n\r\n") as shop:
        assert get(shop, sink=io.BytesIO()).status == 304


def test_nobody_at_home_is_a_failure_to_connect() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        origin = f"http://127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(FetchFailed) as failure:
        fetch(origin, allow=frozenset({origin}))
    assert failure.value.reason == "connect"


# Encrypted --------------------------------------------------------------------------------------------------------


def _certificate(folder: Path, name: str) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.mark.parametrize(
    ("of", "trusted", "reason"), [("shop.test", True, None), ("other.test", True, "tls"), ("shop.test", False, "tls")]
)
def test_a_certificate_must_be_trusted_and_of_the_name(
    of: str, trusted: bool, reason: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import ssl

    path = _certificate(tmp_path, of)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
    monkeypatch.setattr(module, "resolve", lambda host, port: ["127.0.0.1"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)

    def serve(server: socket.socket) -> None:
        client, _address = server.accept()
        with client:
            try:
                with context.wrap_socket(client, server_side=True) as safe:
                    safe.recv(65536)
                    safe.sendall(reply(b"safe"))
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server,), daemon=True).start()
        origin = f"https://shop.test:{server.getsockname()[1]}"
        try:
            outcome = fetch(origin, allow=frozenset({origin})).body
        except FetchFailed as failure:
            outcome = failure.reason
    assert outcome == (reason or b"safe")


def test_the_version_is_the_one_of_the_project() -> None:
    import tomllib

    from cms import __version__

    project = tomllib.loads((Path(__file__).resolve().parents[3] / "pyproject.toml").read_text())
    assert __version__ == project["project"]["version"]


def test_a_folder_that_is_allowed_is_fetched() -> None:
    with listening(reply(b"shop")) as site:
        assert fetch(f"{site.origin}/_demo/shop?a=1", allow=frozenset({f"{site.origin}/_demo/"})).body == b"shop"


@pytest.mark.parametrize(
    "path",
    [
        "/healthz",
        "/_demonstration",
        "/_demo",
        "/_demo/../healthz",
        "/_demo/%2e%2e/healthz",
        "/_demo/%252e%252e/healthz",
    ],
)
def test_nothing_beside_an_allowed_folder_is_fetched(path: str) -> None:
    with listening(reply()) as site, pytest.raises(FetchRefused):
        fetch(site.origin + path, allow=frozenset({f"{site.origin}/_demo/"}))
    assert site.asked == []


def test_no_redirect_leads_out_of_an_allowed_folder() -> None:
    with listening(reply(status="302 Found", Location="/healthz")) as site, pytest.raises(FetchRefused):
        fetch(f"{site.origin}/_demo/shop", allow=frozenset({f"{site.origin}/_demo/"}))
    assert len(site.asked) == 1
