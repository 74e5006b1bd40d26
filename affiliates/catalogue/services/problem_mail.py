"""Telling those concerned what became of a report: readers, the shop's people, and the operator where it is late."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable
from smtplib import SMTPRecipientsRefused
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from affiliates.catalogue.domain.problems import OBJECTION_WITHIN
from affiliates.catalogue.models import HealthState, OfferReport, Suspension, Ticket
from affiliates.catalogue.selectors.problems import decisions_to_tell, late_tickets, outcome_of, suspensions_to_tell
from affiliates.catalogue.services.problems import may_object
from affiliates.parties.models import Merchant, MerchantMember
from community.models import User
from community.services.operators import tell_operators

logger = logging.getLogger(__name__)
_BATCH = 100


def answer_reporters(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Mail those whose report was settled; the unanswered report is the queue. Returns how many were told.

    A mail that cannot be sent is tried again by the next call; one that was sent is never sent again, unless the
    process dies between sending and noting it.
    """
    told = 0
    waiting = (
        OfferReport.objects.filter(answered_at__isnull=True, user__isnull=False, ticket__closed_at__isnull=False)
        .exclude(user__is_active=False)
        .select_related("user", "ticket__offer__product", "ticket__offer__merchant")
        .order_by("created_at", "pk")
    )
    for report in waiting[:limit]:
        try:
            _answer(report)
        except OSError:
            logger.exception("The answer to report %s could not be sent", report.pk)
            break
        OfferReport.objects.filter(pk=report.pk).update(answered_at=now)
        told += 1
    return told


def tell_shops(*, now: dt.datetime, limit: int = _BATCH) -> int:
    """Mail shops' members that their shop was suspended and how reports on their offers were decided, with the reason
    and the last day to object. Returns of how many suspensions and decisions they were told.

    What could not be sent to one of a shop's members is sent to all of them again by the next call.
    """
    told = 0
    try:
        for suspension in suspensions_to_tell()[:limit]:
            _tell_of_suspension(suspension, now)
            Suspension.objects.filter(pk=suspension.pk).update(members_told_at=now)
            told += 1
        for ticket in decisions_to_tell()[:limit]:
            _tell_of_decision(ticket, now)
            Ticket.objects.filter(pk=ticket.pk, closed_at=ticket.closed_at).update(shop_told_at=now)
            told += 1
    except OSError:
        logger.exception("A shop could not be told of a decision")
    return told


def tell_of_late_answers(*, now: dt.datetime) -> int:
    """The operator hears once of each report whose answer is late. Returns of how many. May be repeated."""
    keys = list(late_tickets(now).filter(late_told_at__isnull=True).values_list("pk", flat=True)[: _BATCH * 10])
    late = Ticket.objects.filter(pk__in=keys, late_told_at__isnull=True).update(late_told_at=now) if keys else 0
    if late:
        with override(settings.LANGUAGE_CODE):
            subject = ngettext(
                "Vitrina: a reader's report is not answered in time",
                "Vitrina: %(number)d readers' reports are not answered in time",
                late,
            )
            lines = [
                _("Each was promised an answer by a time that has passed. They wait here:"),
                settings.BASE_URL + reverse("catalogue_problems"),
            ]
            tell_operators(subject=subject % {"number": late}, body="\n".join(lines))
    return late


def _answer(report: OfferReport) -> None:
    ticket = report.ticket

    def facts() -> dict[str, Any]:
        return {
            "product": str(ticket.offer.product),
            "shop": ticket.offer.merchant.name,
            "kind": ticket.get_kind_display(),
            "outcome": outcome_of(ticket),
            "again": ticket.objected_at is not None,
            "address": f"{settings.BASE_URL}{reverse('catalogue:ticket', args=[ticket.ref])}",
        }

    if report.user is not None:
        _send(report.user, "report_answered", gettext_lazy("Your report on %(product)s"), facts)


def _tell_of_suspension(suspension: Suspension, now: dt.datetime) -> None:
    merchant = suspension.merchant

    def facts() -> dict[str, Any]:
        return {
            "shop": merchant.name,
            "reason": suspension.reason,
            "began_at": suspension.began_at,
            "until": suspension.object_by if suspension.object_by > now and not suspension.objected_at else None,
            "address": _portal(merchant),
        }

    for user in _people_of(merchant):
        _send(user, "shop_suspended", gettext_lazy("%(shop)s was suspended"), facts)


def _tell_of_decision(ticket: Ticket, now: dt.datetime) -> None:
    merchant = ticket.offer.merchant

    def facts() -> dict[str, Any]:
        return {
            "shop": merchant.name,
            "product": str(ticket.offer.product),
            "listing": ticket.offer.external_id,
            "kind": ticket.get_kind_display(),
            "country": ticket.country,
            "confirmed": ticket.state == Ticket.State.CONFIRMED,
            "again": ticket.objected_at is not None,
            "found": HealthState(ticket.found).label if ticket.found else "",
            "outcome": outcome_of(ticket),
            "until": ticket.closed_at + OBJECTION_WITHIN if ticket.closed_at and may_object(ticket, now) else None,
            "address": _portal(merchant),
        }

    for user in _people_of(merchant):
        _send(user, "report_decided", gettext_lazy("A reader's report on %(product)s at %(shop)s"), facts)


def _people_of(merchant: Merchant) -> list[User]:
    """Who acts for a shop and can read what it is told."""
    members = MerchantMember.objects.filter(merchant=merchant, merchant__is_active=True, user__is_active=True)
    return [member.user for member in members.select_related("user").order_by("pk")]


def _portal(merchant: Merchant) -> str:
    return f"{settings.BASE_URL}/brands/problems/?merchant={merchant.slug}"


def _send(user: User, template: str, subject: Promise, facts: Callable[[], dict[str, Any]]) -> None:
    """Mail it in the person's language. An address that is refused for good holds up nobody else."""
    with override(user.language or settings.LANGUAGE_CODE):
        context = {"name": user.get_full_name(), **facts()}
        text = render_to_string(f"catalogue/mail/{template}.txt", context)
        try:
            send_mail(" ".join((str(subject) % context).split())[:200], text, None, [user.email])
        except SMTPRecipientsRefused:
            logger.warning("The address of person %s is refused", user.pk)
