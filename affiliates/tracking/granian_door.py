"""The same redirects without a waiting thread, where the server is Granian.

A WSGI application has to keep its thread until it can answer, so at each group commit dozens of threads fall asleep and
wake up. Granian lets an answer be sent later and from any thread. Where it is the server, the journal's writer sends
the redirects itself as soon as their clicks are on disk. Everywhere else, and if Granian's insides should change, the
WSGI application answers as it would anyway.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import Any

from affiliates.tracking.services.journal import Journal

logger = logging.getLogger("vitrina.server")

Prepared = tuple[str, list[tuple[str, str]], bytes, bytes | None]
Prepare = Callable[[dict[str, Any]], Prepared]

PREFIX = "/go/"
_SERVERS = ("granian.server.mp", "granian.server.mt")


def open_door(application: Callable[..., Any], prepare: Prepare, journal: Journal) -> bool:
    """Let Granian hand requests for links to `prepare`. Called while it loads `application`; False elsewhere."""
    servers: list[Any] = [sys.modules[name] for name in _SERVERS if name in sys.modules]
    if not servers or not all(hasattr(server, "_wsgi_call_wrap") for server in servers):
        return False
    for server in servers:
        server._wsgi_call_wrap = _with_door(server._wsgi_call_wrap, application, prepare, journal)
    return True


def _with_door(
    wrap_callback: Callable[..., Any], application: Callable[..., Any], prepare: Prepare, journal: Journal
) -> Callable[..., Any]:
    def wrap(callback: Any, scope_options: dict[str, Any], access_log: str | None = None) -> Any:
        run = wrap_callback(callback, scope_options, access_log)
        if callback is not application or access_log or scope_options.get("url_path_prefix"):
            return run

        def run_with_door(protocol: Any, scope: dict[str, Any]) -> int:
            if not scope["PATH_INFO"].startswith(PREFIX):
                return run(protocol, scope)
            status, headers, body, payload = prepare(scope)
            answer = partial(protocol.response_bytes, int(status[:3]), headers, body)
            if payload is None:
                answer()
            else:
                journal.append_then(payload, answer)
            return int(status[:3])

        return run_with_door

    return wrap
