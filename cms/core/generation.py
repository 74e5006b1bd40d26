"""The generation of public pages: cached HTML belongs to one, and `bump()` starts the next.

With Redis all processes share a counter. On one machine it is a file in the data directory whose change is seen by
every process at once; reading it costs one `stat`.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache, caches
from django.core.cache.backends.base import BaseCache
from django.db import transaction

T = TypeVar("T")
KEPT_SECONDS = 60
_KEY = "page-generation"


def _file() -> Path:
    return Path(settings.DATA_DIR) / "page-generation"


def current() -> str:
    """The present generation, as text for a cache key."""
    if settings.REDIS_URL:
        return str(cache.get(_KEY, 0))
    try:
        return str(_file().stat().st_mtime_ns)
    except FileNotFoundError:
        return "0"


def kept(name: str, make: Callable[[], T]) -> T:
    """What `make` answers, kept in this process's memory for the present generation, a minute at most.

    For what every page shows and few things change, such as the footer's pages. Values are copied on reading.
    """
    key = f"{name}:{current()}"
    found = _memory().get(key)
    if found is None:
        found = (make(),)
        _memory().set(key, found, KEPT_SECONDS)
    return found[0]  # type: ignore[no-any-return]


def _memory() -> BaseCache:
    return caches["memory"]


def bump() -> None:
    """Start the next generation once the present transaction is committed. May be repeated."""
    transaction.on_commit(_bump)


def _bump() -> None:
    if settings.REDIS_URL:
        cache.add(_KEY, 0, timeout=None)
        cache.incr(_KEY)
        return
    path = _file()
    path.touch()
    now = time.time_ns()
    os.utime(path, ns=(now, now))
