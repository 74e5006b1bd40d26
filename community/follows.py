"""What can be followed. Community registers creators; upper apps add their kinds in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q
from django.utils.functional import Promise


@dataclass(frozen=True)
class FollowKind:
    """One kind of thing.

    `find` gives the thing of a public ref or None; `load` many things by primary key in one query; `label`
    and `address` serve lists; `activity` names the activity rows that following these things brings.
    """

    key: str
    name: str | Promise
    model: type[Model]
    find: Callable[[str], Model | None]
    load: Callable[[Iterable[int]], dict[int, Model]]
    ref: Callable[[Model], str]
    label: Callable[[Model], str]
    address: Callable[[Model], str]
    activity: Callable[[Iterable[int]], Q]

    def content_type(self) -> ContentType:
        """Django's name of the model, cached by Django."""
        return ContentType.objects.get_for_model(self.model)


_kinds: dict[str, FollowKind] = {}


def register(kind: FollowKind) -> None:
    """Make things of a kind followable. A second registration under the key replaces the first."""
    _kinds[kind.key] = kind


def kind_of(key: str) -> FollowKind | None:
    """The kind of a key, or None."""
    return _kinds.get(key)


def kinds() -> list[FollowKind]:
    """All kinds, by key."""
    return [_kinds[key] for key in sorted(_kinds)]
