"""Redis as a cache that may be away: a page is then made anew, and nobody sees an error.

Nothing is kept in Redis alone, so a lost answer costs time only. After a failure Redis is left alone for a moment,
lest every request wait for it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache

from redis.exceptions import RedisError

logger = logging.getLogger("vitrina.cache")
REST_SECONDS = 1.0
T = TypeVar("T")


class CalmRedisCache(RedisCache):
    """Answers as an empty cache while Redis is away. Failures are logged at most once a second."""

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._away_until = 0.0

    def _calmly(self, ask: Callable[[], T], otherwise: T) -> T:
        if time.monotonic() < self._away_until:
            return otherwise
        try:
            return ask()
        except RedisError as error:
            self._away_until = time.monotonic() + REST_SECONDS
            logger.error("Redis does not answer, pages are made without it: %s", type(error).__name__)
            return otherwise

    def add(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).add(*args, **kwargs), False)

    def get(self, key: Any, default: Any = None, version: int | None = None) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).get(key, default, version), default)

    def set(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).set(*args, **kwargs), None)

    def touch(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).touch(*args, **kwargs), False)

    def delete(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).delete(*args, **kwargs), False)

    def get_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).get_many(*args, **kwargs), {})

    def has_key(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).has_key(*args, **kwargs), False)

    def incr(self, key: Any, delta: int = 1, version: int | None = None) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).incr(key, delta, version), delta)

    def set_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).set_many(*args, **kwargs), [])

    def delete_many(self, *args: Any, **kwargs: Any) -> Any:
        return self._calmly(lambda: super(CalmRedisCache, self).delete_many(*args, **kwargs), None)

    def clear(self) -> Any:
        return self._calmly(lambda: bool(super(CalmRedisCache, self).clear()), False)
