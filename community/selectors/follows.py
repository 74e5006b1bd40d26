"""Who follows what."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from dataclasses import dataclass
from typing import Any

from django.db.models import Model, Q

from wagtail.models import Page

from community.follows import FollowKind, kinds
from community.models import Activity, Creator, Follow, User

PAGE_SIZE = 20


def follower_count(kind: FollowKind, thing: Model) -> int:
    """How many people follow the thing, counted. One query."""
    return Follow.objects.filter(content_type=kind.content_type(), object_id=thing.pk).count()


def is_following(user: Any, kind: FollowKind, thing: Model) -> bool:
    """Whether the person follows the thing; False for a stranger. One query at most."""
    if not getattr(user, "is_authenticated", False):
        return False
    return Follow.objects.filter(user=user, content_type=kind.content_type(), object_id=thing.pk).exists()


@dataclass(frozen=True)
class Followed:
    """A thing someone follows, ready for a list."""

    kind: FollowKind
    thing: Model
    ref: str
    label: str
    address: str


def followed_things(user: User) -> list[Followed]:
    """All that the person follows, by kind and name. One query, and one for each kind."""
    ids: dict[int, list[int]] = {}
    for content_type_id, object_id in Follow.objects.filter(user=user).values_list("content_type_id", "object_id"):
        ids.setdefault(content_type_id, []).append(object_id)
    found: list[Followed] = []
    for kind in kinds():
        things = kind.load(ids.get(kind.content_type().pk, ())).values()
        found += sorted(
            (Followed(kind, t, kind.ref(t), kind.label(t), kind.address(t)) for t in things),
            key=lambda followed: followed.label.casefold(),
        )
    return found


@dataclass(frozen=True)
class ActivityLine:
    """One line of `/following/`."""

    activity: Activity
    creator: Creator
    page: Page


def following_feed(user: User, *, before: tuple[dt.datetime, int] | None = None) -> list[ActivityLine]:
    """What those the person follows did, newest first and nothing else; one more than a page, to know whether
    to go on.

    The number of queries depends on the number of kinds of pages, not of lines.
    """
    ids: dict[int, list[int]] = {}
    for content_type_id, object_id in Follow.objects.filter(user=user).values_list("content_type_id", "object_id"):
        ids.setdefault(content_type_id, []).append(object_id)
    wanted = [kind.activity(found) for kind in kinds() if (found := ids.get(kind.content_type().pk))]
    if not wanted:
        return []
    rows = Activity.objects.filter(functools.reduce(operator.or_, wanted), page__in=Page.objects.live().public())
    if before is not None:
        at, pk = before
        rows = rows.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk))
    rows = rows.select_related("actor_creator__portrait").order_by("-at", "-id")[: PAGE_SIZE + 1]
    activities = list(rows)
    pages = {
        page.pk: page
        for page in Page.objects.filter(pk__in={row.page_id for row in activities})
        .prefetch_related("locale")
        .defer_streamfields()
        .specific()
    }
    return [ActivityLine(row, row.actor_creator, pages[row.page_id]) for row in activities if row.page_id in pages]
