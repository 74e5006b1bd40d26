"""The page of jobs says how each job and each feed is."""

from __future__ import annotations

import datetime as dt

from django.test import Client
from django.utils import timezone

import pytest

from cms.core import periodic
from cms.core.models import JobState
from tests.factories.catalogue import make_feed
from tests.factories.community import make_creator, make_editor, make_operator, make_user

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def page(client: Client, monkeypatch: pytest.MonkeyPatch):
    """Shows the page for one job of this kind and state."""

    def show(state: dict | None = None, **options) -> str:
        monkeypatch.setattr(periodic, "_jobs", {})
        periodic.register("test.job", 60, lambda: None, label="Feed the cat", **options)
        if state is not None:
            JobState.objects.create(name="test.job", **state)
        client.force_login(make_operator())
        return client.get("/cms/reports/jobs/").content.decode()

    return show


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (None, "Never ran"),
        ({"succeeded_at": NOW, "next_run_at": NOW}, "In order"),
        ({"succeeded_at": NOW, "next_run_at": NOW - dt.timedelta(hours=2)}, "Overdue"),
        ({"failures": 2, "next_run_at": NOW, "last_error": "OSError: no"}, "Fails"),
        ({"leased_until": NOW + dt.timedelta(hours=1), "started_at": NOW}, "At work"),
    ],
)
def test_a_job_says_how_it_is_in_a_word(page, state: dict | None, word: str) -> None:
    shown = page(state)
    assert "Feed the cat" in shown
    assert f"</svg>{word}</span>" in shown


def test_a_job_that_fails_says_why(page) -> None:
    assert "OSError: no" in page({"failures": 2, "next_run_at": NOW, "last_error": "OSError: no"})


def test_a_job_says_how_much_waits(page) -> None:
    assert ">12,345</td>" in page(backlog=lambda: 12_345)


def test_a_count_that_fails_hides_nothing(page) -> None:
    assert "Feed the cat" in page(backlog=lambda: 1 // 0)


def test_a_feed_that_fails_says_why_without_its_key(page) -> None:
    make_feed(name="Daily", url="https://shop.example/?key=secret", failures=1, last_error="The host is away.")
    shown = page()
    assert all(text in shown for text in ("Daily", "The host is away.", "1 feed brings nothing."))
    assert "secret" not in shown


@pytest.mark.parametrize("make", [make_user, make_editor, lambda: make_creator().user, None])
def test_nobody_but_operators_sees_it(client: Client, make) -> None:
    make_operator()
    if make:
        client.force_login(make())
    assert client.get("/cms/reports/jobs/").status_code in {302, 403, 404}


def test_only_operators_find_it_in_the_menu(client: Client) -> None:
    client.force_login(make_editor())
    assert "/cms/reports/jobs/" not in client.get("/cms/").content.decode()
