"""Where there is a Redis, the pages kept for readers and their generation are in it, for all processes."""

from __future__ import annotations

import os
from typing import Any

from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

import pytest

from cms.core import generation
from guides.models import GuidePage
from tests.factories.community import make_operator
from tests.factories.guides import make_guide

pytestmark = [pytest.mark.redis, pytest.mark.django_db]


@pytest.fixture
def guide(settings: Any) -> GuidePage:
    settings.REDIS_URL = os.environ["TEST_REDIS_URL"]
    redis = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": settings.REDIS_URL}
    pages = {**redis, "KEY_PREFIX": "pages"}
    settings.CACHES = {**settings.CACHES, "default": redis, "pages": pages}
    caches["default"].clear()
    make_operator()
    return make_guide(title="The guide")


def _queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_the_second_reader_costs_no_query(client: Client, guide: GuidePage) -> None:
    client.get(guide.url)
    assert _queries(client, guide.url) == 0


def test_the_next_generation_is_made_anew(
    client: Client, guide: GuidePage, django_capture_on_commit_callbacks: Any
) -> None:
    client.get(guide.url)
    before = generation.current()
    with django_capture_on_commit_callbacks(execute=True):
        generation.bump()
    assert generation.current() != before
    assert _queries(client, guide.url) > 0
