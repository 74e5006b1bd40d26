"""What community itself puts into its registries when Django starts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Model, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from wagtail.permission_policies import BlanketPermissionPolicy
from wagtail.permissions import register_permission_policy

from community import follows, landing
from community.models import Creator, User
from community.selectors.roles import creator_of, is_finance, is_operator, may_moderate


class CreatorPolicy(BlanketPermissionPolicy):
    """Operators add and change creators. Nobody deletes one: the books point at them."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return action != "delete" and is_operator(user)

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return any(self.user_has_permission(user, action) for action in actions)


def register_all() -> None:
    """Creators can be followed; editors, finance, creators and readers have a place to land. Repeatable."""
    follows.register(
        follows.FollowKind(
            key="creator",
            name=_("Creators"),
            model=Creator,
            find=lambda ref: Creator.objects.present().filter(handle=ref).first(),
            load=_creators,
            ref=lambda thing: str(getattr(thing, "handle", "")),
            label=lambda thing: str(getattr(thing, "display_name", "")),
            address=lambda thing: f"/@{getattr(thing, 'handle', '')}",
            activity=lambda ids: Q(actor_creator__in=list(ids)),
        )
    )
    register_permission_policy(Creator, CreatorPolicy(Creator))
    landing.register(10, moderators_land)
    landing.register(20, finance_lands)
    landing.register(60, creators_land)


def _creators(ids: Iterable[int]) -> dict[int, Model]:
    return dict(Creator.objects.present().in_bulk(list(ids)))


def moderators_land(user: User) -> str | None:
    """Editors and operators: what waits for them."""
    return reverse("community_moderation") if may_moderate(user) else None


def finance_lands(user: User) -> str | None:
    """Finance: payouts awaiting approval."""
    return reverse("wagtailadmin_home") + "payouts/" if is_finance(user) else None


def creators_land(user: User) -> str | None:
    """Creators: the studio's front page."""
    return reverse("wagtailadmin_home") if creator_of(user) else None
