"""What earnings do when a person takes their things along or goes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from affiliates.earnings.models import PayoutProfile
from affiliates.earnings.services.payout_profiles import forget_profiles
from community.models import User
from community.signals import person_erased, person_exported


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
