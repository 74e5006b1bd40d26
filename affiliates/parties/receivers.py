"""What becomes of programmes when a person takes their things along or goes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from affiliates.parties.models import Enrolment, Stay
from affiliates.parties.services.joining import withdraw_application
from community.models import User
from community.signals import person_erased, person_exported


def export_enrolments(sender: Any, user: User, **kwargs: Any) -> dict[str, Any]:
    """The programmes a creator has to do with, since when, and what was written."""
    found = Enrolment.objects.filter(creator__user=user).select_related("program").prefetch_related("stays")
    if not found:
        return {}
    return {
        "programmes": [
            {
                "programme": enrolment.program.name,
                "state": enrolment.status,
                "message": enrolment.message,
                "reason": enrolment.reason,
                "times": [
                    [stay.starts_at.isoformat(), stay.ends_at.isoformat() if stay.ends_at else None]
                    for stay in enrolment.stays.all()
                ],
            }
            for enrolment in found.order_by("pk")
        ]
    }


def erase_enrolments(sender: Any, user: User, **kwargs: Any) -> None:
    """A person goes: they are in no programme any more, and nothing that was written stays. What was clicked stays."""
    now = timezone.now()
    for enrolment in Enrolment.objects.filter(creator__user=user, status__in=["applied", "invited"]):
        withdraw_application(enrolment=enrolment, now=now)
    mine = Enrolment.objects.filter(creator__user=user)
    Stay.objects.filter(enrolment__in=mine, ends_at=None).update(ends_at=now)
    mine.filter(status=Enrolment.Status.JOINED).update(status=Enrolment.Status.LEFT, left_at=now)
    mine.update(message="")
    mine.filter(status=Enrolment.Status.DECLINED).update(reason="–")


def connect() -> None:
    """Called once, when Django starts."""
    person_exported.connect(export_enrolments, dispatch_uid="parties.export_enrolments")
    person_erased.connect(erase_enrolments, dispatch_uid="parties.erase_enrolments")
