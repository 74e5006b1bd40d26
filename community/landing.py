"""Where a person lands after logging in: the first place that any app claims for them.

Upper apps know things that community cannot, such as who acts for a brand, so they register their claim in
`ready()`.
"""

from __future__ import annotations

from collections.abc import Callable

from community.models.users import User

Claim = Callable[[User], str | None]

_claims: dict[tuple[int, str], Claim] = {}


def register(priority: int, claim: Claim) -> None:
    """Ask `claim` for an address; lower priorities are asked first. The same function registers once."""
    _claims[priority, f"{claim.__module__}.{claim.__qualname__}"] = claim


def landing_for(user: User) -> str | None:
    """The address of the first claim, or None where nobody claims the person."""
    for _key, claim in sorted(_claims.items()):
        if address := claim(user):
            return address
    return None
