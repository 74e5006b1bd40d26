"""Pages without Redis: made anew, never an error."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.test import Client

import pytest

from cms.core import calm_cache
from cms.core.calm_cache import CalmRedisCache
from tests.factories.community import make_operator
from tests.factories.guides import make_guide
from tests.factories.parties import make_program
from tests.factories.tracking import make_link

DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def _nobody_was_away() -> Iterator[None]:
    calm_cache._away_until.clear()
    yield
    calm_cache._away_until.clear()


def cache(address: str) -> CalmRedisCache:
    return CalmRedisCache(address, {"OPTIONS": {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}})


@pytest.fixture
def dead() -> CalmRedisCache:
    return cache(DEAD)


def test_a_dead_redis_is_an_empty_cache(dead: CalmRedisCache) -> None:
    dead.set("a", 1)
    assert dead.get("a", "nothing") == "nothing"


def test_counting_without_redis_starts_at_each_step(dead: CalmRedisCache) -> None:
    assert (dead.add("n", 0), dead.incr("n", 3)) == (False, 3)


def test_a_dead_redis_is_complained_of_once_a_moment(dead: CalmRedisCache, caplog: Any) -> None:
    for _ in range(20):
        dead.get("a")
    assert len(caplog.records) == 1


def test_threads_and_named_caches_complain_as_one(caplog: Any) -> None:
    def ask(_number: int) -> None:
        cache(DEAD).get("a")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(40)))
    assert len(caplog.records) == 1


@pytest.fixture
def without_redis(settings: Any) -> None:
    options = {"socket_connect_timeout": 0.1, "socket_timeout": 0.1}
    calm = {"BACKEND": "cms.core.calm_cache.CalmRedisCache", "LOCATION": DEAD, "OPTIONS": options}
    settings.REDIS_URL = DEAD
    settings.CACHES = {
        **settings.CACHES,
        "default": {**calm, "OPTIONS": {**options, "shelter": True}},
        "pages": calm,
    }


@pytest.mark.django_db
def test_a_page_is_made_without_redis(
    without_redis: None, client: Client, django_capture_on_commit_callbacks: Any
) -> None:
    make_operator()
    with django_capture_on_commit_callbacks(execute=True):
        guide = make_guide(title="Made anew")
    assert all("Made anew" in client.get(guide.url).content.decode() for _ in range(2))


@pytest.mark.django_db
def test_a_log_in_is_counted_without_redis(without_redis: None, client: Client, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}
    make_operator()
    tries = [client.post("/account/login/", {"login": "one@example.org", "password": "wrong"}) for _ in range(3)]
    assert [answer.status_code for answer in tries] == [200, 200, 429]


@pytest.mark.django_db
def test_a_link_is_followed_without_redis(without_redis: None, client: Client) -> None:
    link = make_link(merchant=make_program(click_param="ref").merchant)
    assert client.get(f"/go/{link.code}").status_code == 302


def test_what_is_wrong_with_a_value_is_still_an_error(dead: CalmRedisCache) -> None:
    with pytest.raises(TypeError):
        dead.get()  # type: ignore[call-arg]


@pytest.mark.redis
def test_a_living_redis_keeps_and_counts() -> None:
    living = cache(os.environ["TEST_REDIS_URL"])
    living.clear()
    living.set("a", 1)
    assert (living.get("a"), living.incr("a", 2)) == (1, 3)
