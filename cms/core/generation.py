"""The generation of public pages: cached HTML belongs to one, and `bump()` starts the next.

With Redis all processes share a counter. On one machine it is a file in the data directory whose change is seen by
every process at once; reading it costs one `stat`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

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
