"""Under Granian a redirect leaves from the journal's writer; elsewhere the WSGI application answers."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from affiliates.tracking.granian_door import open_door
from affiliates.tracking.services.journal import Journal


class Protocol:
    """What Granian gives for a request."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any, bytes, str]] = []
        self.answered = threading.Event()

    def response_bytes(self, status: int, headers: Any, body: bytes) -> None:
        self.answers.append((status, headers, body, threading.current_thread().name))
        self.answered.set()


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    return []


def prepare(environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes, bytes | None]:
    if environ["PATH_INFO"] == "/go/unknown":
        return "404 Not Found", [], b"no", None
    return "302 Found", [("Location", "x")], b"", b"a click"


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    journal = Journal(tmp_path)
    yield journal
    journal.close()


@pytest.fixture
def granian(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A server module as Granian's, whose usual way of answering says "usual"."""
    server = ModuleType("granian.server.mp")
    server._wsgi_call_wrap = lambda callback, options, log=None: lambda protocol, scope: "usual"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "granian.server.mp", server)
    monkeypatch.delitem(sys.modules, "granian.server.mt", raising=False)
    return server


def run(server: Any, path: str, *, callback: Any = application, log: str | None = None) -> tuple[Any, Protocol]:
    protocol = Protocol()
    return server._wsgi_call_wrap(callback, {}, log)(protocol, {"PATH_INFO": path}), protocol


def test_a_redirect_leaves_from_the_writer_once_its_click_is_written(granian: ModuleType, journal: Journal) -> None:
    assert open_door(application, prepare, journal)
    status, protocol = run(granian, "/go/abc")
    assert protocol.answered.wait(2)
    assert (status, protocol.answers) == (302, [(302, [("Location", "x")], b"", "click-journal")])
    assert journal.state.recorded == 1


def test_an_answer_without_a_click_leaves_at_once(granian: ModuleType, journal: Journal) -> None:
    open_door(application, prepare, journal)
    status, protocol = run(granian, "/go/unknown")
    assert (status, protocol.answers[0][:3]) == (404, (404, [], b"no"))


def test_everything_else_goes_its_usual_way(granian: ModuleType, journal: Journal) -> None:
    open_door(application, prepare, journal)
    assert run(granian, "/guides/")[0] == "usual"
    assert run(granian, "/go/abc", callback=print)[0] == "usual"
    assert run(granian, "/go/abc", log="%(path)s")[0] == "usual"


def test_another_server_is_left_alone(monkeypatch: pytest.MonkeyPatch, journal: Journal) -> None:
    for name in ("granian.server.mp", "granian.server.mt"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert not open_door(application, prepare, journal)


def test_a_granian_of_another_make_is_left_alone(granian: ModuleType, journal: Journal) -> None:
    del granian._wsgi_call_wrap  # type: ignore[attr-defined]
    assert not open_door(application, prepare, journal)


def test_the_granian_in_use_has_the_door() -> None:
    from granian.server import mp, mt

    assert callable(mp._wsgi_call_wrap)  # type: ignore[attr-defined]
    assert callable(mt._wsgi_call_wrap)  # type: ignore[attr-defined]
