"""What earnings do when something happens to people."""

from __future__ import annotations

from typing import Any

from affiliates.earnings.models import StatementParty, TaxIdentity
from community.models import User
from community.signals import person_erased


def on_person_erased(sender: type, user: User, **kwargs: Any) -> None:
    """A person goes: their statements keep every figure and name nobody."""
    StatementParty.objects.filter(statement__creator__user=user).delete()
    TaxIdentity.objects.filter(creator__user=user).delete()


def connect() -> None:
    """Called once, when Django starts."""
    person_erased.connect(on_person_erased, dispatch_uid="earnings.on_person_erased")
