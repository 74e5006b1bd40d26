"""Redis as a cache that may be away: a page is then made anew, and nobody sees an error.

Nothing is kept in Redis alone, so a lost answer costs time only. After a failure Redis is left alone for a moment,
lest every request wait for it. Django gives each thread and each named cache an object of its own, so how long Redis is
left alone is remembered once for all of them.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache

from redis.exceptions import RedisError

logger = logging.getLogger("vitrina.cache")
REST_SECONDS = 1.0
SHELTERED = 5000
T = TypeVar("T")
#: Server → until when it is left alone, by the monotonic clock.
_away_until: dict[str, float] = {}


class CalmRedisCache(RedisCache):
    """Answers as an empty cache while Redis is away. Failures are logged at most once a second.

    With the option `shelter` this process's memory stands in meanwhile, for what must be counted: rate limits, and the
    locks they take.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = dict(params.get("OPTIONS", {}))
        has_shelter = options.pop("shelter", False)
        super().__init__(server, {**params, "OPTIONS": options})
        self._server = server
        self._shelter: BaseCache | None = None
        if has_shelter:
            self._shelter = LocMemCache("shelter", {**params, "OPTIONS": {"MAX_ENTRIES": SHELTERED}})

    def _calmly(self, ask: Callable[[], T], name: str, otherwise: T, *args: Any, **kwargs: Any) -> T:
        if not self._is_away():
            try:
                return ask()
            except RedisError as error:
                self._leave_alone(error)
        return getattr(self._shelter, name)(*args, **kwargs) if self._shelter else otherwise  # type: ignore[no-any-return]

    def _is_away(self) -> bool:
        return time.monotonic() < _away_until.get(self._server, 0.0)

    def _leave_alone(self, error: RedisError) -> None:
        """Several threads may have waited for the same failure; the first of them tells."""
        told = self._is_away()
        _away_until[self._server] = time.monotonic() + REST_SECONDS
        if not told:
            logger.error("Redis does not answer, pages are made without it: %s", type(error).__name__)

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).add(*args, **kwargs), "add", False, *args, **kwargs)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._calmly(
            lambda: super(CalmRedisCache, self).get(key, default, version), "get", default, key, default, version
        )

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).set(*args, **kwargs), "set", None, *args, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).touch(*args, **kwargs), "touch", False, *args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(
            lambda: super(CalmRedisCache, self).delete(*args, **kwargs), "delete", False, *args, **kwargs
        )

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(
            lambda: super(CalmRedisCache, self).get_many(*args, **kwargs), "get_many", {}, *args, **kwargs
        )

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(
            lambda: super(CalmRedisCache, self).has_key(*args, **kwargs), "has_key", False, *args, **kwargs
        )

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        if self._shelter:
            # Where Redis went away between making a counter and counting, there is none yet.
            self._shelter.add(key, 0, version=version)
        return self._calmly(
            lambda: super(CalmRedisCache, self).incr(key, delta, version), "incr", delta, key, delta, version
        )

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(
            lambda: super(CalmRedisCache, self).set_many(*args, **kwargs), "set_many", [], *args, **kwargs
        )

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(
            lambda: super(CalmRedisCache, self).delete_many(*args, **kwargs), "delete_many", None, *args, **kwargs
        )

    def clear(self) -> Any:
        return self._calmly(lambda: bool(super(CalmRedisCache, self).clear()), "clear", False)
