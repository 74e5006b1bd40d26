"""The same person does the same thing many times at once; one of it remains.

These tests commit, since threads cannot see each other's open transactions, and clear up behind themselves.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

from django.contrib.auth.models import Group
from django.db import connection

from wagtail.models import Collection, Page

import pytest

from community.follows import kind_of
from community.models import Comment, Creator, Follow, User
from community.services.comments import CommentRefused, post_comment
from community.services.follows import follow
from tests.factories.community import make_creator, make_page, make_user

TIMES = 12
NOW = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


@pytest.fixture
def committed(django_db_setup, django_db_blocker) -> Iterator[None]:
    with django_db_blocker.unblock():
        before = {model: set(model.objects.values_list("pk", flat=True)) for model in (User, Group, Collection, Page)}
        yield
        Comment.objects.all().delete()
        Follow.objects.all().delete()
        for page in Page.objects.exclude(pk__in=before[Page]).order_by("-depth"):
            page.delete()
        Creator.objects.all().delete()
        for collection in Collection.objects.exclude(pk__in=before[Collection]):
            collection.delete()
        Group.objects.exclude(pk__in=before[Group]).delete()
        User.objects.exclude(pk__in=before[User]).delete()


def at_once(act: Callable[[], object]) -> None:
    def run(_number: int) -> None:
        try:
            act()
        finally:
            connection.close()

    with ThreadPoolExecutor(TIMES) as pool:
        list(pool.map(run, range(TIMES)))


def test_many_follows_at_once_are_one(committed):
    user, creator = make_user(), make_creator()
    at_once(lambda: follow(user=user, kind=kind_of("creator"), thing=creator))
    assert Follow.objects.count() == 1


def test_many_comments_of_the_same_words_at_once_are_one(committed):
    user, page = make_user(), make_page()

    def say() -> None:
        with contextlib.suppress(CommentRefused):
            post_comment(user=user, page_id=page.pk, text="The same words", now=NOW)

    at_once(say)
    assert Comment.objects.count() == 1
