"""Who is what. A person's groups are read once and kept on the object, which lives as long as one request."""

from __future__ import annotations

from typing import Any

from community.models import Creator

EDITORS, FINANCE, OPERATORS = "Editors", "Finance", "Operators"


def role_names(user: Any) -> frozenset[str]:
    """The names of an active person's groups; none for anyone else. One query the first time."""
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return frozenset()
    names: frozenset[str] | None = getattr(user, "_role_names", None)
    if names is None:
        names = frozenset(user.groups.values_list("name", flat=True))
        user._role_names = names
    return names


def is_operator(user: Any) -> bool:
    """Runs the site: a superuser, or one of the group Operators."""
    return OPERATORS in role_names(user) or bool(
        getattr(user, "is_superuser", False) and getattr(user, "is_active", False)
    )


def is_editor(user: Any) -> bool:
    """Moderates and curates: one of the group Editors."""
    return EDITORS in role_names(user)


def is_finance(user: Any) -> bool:
    """Proposes and approves payouts: one of the group Finance."""
    return FINANCE in role_names(user)


def may_moderate(user: Any) -> bool:
    """Editors and operators."""
    return is_editor(user) or is_operator(user)


def creator_of(user: Any) -> Creator | None:
    """The person's creator, unless erased. One query the first time."""
    if not (getattr(user, "is_authenticated", False) and user.is_active):
        return None
    try:
        creator: Creator = user.creator
    except Creator.DoesNotExist:
        return None
    return None if creator.erased_at else creator
