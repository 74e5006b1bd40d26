"""Pages without Redis: made anew, never an error."""

from __future__ import annotations

import os
from typing import Any

import pytest

from cms.core.calm_cache import CalmRedisCache


def cache(address: str) -> CalmRedisCache:
    return CalmRedisCache(address, {"OPTIONS": {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}})


@pytest.fixture
def dead() -> CalmRedisCache:
    return cache("redis://127.0.0.1:1/0")


def test_a_dead_redis_is_an_empty_cache(dead: CalmRedisCache) -> None:
    dead.set("a", 1)
    assert dead.get("a", "nothing") == "nothing"


def test_counting_without_redis_starts_at_each_step(dead: CalmRedisCache) -> None:
    assert (dead.add("n", 0), dead.incr("n", 3)) == (False, 3)


def test_a_dead_redis_is_complained_of_once_a_moment(dead: CalmRedisCache, caplog: Any) -> None:
    for _ in range(20):
        dead.get("a")
    assert len(caplog.records) == 1


def test_what_is_wrong_with_a_value_is_still_an_error(dead: CalmRedisCache) -> None:
    with pytest.raises(TypeError):
        dead.get()  # type: ignore[call-arg]


@pytest.mark.redis
def test_a_living_redis_keeps_and_counts() -> None:
    living = cache(os.environ["TEST_REDIS_URL"])
    living.clear()
    living.set("a", 1)
    assert (living.get("a"), living.incr("a", 2)) == (1, 3)
