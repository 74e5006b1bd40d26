"""What earnings do when a person takes their things along or goes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from affiliates.earnings.models import PayoutProfile, Statement, StatementParty, TaxIdentity
from affiliates.earnings.services.payout_profiles import forget_profiles
from community.models import User
from community.signals import person_erased, person_exported


def erase_statements(sender: type, user: User, **kwargs: Any) -> None:
    """A person goes: their statements keep every figure and name nobody."""
    StatementParty.objects.filter(statement__creator__user=user).delete()
    TaxIdentity.objects.filter(creator__user=user).delete()


def export_statements(sender: type, user: User, **kwargs: Any) -> dict[str, Any]:
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


def export_profiles(sender: Any, user: User, **kwargs: Any) -> dict[str, Any]:
    """The person's payment details, all versions."""
    profiles = PayoutProfile.objects.filter(creator__user=user).order_by("version")
    return {
        "payment_details": [
            {
                "version": profile.version,
                "method": profile.method,
                "country": profile.country,
                "holder": profile.holder,
                "currency": profile.currency,
                "details": profile.details,
                "from": profile.created_at.isoformat(),
            }
            for profile in profiles
        ]
    }


def erase_profiles(sender: Any, user: User, **kwargs: Any) -> None:
    """Nobody is paid by what nobody stands behind."""
    forget_profiles(user=user, now=timezone.now())


def connect() -> None:
    """Called once, when Django starts."""
    person_exported.connect(export_profiles, dispatch_uid="earnings.export_profiles")
    person_erased.connect(erase_profiles, dispatch_uid="earnings.erase_profiles")
    person_exported.connect(export_statements, dispatch_uid="earnings.export_statements")
    person_erased.connect(erase_statements, dispatch_uid="earnings.erase_statements")
