"""Following and no longer following; activity for those who follow."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Model

from community.follows import FollowKind
from community.models import Activity, Creator, Follow, User


def follow(*, user: User, kind: FollowKind, thing: Model) -> Follow:
    """Afterwards the person follows the thing, exactly once; repeatable, also at the same time."""
    with transaction.atomic():
        row, _created = Follow.objects.get_or_create(user=user, content_type=kind.content_type(), object_id=thing.pk)
    return row


def unfollow(*, user: User, kind: FollowKind, thing: Model) -> None:
    """Afterwards the person does not follow the thing. Repeatable."""
    Follow.objects.filter(user=user, content_type=kind.content_type(), object_id=thing.pk).delete()


def record_activity(
    *, creator: Creator, page_id: int, at: dt.datetime, verb: str = Activity.Verb.PUBLISHED
) -> Activity:
    """A line for those who follow the creator. A page is published once: repeating gives the same row."""
    if verb == Activity.Verb.PUBLISHED:
        row, _created = Activity.objects.get_or_create(
            page_id=page_id, verb=verb, defaults={"actor_creator": creator, "at": at}
        )
        return row
    return Activity.objects.create(actor_creator=creator, page_id=page_id, verb=verb, at=at)
