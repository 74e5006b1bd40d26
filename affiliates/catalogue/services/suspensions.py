"""Shops whose buttons are off everywhere."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from affiliates.catalogue.domain.problems import COUNTERFEITS_TO_SUSPEND, OBJECTION_WITHIN
from affiliates.catalogue.models import OfferReport, ProblemKind, Suspension, Ticket
from affiliates.parties.models import Merchant
from cms.core import generation
from community.models import User


class NotPossible(Exception):
    """What was asked cannot be done now; the message can be shown."""


@transaction.atomic
def suspend_shop(
    *, merchant: Merchant, reason: str, by: User | None, now: dt.datetime, by_reports: bool = False
) -> Suspension:
    """Afterwards no page has a button to the shop and its links lead nowhere. Repeated, the first one stands.

    Its members and the readers who went there are told by the worker.
    """
    _lock(merchant.pk)
    suspension, _made = Suspension.objects.get_or_create(
        merchant=merchant,
        lifted_at__isnull=True,
        defaults={
            "reason": reason[:400],
            "began_at": now,
            "began_by": by,
            "object_by": now + OBJECTION_WITHIN,
            "by_reports": by_reports,
        },
    )
    generation.bump()
    return suspension


@transaction.atomic
def suspend_where_due(*, merchant_id: int, by: User | None, now: dt.datetime) -> None:
    """Afterwards the shop is suspended if enough reports of counterfeit goods are confirmed. May be repeated."""
    merchant = _lock(merchant_id)
    if _confirmed_counterfeits(merchant) >= COUNTERFEITS_TO_SUSPEND:
        reason = _("Two readers' reports of counterfeit goods were confirmed.")
        suspend_shop(merchant=merchant, reason=reason, by=by, now=now, by_reports=True)


@transaction.atomic
def lift_where_unfounded(*, merchant_id: int, by: User | None, now: dt.datetime) -> None:
    """Afterwards a suspension that reports brought about is void if those no longer suffice. May be repeated."""
    merchant = _lock(merchant_id)
    if _confirmed_counterfeits(merchant) >= COUNTERFEITS_TO_SUSPEND:
        return
    because = _("The reports that it rested on were not confirmed after all.")
    founded_on_them = merchant.suspensions.filter(by_reports=True, lifted_at__isnull=True)
    if founded_on_them.update(is_void=True, lifted_at=now, lifted_by=by, lifted_because=because):
        generation.bump()


def _lock(merchant_id: int) -> Merchant:
    """The shop, held: what is counted for it cannot change meanwhile. New offers and clicks do not wait for this."""
    return Merchant.objects.select_for_update(no_key=True).get(pk=merchant_id)


def _confirmed_counterfeits(merchant: Merchant) -> int:
    """How many verified readers reported a counterfeit that was confirmed since the shop was last let back in."""
    confirmed = OfferReport.objects.filter(
        ticket__offer__merchant=merchant,
        ticket__kind=ProblemKind.FAKE,
        ticket__state=Ticket.State.CONFIRMED,
        is_verified=True,
        user__isnull=False,
    )
    lifted = merchant.suspensions.filter(lifted_at__isnull=False, is_void=False).order_by("-lifted_at").first()
    if lifted is not None:
        confirmed = confirmed.filter(ticket__closed_at__gt=lifted.lifted_at)
    return confirmed.values("user").distinct().count()


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
