"""What earnings do when something happens to people."""

from __future__ import annotations

from typing import Any

from affiliates.earnings.models import Statement, StatementParty, TaxIdentity
from community.models import User
from community.signals import person_erased, person_exported


def on_person_erased(sender: type, user: User, **kwargs: Any) -> None:
    """A person goes: their statements keep every figure and name nobody."""
    StatementParty.objects.filter(statement__creator__user=user).delete()
    TaxIdentity.objects.filter(creator__user=user).delete()


def on_person_exported(sender: type, user: User, **kwargs: Any) -> dict[str, Any]:
    """What a creator's documents say about them."""
    statements = Statement.objects.filter(creator__user=user).select_related("period").order_by("pk")
    identities = TaxIdentity.objects.filter(creator__user=user).order_by("valid_from")
    if not statements and not identities:
        return {}
    return {
        "statements": [
            {
                "month": statement.period.month,
                "currency": statement.currency,
                "reference": statement.ref,
                "document": statement.full_number,
                "content": statement.content,
            }
            for statement in statements
        ],
        "tax_identities": [
            {
                "legal_name": identity.legal_name,
                "address": identity.address,
                "country": identity.country,
                "tax_number": identity.tax_number,
                "valid_from": identity.valid_from.isoformat(),
            }
            for identity in identities
        ],
    }


def connect() -> None:
    """Called once, when Django starts."""
    person_exported.connect(on_person_exported, dispatch_uid="earnings.on_person_exported")
    person_erased.connect(on_person_erased, dispatch_uid="earnings.on_person_erased")
