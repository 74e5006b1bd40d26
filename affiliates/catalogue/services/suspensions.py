"""Shops whose buttons are off everywhere."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.catalogue.domain.problems import OBJECTION_WITHIN
from affiliates.catalogue.models import Suspension
from affiliates.parties.models import Merchant
from cms.core import generation
from community.models import User


class NotPossible(Exception):
    """What was asked cannot be done now; the message can be shown."""


@transaction.atomic
def suspend_shop(*, merchant: Merchant, reason: str, by: User | None, now: dt.datetime) -> Suspension:
    """Afterwards no page has a button to the shop and its links lead nowhere. Repeated, the first one stands."""
    Merchant.objects.select_for_update().get(pk=merchant.pk)
    suspension, _made = Suspension.objects.get_or_create(
        merchant=merchant,
        lifted_at__isnull=True,
        defaults={"reason": reason[:400], "began_at": now, "began_by": by, "object_by": now + OBJECTION_WITHIN},
    )
    generation.bump()
    return suspension


@transaction.atomic
def lift_suspension(*, suspension: Suspension, because: str, by: User, now: dt.datetime) -> Suspension:
    """Afterwards the shop's buttons are back. Needs a reason; repeated, the first one stands."""
    if not because.strip():
        raise NotPossible(_("Say why the suspension is lifted."))
    changed = Suspension.objects.filter(pk=suspension.pk, lifted_at__isnull=True).update(
        lifted_at=now, lifted_by=by, lifted_because=because.strip()[:400]
    )
    if changed:
        generation.bump()
    suspension.refresh_from_db()
    return suspension


@transaction.atomic
def object_to_suspension(*, suspension: Suspension, text: str, by: User, now: dt.datetime) -> Suspension:
    """The shop's side of it, once and before the deadline."""
    changed = Suspension.objects.filter(
        pk=suspension.pk, lifted_at__isnull=True, objected_at__isnull=True, object_by__gte=now
    ).update(objection=text.strip()[:2000], objected_at=now, objected_by=by)
    if not changed:
        raise NotPossible(_("The time to object is over, or you have objected already."))
    suspension.refresh_from_db()
    return suspension
